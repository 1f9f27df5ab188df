"""The benchmark runs, kills included, and finds nothing lost or double; its figures have the names of the issue."""

from vostro.api import bench_events


def test_a_small_bench_of_events() -> None:
    found = bench_events(events=4_000, singles=300, looks=10, kills=3)
    wanted = {
        "per_second",
        "per_second_core",
        "single_per_second",
        "visible_p99_ms",
        "lost",
        "doubled",
        "kills",
    }
    assert wanted <= found.keys()
    assert (found["lost"], found["doubled"], found["kills"]) == (0, 0, 3)
    assert found["acknowledged"] > 0
    assert min(found["per_second"], found["per_second_core"], found["single_per_second"]) > 0
