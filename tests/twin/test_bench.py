"""A bank of a million customers takes seconds; here a tenth of it, against a generous limit."""

from vostro.twin import bench_twin


def test_grows_in_seconds() -> None:
    figures = bench_twin(customers=100_000)
    assert figures["seconds"] < 15
    parts = figures["draw_seconds"] + figures["write_seconds"] + figures["answer_seconds"]
    assert abs(parts - figures["seconds"]) < 0.01
