"""The library of the extra, and prices whose truth is known."""

import os
from importlib.util import find_spec

import numpy as np
import polars as pl
import pytest


@pytest.fixture(scope="session", autouse=True)
def skfolio() -> None:
    """Skip without the extra; with VOSTRO_REQUIRE=1 it must be there."""
    if find_spec("skfolio"):
        return
    message = "skfolio is not installed: pip install 'vostro[wealth]'"
    if os.environ.get("VOSTRO_REQUIRE") == "1":
        pytest.fail(message + " (VOSTRO_REQUIRE=1)")
    pytest.skip(message)


def priced(returns: np.ndarray, names: str = "abcdefgh") -> pl.DataFrame:
    """Prices that give these returns, shape (days, assets), with day numbers as times."""
    prices = 100 * np.vstack([np.ones(returns.shape[1]), np.cumprod(1 + returns, axis=0)])
    columns = {name: prices[:, i] for i, name in enumerate(names[: returns.shape[1]])}
    return pl.DataFrame({"time": np.arange(len(prices)), **columns})


@pytest.fixture(scope="session")
def three() -> np.ndarray:
    """Returns of three assets of volatility 1 : 2 : 4, the first two correlated, 1,500 days."""
    draw = np.random.default_rng(7)
    common = draw.normal(size=(1500, 1))
    own = draw.normal(size=(1500, 3))
    mixed = np.hstack([0.6 * common + 0.8 * own[:, :1], 0.6 * common + 0.8 * own[:, 1:2], own[:, 2:]])
    return 0.0003 + mixed * np.array([0.005, 0.010, 0.020])
