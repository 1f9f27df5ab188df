"""Customers whose uplift is known exactly, the real e-mail experiment, and the libraries that give a second opinion."""

import importlib
import os
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

Floats = npt.NDArray[np.float64]


def library(name: str) -> ModuleType:
    """Return a library that is not needed to run Vostro, or skip; with VOSTRO_REQUIRE=1 it must be there."""
    try:
        return importlib.import_module(name)
    except ImportError:
        message = f"{name} is absent: pip install the extra of second opinions (scikit-uplift, econml)"
        if os.environ.get("VOSTRO_REQUIRE") == "1":
            pytest.fail(message + " (VOSTRO_REQUIRE=1)")
        pytest.skip(message)


@pytest.fixture(scope="session")
def hillstrom(data_dir: Path) -> pl.DataFrame:
    """The 64,000 customers of the e-mail experiment."""
    path = data_dir / "hillstrom_email" / "hillstrom.csv.gz"
    if not path.is_file():
        pytest.skip(f"{path} is absent: set VOSTRO_DATA")
    return pl.read_csv(path, infer_schema_length=None)


def world(rows: int, seed: int, *, moved: bool = True) -> tuple[pl.DataFrame, Floats]:
    """Customers drawn into arm or control by a coin, and the true uplift of each, shape (rows,).

    Those with an app are moved much (log-odds + 1), the others not at all; with ``moved=False`` all alike by 0.5.
    """
    draw = np.random.default_rng(seed)
    app = draw.random(rows) < 0.4
    age = draw.integers(18, 80, rows)
    city = draw.choice(["north", "south", "west"], rows, p=[0.5, 0.3, 0.2])
    base = -1.6 + 0.02 * (age - 45) + 0.5 * (city == "south") - 0.3 * app
    extra = np.where(app, 1.0, 0.0) if moved else np.full(rows, 0.5)
    without, given = chance(base), chance(base + extra)
    arm = draw.random(rows) < 0.5
    bought = draw.random(rows) < np.where(arm, given, without)
    frame = pl.DataFrame(
        {
            "app": app,
            "age": pl.Series(age).set(pl.Series(draw.random(rows) < 0.05), None),
            "city": city,
            "noise": draw.normal(size=rows),
            "arm": arm,
            "bought": bought,
        }
    )
    return frame, given - without


def chance(score: Floats) -> Floats:
    """Log-odds as a probability."""
    return 1 / (1 + np.exp(-score))


@pytest.fixture(scope="session")
def known() -> tuple[pl.DataFrame, Floats]:
    """Some thousand customers, enough to learn from."""
    return world(6000, seed=1)


@pytest.fixture(scope="session")
def others() -> tuple[pl.DataFrame, Floats]:
    """As many more, to measure on."""
    return world(6000, seed=2)
