"""Contract of estimators 模型契约: what must every estimator of a probability keep?

Whoever writes a new estimator runs ``check_estimator`` in its tests; it fails with an
``AssertionError`` that says which promise is broken.
"""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.frames import Frame
from vostro.words import VostroError

__all__ = ["KeptEstimator", "check_estimator", "frame_kinds"]

Floats = npt.NDArray[np.float64]


class KeptEstimator(Protocol):
    """An estimator of a probability that can be stored."""

    def fit(self, frame: Frame, *, target: Any) -> Any:
        """Learn."""

    def predict(self, frame: Frame) -> Floats:
        """Return probabilities, shape (n,)."""

    def save(self, path: Path) -> None:
        """Write to a file."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read from a file."""

    @property
    def version(self) -> str:
        """Digest of all that the estimator is."""


Make = Callable[[int], KeptEstimator]


def check_estimator(make: Make, frame: pl.DataFrame, *, target: str, folder: Path) -> list[str]:
    """Check an estimator against the contract, and return the promises that it kept.

    Args:
        make: gives a fresh estimator for a seed.
        frame: some hundred rows that the estimator can learn from, the target among the columns.
        target: name of the target's column.
        folder: where a model file may be written.
    """
    fitted = make(0)
    fitted.fit(frame, target=target)
    inputs = frame.drop(target)
    said = fitted.predict(inputs)
    checks: dict[str, Callable[[], None]] = {
        "predicts one probability a row": lambda: _shape(said, frame.height),
        "no row: no probability": lambda: _shape(fitted.predict(inputs.head(0)), 0),
        "one customer is a batch of one": lambda: _alone(fitted, inputs, said),
        "the order of rows does not matter": lambda: _rows(fitted, inputs, said),
        "the order of columns does not matter": lambda: _columns(make, fitted, frame, target, said),
        "other columns do not matter": lambda: _others(fitted, inputs, said),
        "the same seed gives the same version": lambda: _again(make, fitted, frame, target, said),
        "every kind of frame gives the same": lambda: _kinds(make, fitted, frame, target, said),
        "saved and loaded it says the same": lambda: _stored(fitted, inputs, said, folder),
        "a missing column is a clear error": lambda: _refuses(lambda: _narrow(fitted, inputs)),
        "a target that is absent is a clear error": lambda: _refuses(
            lambda: make(0).fit(inputs, target=target)
        ),
        "one outcome only is a clear error": lambda: _refuses(lambda: _one_outcome(make, frame, target)),
        "untrained it is a clear error": lambda: _refuses(lambda: make(0).predict(inputs)),
        "training leaves the frame alone": lambda: _untouched(make, frame, target),
    }
    for promise, check in checks.items():
        try:
            check()
        except AssertionError as error:
            raise AssertionError(f"promise broken: {promise}. {error}") from error
    return list(checks)


def frame_kinds(frame: pl.DataFrame) -> Iterator[tuple[str, Any]]:
    """Yield the frame as every kind that can be made here, with the kind's name."""
    yield "polars", frame
    yield "polars lazy", frame.lazy()
    yield "arrow", frame.to_arrow()
    if find_spec("pandas"):
        yield "pandas", frame.to_pandas()


def _shape(said: Floats, rows: int) -> None:
    assert isinstance(said, np.ndarray) and said.shape == (rows,), f"shape {np.shape(said)}, not ({rows},)"
    assert said.dtype == np.float64, f"dtype {said.dtype}, not float64"
    assert ((said >= 0) & (said <= 1)).all(), "a value is NaN or outside 0 and 1"


def _alone(fitted: KeptEstimator, inputs: pl.DataFrame, said: Floats) -> None:
    for row in (0, inputs.height // 2, inputs.height - 1):
        assert fitted.predict(inputs[row : row + 1])[0] == said[row], (
            f"row {row} differs when it stands alone"
        )


def _rows(fitted: KeptEstimator, inputs: pl.DataFrame, said: Floats) -> None:
    assert np.array_equal(fitted.predict(inputs.reverse()), said[::-1])


def _columns(make: Make, fitted: KeptEstimator, frame: pl.DataFrame, target: str, said: Floats) -> None:
    turned = frame.select(frame.columns[::-1])
    assert np.array_equal(fitted.predict(turned.drop(target)), said), "while predicting"
    again = make(0)
    again.fit(turned, target=target)
    assert np.array_equal(again.predict(frame.drop(target)), said), "while training"


def _others(fitted: KeptEstimator, inputs: pl.DataFrame, said: Floats) -> None:
    more = inputs.with_columns(pl.Series("a_column_of_no_use", np.arange(inputs.height)))
    assert np.array_equal(fitted.predict(more), said)


def _again(make: Make, fitted: KeptEstimator, frame: pl.DataFrame, target: str, said: Floats) -> None:
    again = make(0)
    again.fit(frame, target=target)
    assert again.version == fitted.version, "the versions differ"
    assert np.array_equal(again.predict(frame.drop(target)), said), "the predictions differ"


def _kinds(make: Make, fitted: KeptEstimator, frame: pl.DataFrame, target: str, said: Floats) -> None:
    for kind, given in frame_kinds(frame.drop(target)):
        assert np.array_equal(fitted.predict(given), said), f"predicting from {kind}"
    for kind, given in frame_kinds(frame):
        again = make(0)
        again.fit(given, target=target)
        assert np.array_equal(again.predict(frame.drop(target)), said), f"training on {kind}"


def _stored(fitted: KeptEstimator, inputs: pl.DataFrame, said: Floats, folder: Path) -> None:
    first, second = folder / "first.json", folder / "second.json"
    fitted.save(first)
    loaded = type(fitted).load(first)
    assert loaded.version == fitted.version, "the versions differ"
    assert np.array_equal(loaded.predict(inputs), said), "the predictions differ"
    loaded.save(second)
    assert first.read_bytes() == second.read_bytes(), "saved again, the bytes differ"


def _narrow(fitted: KeptEstimator, inputs: pl.DataFrame) -> None:
    for column in inputs.columns:
        fitted.predict(inputs.drop(column))


def _one_outcome(make: Make, frame: pl.DataFrame, target: str) -> None:
    first = frame[target][0]
    make(0).fit(frame.filter(pl.col(target) == first), target=target)


def _untouched(make: Make, frame: pl.DataFrame, target: str) -> None:
    before = frame.clone()
    make(0).fit(frame, target=target)
    assert frame.equals(before)


def _refuses(act: Callable[[], object]) -> None:
    try:
        act()
    except VostroError as error:
        assert error.say("en") and error.say("zh"), "the error has no words"
    else:
        raise AssertionError("it was accepted")
