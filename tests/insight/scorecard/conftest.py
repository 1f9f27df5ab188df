"""Applicants whose chance is known exactly, and other libraries to compare with."""

import os
from importlib import import_module
from types import ModuleType

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

Floats = npt.NDArray[np.float64]


def second_opinion(name: str, extra: str) -> ModuleType:
    """Return a library of an extra, or skip; with VOSTRO_REQUIRE=1 it must be there."""
    try:
        return import_module(name)
    except ImportError:
        message = f"{name} is absent: pip install 'vostro[{extra}]'"
        if os.environ.get("VOSTRO_REQUIRE") == "1":
            pytest.fail(message + " (VOSTRO_REQUIRE=1)")
        pytest.skip(message)


def borrowers(rows: int, seed: int) -> tuple[pl.DataFrame, Floats]:
    """Borrowers with missing, special and rare values, and the true chance of each to default, shape (rows,)."""
    draw = np.random.default_rng(seed)
    use = draw.beta(2, 3, rows)
    months = draw.integers(0, 240, rows).astype(float)
    none = draw.random(rows) < 0.1
    job = draw.choice(["clerk", "worker", "self", "civil", "actor"], rows, p=[0.4, 0.3, 0.2, 0.0995, 0.0005])
    effect = {"clerk": 0.0, "worker": 0.4, "self": 0.8, "civil": -0.7, "actor": 0.0}
    hidden = draw.random(rows) < 0.15
    logodds = -2.6 + 3.0 * (use - 0.4) - 0.004 * months + 0.5 * hidden + np.vectorize(effect.get)(job)
    logodds = np.where(none, logodds + 0.6, logodds)
    chance = 1 / (1 + np.exp(-logodds))
    frame = pl.DataFrame(
        {
            "use": pl.Series(np.where(hidden, np.nan, use)).fill_nan(None),
            "months": np.where(none, -999.0, months),
            "job": job,
            "noise": draw.normal(size=rows),
            "default": draw.random(rows) < chance,
        }
    )
    return frame, chance


@pytest.fixture(scope="session")
def loans() -> pl.DataFrame:
    """A frame that is learnt from in a moment."""
    return borrowers(4000, seed=3)[0]
