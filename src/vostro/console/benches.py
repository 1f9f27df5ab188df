"""Benchmarks 基准测试: what does this machine do right now? Each prints one JSON object."""

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

__all__ = ["run_bench"]


def run_bench(name: str, *, rows: int) -> None:
    """Run a benchmark and print what it measured."""
    benches: Mapping[str, Callable[[int], dict[str, object]]] = {"load": _load, "rules": _rules}
    sys.stdout.write(json.dumps({"bench": name, **benches[name](rows)}) + "\n")


def _load(rows: int) -> dict[str, object]:
    from vostro.capture import bench_load

    with tempfile.TemporaryDirectory(prefix="vostro-bench-") as folder:
        return dict(bench_load(rows=rows, folder=Path(folder)))


def _rules(rows: int) -> dict[str, object]:
    from vostro.portrait import bench_rules

    del rows  # the rules are timed on one customer
    return {"rules": 50, "microseconds": bench_rules()}
