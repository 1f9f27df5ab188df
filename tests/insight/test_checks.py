"""The contract of estimators: ours keep it, and a broken one is found out."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from vostro.insight import ResponseModel, check_estimator
from vostro.insight.frames import as_polars


def test_the_response_model_keeps_every_promise(small: pl.DataFrame, tmp_path: Path) -> None:
    kept = check_estimator(lambda seed: ResponseModel(seed=seed), small, target="responded", folder=tmp_path)
    assert len(kept) == 14


def test_so_does_one_with_contexts(small: pl.DataFrame, tmp_path: Path) -> None:
    def make(seed: int) -> ResponseModel:
        return ResponseModel(seed=seed, contexts=[("job", "card")])

    check_estimator(make, small, target="responded", folder=tmp_path)


class _Crowd(ResponseModel):
    """Looks at the other rows: one customer is no batch of one."""

    def predict(self, frame: Any) -> np.ndarray:
        return super().predict(frame) * 0.5 + 0.001 * as_polars(frame).height / 10_000


class _Dice(ResponseModel):
    """Another answer each time."""

    def predict(self, frame: Any) -> np.ndarray:
        found = super().predict(frame)
        return np.clip(found + np.random.default_rng().normal(0, 1e-6, found.shape), 0, 1)


class _Blind(ResponseModel):
    """Takes any frame."""

    def predict(self, frame: Any) -> np.ndarray:
        kept = as_polars(frame)
        wanted = {"age": 40, "balance": 1.0, "job": "clerk", "card": True, "opened": None}
        missing = [pl.lit(value).alias(name) for name, value in wanted.items() if name not in kept.columns]
        return super().predict(kept.with_columns(missing))


@pytest.mark.parametrize(
    ("broken", "promise"),
    [(_Crowd, "batch of one"), (_Dice, "batch of one"), (_Blind, "missing column")],
)
def test_a_broken_promise_is_named(broken: type, promise: str, small: pl.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=promise):
        check_estimator(lambda seed: broken(seed=seed), small, target="responded", folder=tmp_path)
