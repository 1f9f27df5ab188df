"""Prices are read as returns, or refused with the place."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from vostro.insight.checks import frame_kinds
from vostro.insight.errors import FeatureMissingError, FeatureTypeError, FrameKindError
from vostro.insight.wealth.errors import AssetsFewError, PriceDaysError, PriceRowsError, PriceValueError
from vostro.insight.wealth.prices import read_returns
from vostro.words import VostroError

PRICES = pl.DataFrame(
    {"time": [date(2026, 1, 3), date(2026, 1, 1), date(2026, 1, 2)], "a": [12.1, 10.0, 11.0], "b": [2, 4, 2]}
)


def test_returns_can_be_reckoned_by_hand() -> None:
    for kind, frame in frame_kinds(PRICES):
        found = read_returns(frame)
        assert found.assets == ("a", "b"), kind
        assert np.allclose(found.values, [[0.1, -0.5], [0.1, 0.0]]), kind


WRONG = [
    (PRICES.drop("time"), FeatureMissingError),
    (PRICES.drop("a"), AssetsFewError),
    (PRICES.with_columns(a=pl.lit("x")), FeatureTypeError),
    (PRICES.with_columns(a=pl.lit(0.0)), PriceValueError),
    (PRICES.with_columns(a=pl.lit(None, dtype=pl.Float64)), PriceValueError),
    (PRICES.with_columns(b=pl.lit(float("inf"))), PriceValueError),
    (PRICES.with_columns(time=pl.lit(date(2026, 1, 1))), PriceDaysError),
    (PRICES.with_columns(time=pl.lit(None, dtype=pl.Date)), PriceDaysError),
    (PRICES.head(2), PriceRowsError),
    (PRICES.head(0), PriceRowsError),
    ("prices", FrameKindError),
]


@pytest.mark.parametrize(("frame", "error"), WRONG)
def test_wrong_prices_are_refused_in_words(frame: object, error: type[VostroError]) -> None:
    with pytest.raises(error) as told:
        read_returns(frame)
    assert told.value.say("en") and told.value.say("zh")


def test_the_place_is_named() -> None:
    with pytest.raises(PriceValueError, match="'a' in row 1"):
        read_returns(PRICES.with_columns(a=pl.Series([1.0, -1.0, 2.0])))
