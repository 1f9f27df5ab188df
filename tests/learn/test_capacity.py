"""Another capacity is reckoned only for those whose outcomes somebody stands for."""

import math

import polars as pl
import pytest

from vostro.learn import CapacityPoint, what_if_capacity
from vostro.words import Money


def points(
    rows: list[tuple[int, str, bool, float, float, bool]], actual: float
) -> dict[float, CapacityPoint]:
    columns = ["wave", "verdict", "would_be_chosen", "value", "contact_probability", "success"]
    types = [pl.Int64, pl.String, pl.Boolean, pl.Float64, pl.Float64, pl.Boolean]
    table = pl.DataFrame(rows, schema=dict(zip(columns, types, strict=True)), orient="row")
    found = what_if_capacity(
        table,
        replays_history=False,
        actual_share=actual,
        margin=Money.parse("100 EUR"),
        contact_cost=Money.parse("4 EUR"),
    )
    assert all(math.isfinite(each.net_value_amount) for each in found)
    return {each.share: each for each in found}


CONTROL = (0, "control", True, 10.0, 0.5, True)


def test_a_wave_without_exploration_is_not_reckoned_beyond_its_reach() -> None:
    wave_0 = [CONTROL, (0, "chosen", True, 9.0, 0.5, True), (0, "explored", False, 1.0, 0.5, False)]
    wave_0 += [(0, "not_chosen", False, 0.5, 0.5, False)]
    wave_1 = [(1, "chosen", True, 9.0, 0.5, True), (1, "control", True, 8.0, 0.5, False)]
    wave_1 += [(1, "not_chosen", False, 1.0, 0.0, True), (1, "not_chosen", False, 0.5, 0.0, True)]
    assert max(points(wave_0, 0.25)) == 1.0
    assert max(points(wave_0 + wave_1, 0.25)) <= 0.6, "two of the second wave's four had no chance"


def test_among_equal_values_those_with_a_seat_come_first() -> None:
    rows = [(0, "not_chosen", False, 5.0, 0.0, False), (0, "chosen", True, 5.0, 0.5, True)]
    rows += [(0, "control", True, 5.0, 0.5, False), (0, "not_chosen", False, 5.0, 0.0, False)]
    assert points(rows, 0.25)[0.25].successes == 2.0


def test_without_a_control_group_nothing_is_claimed() -> None:
    assert points([(0, "chosen", True, 5.0, 1.0, True), (0, "not_chosen", False, 1.0, 0.0, False)], 0.5) == {}


def test_nobody_contactable_has_no_points() -> None:
    assert points([], 0.0) == {}


def test_the_control_groups_own_successes_are_taken_off() -> None:
    rows = [CONTROL, (0, "chosen", True, 9.0, 0.5, True)]
    found = points(rows, 0.5)[1.0]
    assert found.successes == 2.0 and found.net_value_amount == pytest.approx((2 - 2) * 100 - 2 * 4)
