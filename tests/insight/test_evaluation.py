"""Shuffled evaluation: nothing of a fold is known while it is estimated."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from vostro.insight import evaluate_shuffled
from vostro.insight.frames import as_polars

from .conftest import people


class _Parrot:
    """Says the outcome of rows that it has seen, and one half of any other."""

    def fit(self, frame: Any, *, target: Any) -> "_Parrot":
        assert "target" not in as_polars(frame).columns
        self.seen = dict(zip(as_polars(frame)["row"].to_list(), np.asarray(target).tolist(), strict=True))
        return self

    def predict(self, frame: Any) -> np.ndarray:
        return np.array([self.seen.get(row, 0.5) for row in as_polars(frame)["row"].to_list()])


def test_a_parrot_knows_nothing() -> None:
    frame = pl.DataFrame({"row": range(100), "target": [0, 1] * 50})
    found = evaluate_shuffled(frame, "target", make=lambda _: _Parrot())
    assert (found.auc, found.best_half, found.calibration_error) == (0.5, 1.0, 0.0)


def test_the_truth_itself_is_measured_as_it_is() -> None:
    frame, chance = people(4000, seed=8)

    class Oracle(_Parrot):
        def predict(self, inputs: Any) -> np.ndarray:
            return chance[as_polars(inputs)["row"].to_numpy()]

    rows = pl.DataFrame({"row": np.arange(4000)})
    found = evaluate_shuffled(rows, frame["responded"], make=lambda _: Oracle(), folds=4)
    assert found.folds == len(found.auc_folds) == 4
    assert found.auc_low < found.auc < found.auc_high
    assert min(found.auc_folds) < found.auc < max(found.auc_folds)
    assert found.calibration_error < 0.02
    assert found.best_tenth == pytest.approx(found.lift[0].lift)
    assert found.best_half == pytest.approx(np.mean([row.lift for row in found.lift[:5]]))
    assert (found.rows, found.rows_positive) == (4000, frame["responded"].sum())


def test_the_same_seed_gives_the_same_figures_and_progress_is_told(small: pl.DataFrame) -> None:
    heard: list[tuple[int, int]] = []
    one = evaluate_shuffled(small, "responded", folds=2, seed=4, progress=lambda *done: heard.append(done))
    assert heard == [(1, 2), (2, 2)]
    assert evaluate_shuffled(small.to_arrow(), "responded", folds=2, seed=4) == one
    assert evaluate_shuffled(small, "responded", folds=2, seed=5) != one
