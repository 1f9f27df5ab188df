"""Benchmarks 基准测试: what does this machine do right now? Each prints one JSON object."""

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

__all__ = ["run_bench"]


def run_bench(name: str, *, rows: int, data: Path | None) -> None:
    """Run a benchmark and print what it measured."""
    benches: Mapping[str, Callable[[], dict[str, object]]] = {
        "load": lambda: _load(rows),
        "rules": _rules,
        "waves": lambda: _waves(data or Path()),
    }
    sys.stdout.write(json.dumps({"bench": name, **benches[name]()}) + "\n")


def _load(rows: int) -> dict[str, object]:
    from vostro.capture import bench_load

    with tempfile.TemporaryDirectory(prefix="vostro-bench-") as folder:
        return dict(bench_load(rows=rows, folder=Path(folder)))


def _waves(data: Path) -> dict[str, object]:
    from vostro.insight import bench_waves

    return bench_waves(data)


def _rules() -> dict[str, object]:
    from vostro.portrait import bench_rules

    return {"rules": 50, "microseconds": bench_rules()}
