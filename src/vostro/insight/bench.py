"""Bench of waves 分批评估基准: how does the time-aware model compare with a plain one, whatever the partition?

One partition into waves is one draw; ten of them, and another file of the same bank, say how much
of a figure is luck. Both models see the same rows and are measured in the same run.
"""

from pathlib import Path
from time import perf_counter
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.errors import BenchFileError
from vostro.insight.trees import lightgbm
from vostro.insight.waves import evaluate_waves, score_waves

__all__ = ["PARTITIONS", "bench_waves"]

Floats = npt.NDArray[np.float64]

FILE = "bank-additional-full.csv*"
PARTITIONS = (  # size of a wave, first call that is scored
    (2000, 8000),
    (1000, 8000),
    (1500, 8000),
    (2500, 8000),
    (3000, 8000),
    (2000, 8500),
    (2000, 9000),
    (2000, 9500),
    (1000, 8500),
    (3000, 8500),
)


class PlainModel:
    """LightGBM with its defaults on all columns: what most people would try first."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._booster: Any = None
        self._levels: dict[str, dict[str, int]] = {}

    def fit(self, frame: pl.DataFrame, *, target: Floats) -> Self:
        """Learn from a frame; texts become categories."""
        for name, dtype in frame.schema.items():
            if dtype == pl.String:
                self._levels[name] = {v: i for i, v in enumerate(frame[name].drop_nulls().unique().sort())}
        given = {
            "objective": "binary",
            "verbosity": -1,
            "seed": self.seed,
            "deterministic": True,
            "num_threads": 1,
        }
        categories = [frame.columns.index(name) for name in self._levels]
        data = lightgbm().Dataset(self._matrix(frame), target, categorical_feature=categories)
        self._booster = lightgbm().train(given, data, num_boost_round=100)
        return self

    def predict(self, frame: pl.DataFrame) -> Floats:
        """Return probabilities, shape (n,)."""
        return np.asarray(self._booster.predict(self._matrix(frame)), dtype=np.float64)

    def _matrix(self, frame: pl.DataFrame) -> Floats:
        numbers = [
            pl.col(name).replace_strict(self._levels[name], default=None, return_dtype=pl.Float64)
            if name in self._levels
            else pl.col(name).cast(pl.Float64)
            for name in frame.columns
        ]
        return frame.select(numbers).to_numpy()


def bench_waves(data: Path, *, seed: int = 20081105) -> dict[str, object]:
    """Measure the best fifth of every partition for both models.

    Args:
        data: folder with ``bank-additional-full.csv`` (or .gz) of the UCI set "Bank Marketing".
        seed: of both models.

    Raises:
        BenchFileError: the file is not there.
    """
    began = perf_counter()
    frame, target = _read(data)
    rows = [_partition(frame, target, size, first, seed) for size, first in PARTITIONS]
    ours, plain = ([row[name] for row in rows] for name in ("best_fifth", "plain"))
    return {
        "partitions": rows,
        "best_fifth_mean": float(np.mean(ours)),
        "plain_mean": float(np.mean(plain)),
        "rows": frame.height,
        "seconds": perf_counter() - began,
    }


def _partition(frame: pl.DataFrame, target: Floats, size: int, first: int, seed: int) -> dict[str, float]:
    found = evaluate_waves(score_waves(frame, target, size=size, first=first, seed=seed), target)
    plain = evaluate_waves(
        score_waves(frame, target, size=size, first=first, seed=seed, make=PlainModel), target
    )
    return {
        "size": size,
        "first": first,
        "best_fifth": found.best_fifth or 0.0,
        "best_fifth_low": found.best_fifth_low or 0.0,
        "best_fifth_high": found.best_fifth_high or 0.0,
        "plain": plain.best_fifth or 0.0,
    }


def _read(data: Path) -> tuple[pl.DataFrame, Floats]:
    """Return the calls in order of time without ``duration``, which is known only after the call."""
    found = sorted(data.glob(FILE))
    if not found:
        raise BenchFileError(file=FILE, folder=str(data))
    frame = pl.read_csv(
        found[0], separator=";", infer_schema_length=None, null_values=["unknown", "nonexistent"]
    )
    frame = frame.with_columns(pdays=pl.col("pdays").replace(999, None))
    return frame.drop("y", "duration"), (frame["y"] == "yes").cast(pl.Float64).to_numpy()
