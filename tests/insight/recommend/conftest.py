"""Baskets and customers whose truth is known, and the real baskets."""

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl
import pytest


@pytest.fixture(scope="session")
def extra() -> Callable[[str, str], None]:
    """Skip, or fail when everything is required, where an optional library is absent."""

    def need(library: str, extra: str) -> None:
        if find_spec(library):
            return
        message = f"{library} is an extra: pip install 'vostro[{extra}]'"
        if os.environ.get("VOSTRO_REQUIRE") == "1":
            pytest.fail(message + " (VOSTRO_REQUIRE=1)")
        pytest.skip(message)

    return need


@pytest.fixture(scope="session")
def groceries(data_dir: Path) -> pl.DataFrame:
    """The 9,835 real baskets."""
    from vostro.insight.recommend.bench import read_groceries

    return read_groceries(data_dir)


@pytest.fixture(scope="session")
def holdings() -> pl.DataFrame:
    """2,000 customers of two kinds who take most items of their own kind's half of 20 products."""
    draw = np.random.default_rng(5)
    rows = np.repeat(np.arange(2_000), 6)
    own = draw.random(len(rows)) < 0.9
    kind = np.where(own, rows % 2, 1 - rows % 2)
    share = np.arange(1, 11) ** -0.5
    item = kind * 10 + draw.choice(10, len(rows), p=share / share.sum())
    return pl.DataFrame(
        {
            "customer": [f"c{row:04}" for row in rows],
            "item": [f"p{i:02}" for i in item],
            "time": draw.random(len(rows)),
        }
    )
