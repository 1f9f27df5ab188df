"""Customers whose chance of a response is known exactly, and the real calls."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest


@pytest.fixture(scope="session")
def real_calls(data_dir: Path) -> pl.DataFrame:
    """The 41,188 real calls, without the duration that is known only after the call."""
    path = data_dir / "bank_marketing" / "bank-additional-full.csv.gz"
    if not path.is_file():
        pytest.skip(f"{path} is absent: set VOSTRO_DATA")
    frame = pl.read_csv(path, separator=";", infer_schema_length=None, null_values=["unknown"])
    days = pl.when(pl.col("pdays") != 999).then(pl.col("pdays"))
    return frame.drop("duration").with_columns(days.alias("pdays"))


def people(rows: int, seed: int) -> tuple[pl.DataFrame, npt.NDArray[np.float64]]:
    """Customers of every kind of column, and the true chance of each, shape (rows,)."""
    draw = np.random.default_rng(seed)
    age = draw.integers(18, 80, rows)
    balance = draw.lognormal(7, 1, rows)
    job = draw.choice(["clerk", "farmer", "student", "retired"], rows, p=[0.5, 0.2, 0.2, 0.1])
    card = draw.random(rows) < 0.4
    tenure_days = draw.integers(10, 4000, rows)
    effect = {"clerk": 0.0, "farmer": -0.8, "student": 0.7, "retired": 1.5}
    logodds = (
        -2.2 + np.vectorize(effect.get)(job) + 0.8 * card + 0.5 * (np.log(balance) - 7) - (age > 60) * 0.6
    )
    chance = 1 / (1 + np.exp(-logodds))
    opened = np.datetime64("2026-01-01") - tenure_days.astype("timedelta64[D]")
    frame = pl.DataFrame(
        {
            "age": age,
            "balance": pl.Series(np.where(draw.random(rows) < 0.1, np.nan, balance)).fill_nan(None),
            "job": pl.Series(job).set(pl.Series(draw.random(rows) < 0.05), None),
            "card": card,
            "opened": opened,
            "responded": draw.random(rows) < chance,
        }
    )
    return frame, chance


@pytest.fixture(scope="session")
def small() -> pl.DataFrame:
    """A frame that is learnt from in a moment."""
    return people(600, seed=3)[0]
