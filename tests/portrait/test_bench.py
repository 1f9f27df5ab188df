"""Fifty rules on one customer: 1.4 microseconds on a quiet machine; ten tags."""

from vostro.portrait import bench_rules


def test_fifty_rules_on_one_customer_take_microseconds():
    assert bench_rules(repeats=300) < 60  # 1.4 on a quiet machine; ten tags, fifty rules
