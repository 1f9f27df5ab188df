"""Several audiences at once are each what they are alone."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.portrait import Tag, audience_portrait, audience_portraits
from vostro.words import Text

NAMES = Text(en="T", zh="甲")
TAGS = {
    "count": Tag(tag="count", type="integer", name=NAMES, dimension="basic"),
    "rate": Tag(tag="rate", type="number", name=NAMES, dimension="basic"),
    "money": Tag(tag="money", type="decimal", name=NAMES, dimension="basic"),
    "word": Tag(
        tag="word", type="text", name=NAMES, dimension="basic", value_names={"a": Text(en="Ay", zh="甲")}
    ),
    "tier": Tag(
        tag="tier",
        type="text",
        name=NAMES,
        dimension="basic",
        tiers=(("low", None), ("mid", None), ("top", None)),
    ),
    "yes": Tag(tag="yes", type="boolean", name=NAMES, dimension="basic"),
    "day": Tag(tag="day", type="date", name=NAMES, dimension="basic"),
    "when": Tag(tag="when", type="moment", name=NAMES, dimension="basic"),
    "secret": Tag(tag="secret", type="text", name=NAMES, dimension="basic", sensitivity="identity"),
    "quiet": Tag(tag="quiet", type="integer", name=NAMES, dimension="basic", uses=("decide",)),
    "nothing": Tag(tag="nothing", type="text", name=NAMES, dimension="basic"),
    "absent": Tag(tag="absent", type="text", name=NAMES, dimension="basic"),
}


def portraits(rng: np.random.Generator, rows: int) -> pl.DataFrame:
    """Every type, with missing values; more words than are shown by themselves."""
    start = datetime(2020, 1, 1, tzinfo=UTC)
    frame = pl.DataFrame(
        {
            "count": rng.poisson(3, rows),
            "rate": rng.normal(0, 100, rows),
            "money": pl.Series([Decimal(int(each)) / 100 for each in rng.integers(0, 10**6, rows)]),
            "word": rng.choice(list("abcdefghijklmno"), rows),
            "tier": rng.choice(["low", "mid", "top"], rows),
            "yes": rng.random(rows) < 0.3,
            "day": [date(2020, 1, 1) + timedelta(days=int(each)) for each in rng.integers(0, 2_000, rows)],
            "when": [start + timedelta(hours=int(each)) for each in rng.integers(0, 40_000, rows)],
            "secret": ["x"] * rows,
            "quiet": [1] * rows,
            "nothing": pl.Series([None] * rows, dtype=pl.String),
        }
    )
    holes = [
        pl.when(pl.Series(rng.random(rows) < 0.2)).then(None).otherwise(pl.col(name)).alias(name)
        for name in frame.columns
    ]
    return frame.select(holes)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), rows=st.integers(1, 200))
def test_each_is_what_it_is_alone(seed: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    frame = portraits(rng, rows)
    masks = {"some": rng.random(rows) < 0.4, "all": np.ones(rows, bool), "none": np.zeros(rows, bool)}
    together = audience_portraits(frame, masks, TAGS)
    assert set(together) == set(masks)
    for name, mask in masks.items():
        assert together[name] == audience_portrait(frame, mask, TAGS)
