"""The benches run, and say what the issue asks for."""

from vostro.portrait.online import bench_as_of, bench_portraits


def test_as_of(tmp_path):
    found = bench_as_of(rows=4_000, customers=200, asked=20, folder=tmp_path)
    assert found["rows"] == 4_000
    assert 0 < found["p50_ms"] <= found["p99_ms"]
    assert found["tags"] == 60


def test_portraits(tmp_path):
    found = bench_portraits(events=300, customers=300, folder=tmp_path)
    assert found["events"] == 300
    assert found["cpu_us_an_event"] > 0
    assert 300 < found["record_bytes"] < 3_000
