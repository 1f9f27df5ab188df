"""Benchmarks 基准测试: what does this machine do right now? Each prints one JSON object."""

import json
import sys
import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["BENCHES", "run_bench"]


class Bench(NamedTuple):
    """Where a benchmark is, and what its size is called."""

    room: str
    function: str
    size: str | None = None  # the argument that --rows sets
    real: bool = False  # it needs real data


BENCHES: Mapping[str, Bench] = {
    "as-of": Bench("vostro.portrait.online", "bench_as_of", "rows"),
    "audience": Bench("vostro.portrait", "bench_audience", "customers"),
    "audience-portrait": Bench("vostro.portrait", "bench_audience_portrait", "customers"),
    "events": Bench("vostro.api", "bench_events", "events"),
    "insight": Bench("vostro.console.insight_bench", "bench_insight", real=True),
    "link": Bench("vostro.portrait", "bench_link", real=True),
    "link-settings": Bench("vostro.portrait.identity.bench_settings", "bench_link_settings", "seeds"),
    "load": Bench("vostro.capture", "bench_load", "rows"),
    "portraits": Bench("vostro.portrait.online", "bench_portraits", "events"),
    "rules": Bench("vostro.portrait", "bench_rules"),
    "tags": Bench("vostro.portrait.aggregate", "bench_tags", "rows"),
    "tags-spark": Bench("vostro.portrait.aggregate", "bench_tags_spark", "rows"),
    "waves": Bench("vostro.insight", "bench_waves", real=True),
}


def run_bench(name: str, *, rows: int | None, data: Path | None, row: str | None = None) -> None:
    """Run a benchmark and print what it measured.

    Args:
        name: of ``BENCHES``.
        rows: its size, as it counts; None: its own.
        data: the folder of real data, where it needs them.
        row: of the bench ``insight``, only this one.
    """
    bench = BENCHES[name]
    given: dict[str, Any] = {} if rows is None or bench.size is None else {bench.size: rows}
    if bench.real:
        given["data"] = data or Path()
    if name == "insight":
        given["row"] = row
    with tempfile.TemporaryDirectory(prefix="vostro-bench-") as folder:
        if name == "load":
            given["folder"] = Path(folder)
        found = getattr(import_module(bench.room), bench.function)(**given)
    told = {"rules": 50, "microseconds": found} if name == "rules" else dict(found)
    sys.stdout.write(json.dumps({"bench": name, **told}) + "\n")
