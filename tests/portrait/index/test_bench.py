"""The benchmarks run small, and what they count is what DuckDB counts."""

from vostro.portrait import bench_audience, bench_audience_portrait


def test_audience():
    found = bench_audience(20_000, rules=60, compared=12, changes=500)
    assert found["exact"] is True
    assert (found["tags"], found["bitmaps"], found["compared"]) == (200, 440, 12)
    assert found["p50_ms"] <= found["p99_ms"]
    assert found["duckdb_p50_ms"] > 0
    assert 1_800 < found["extracted"] < 2_200


def test_portrait():
    found = bench_audience_portrait(20_000, repeats=1)
    assert found["tags"] == 200
    assert found["bins"] > 500
    assert found["portrait_ms"] > 0
