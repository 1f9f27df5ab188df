"""Columns of every kind become numbers; what is missing, rare or unseen has its place."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from vostro.insight.columns import encode, learn_column, read_kind
from vostro.insight.errors import FeatureMissingError, FeatureTypeError


def _encoded(values: pl.Series, observed: np.ndarray | None = None) -> list[float | None]:
    frame = values.alias("x").to_frame()
    outcome = np.zeros(len(values)) if observed is None else observed
    found = encode(frame, learn_column(frame, "x", outcome, None), reference=20_000.0)
    return [None if np.isnan(each) else float(each) for each in found]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pl.Series([1, None, 3]), [1.0, None, 3.0]),
        (pl.Series([1.5, float("nan"), float("inf"), float("-inf")]), [1.5, None, None, None]),
        (pl.Series([True, False, None]), [1.0, 0.0, None]),
        (pl.Series([Decimal("1.25"), None]), [1.25, None]),
        (pl.Series([timedelta(minutes=1), None]), [60.0, None]),
        (pl.Series([time(1, 0), None]), [3600.0, None]),
        (pl.Series([date(2024, 10, 4), date(2024, 10, 3), None]), [0.0, 1.0, None]),
        (pl.Series([datetime(2024, 10, 3, 12, tzinfo=UTC), None]), [0.5, None]),
        (pl.Series([None, None]), [None, None]),
        (pl.Series([], dtype=pl.String), []),
    ],
    ids=lambda each: str(each.dtype) if isinstance(each, pl.Series) else "",
)
def test_each_kind_becomes_a_number_and_missing_stays_missing(values: pl.Series, expected: list) -> None:
    assert _encoded(values) == expected


def test_levels_are_ranked_by_response_rate() -> None:
    texts = pl.Series(["often"] * 100 + ["never"] * 100 + ["at times"] * 100 + [None] * 10)
    observed = np.concatenate([np.ones(100), np.zeros(100), np.tile([0, 1], 50), np.ones(10)])
    column = learn_column(pl.DataFrame({"x": texts}), "x", observed, None)
    assert column.levels == {"never": 0.0, "at times": 1.0, "often": 2.0}
    seen = encode(pl.DataFrame({"x": ["often", "never", None]}), column, reference=0.0)
    assert seen[:2].tolist() == [2.0, 0.0]
    assert np.isnan(seen[2])


def test_an_unseen_level_stands_where_the_rare_ones_stand() -> None:
    texts = ["frequent"] * 400 + ["seldom"] * 5
    observed = np.r_[np.ones(100), np.zeros(300), np.zeros(5)]
    column = learn_column(pl.DataFrame({"x": texts}), "x", observed, None)
    assert list(column.levels) == ["frequent"]
    found = encode(pl.DataFrame({"x": ["seldom", "new"]}), column, reference=0.0)
    assert found.tolist() == [column.rare, column.rare]
    assert column.rare < column.levels["frequent"]  # the rare ones never responded


def test_a_level_of_few_rows_cannot_tell_its_own_outcome() -> None:
    """Each customer's name occurs once: as a feature it must say nothing at all."""
    names = pl.Series([f"customer {i}" for i in range(1000)])
    assert len(set(_encoded(names, np.tile([0.0, 1.0], 500)))) == 1


def test_at_most_so_many_levels_have_a_place_and_the_commonest_do() -> None:
    texts = [f"branch {i:03}" for i in range(200) for _ in range(20 + i)]
    column = learn_column(pl.DataFrame({"x": texts}), "x", np.zeros(len(texts)), None)
    assert set(column.levels) == {f"branch {i:03}" for i in range(136, 200)}


def test_weights_count_in_the_ranking() -> None:
    texts = pl.DataFrame({"x": ["a", "a", "b", "b"] * 50})
    observed = np.array([1.0, 0.0, 1.0, 0.0] * 50)
    weight = np.array([0.2, 1.8, 1.8, 0.2] * 50)
    assert learn_column(texts, "x", observed, weight).levels == {"a": 0.0, "b": 1.0}


def test_a_missing_column_tells_the_nearest_name() -> None:
    with pytest.raises(FeatureMissingError, match=r"'agee'.*nearest name: age"):
        read_kind(pl.DataFrame({"age": [1]}), "agee", "number")


@pytest.mark.parametrize(
    ("values", "wanted"),
    [(["a"], "number"), ([1.0], "text"), ([date(2026, 1, 1)], "number"), ([1], "moment"), ([True], "text")],
)
def test_another_kind_than_at_training_is_refused(values: list, wanted: str) -> None:
    with pytest.raises(FeatureTypeError, match="'x'"):
        read_kind(pl.DataFrame({"x": values}), "x", wanted)


def test_a_column_with_no_value_fits_any_kind() -> None:
    for dtype in (pl.Null, pl.Float64, pl.String):
        frame = pl.DataFrame({"x": pl.Series([None, None], dtype=dtype)})
        for wanted in ("number", "boolean", "text", "moment"):
            assert read_kind(frame, "x", wanted).null_count() == 2


def test_lists_are_no_features() -> None:
    with pytest.raises(FeatureTypeError, match="List"):
        learn_column(pl.DataFrame({"x": [[1], [2]]}), "x", np.zeros(2), None)
