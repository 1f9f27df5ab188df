"""Simulated customers whose groups are known."""

import numpy as np
import polars as pl


def three_groups(rows: int = 900, seed: int = 3, apart: float = 4.0) -> tuple[pl.DataFrame, np.ndarray]:
    """Return customers of three hidden groups, told apart by numbers, a word and a yes-or-no; and the groups."""
    rng = np.random.default_rng(seed)
    group = rng.choice(3, rows, p=[0.5, 0.3, 0.2])
    age = rng.normal(30 + apart * 4 * group, 5)
    balance = np.exp(rng.normal(7 + apart / 2 * (group == 1), 0.6))
    city = np.where(rng.random(rows) < 0.9, np.array(["north", "south", "west"])[group], "east")
    card = rng.random(rows) < np.array([0.1, 0.9, 0.5])[group]
    known = rng.random(rows) < 0.9
    frame = pl.DataFrame(
        {
            "customer": [f"c{i:05d}" for i in range(rows)],
            "age": age,
            "balance": pl.Series(np.where(known, balance, np.nan)).fill_nan(None),
            "city": city,
            "card": card,
            "same": "x",
        }
    )
    return frame, group


def one_cloud(rows: int = 600, seed: int = 5) -> pl.DataFrame:
    """Return customers without any groups."""
    rng = np.random.default_rng(seed)
    return pl.DataFrame({name: rng.normal(size=rows) for name in "abcd"})
