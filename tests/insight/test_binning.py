"""Bins: every kind of value has one code, and a code one meaning."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from vostro.insight.binning import FIRST, MISSING, UNSEEN, learn_bins, tree_matrix
from vostro.words import VostroError


def test_numbers_fall_into_eighths() -> None:
    frame = pl.DataFrame({"x": np.arange(800.0)})
    column = learn_bins(frame, "x", "number")
    assert column.size == FIRST + 8
    assert np.bincount(column.codes(frame))[FIRST:].tolist() == pytest.approx([100] * 8, abs=1)
    outside = pl.DataFrame({"x": [-1e9, 1e9, None, float("nan"), float("inf")]})
    assert column.codes(outside).tolist() == [FIRST, FIRST + 7, MISSING, MISSING, MISSING]


def test_texts_have_a_code_each_and_strangers_one_together() -> None:
    frame = pl.DataFrame({"job": ["clerk"] * 5 + ["farmer"] * 3 + ["astronaut"] + [None]})
    column = learn_bins(frame, "job", "text")
    assert column.levels == ("clerk", "farmer"), "a level of one row is a stranger"
    asked = pl.DataFrame({"job": ["clerk", "farmer", "astronaut", "poet", None]})
    assert column.codes(asked).tolist() == [FIRST, FIRST + 1, UNSEEN, UNSEEN, MISSING]


def test_trees_read_numbers_as_they_are_and_strangers_as_missing() -> None:
    frame = pl.DataFrame({"x": [1.0, 2.0, None], "job": ["a", "a", "a"]})
    columns = (learn_bins(frame, "x", "number"), learn_bins(frame, "job", "text"))
    asked = pl.DataFrame({"x": [1.5, None, 9.0], "job": ["a", "b", None]})
    codes = np.column_stack([column.codes(asked) for column in columns])
    matrix = tree_matrix(columns, asked, codes)
    assert matrix[:, 0] == pytest.approx([1.5, np.nan, 9.0], nan_ok=True)
    assert matrix[:, 1] == pytest.approx([FIRST, np.nan, MISSING], nan_ok=True)
    assert tree_matrix((), asked, codes).shape == (3, 0)


@pytest.mark.parametrize(
    ("values", "kind", "size"),
    [
        ([True, False, True, None], "boolean", FIRST + 2),
        ([date(2026, 1, 1), date(2026, 1, 2), None, None], "moment", FIRST + 3),
        ([None, None, None, None], "number", FIRST + 1),
    ],
)
def test_other_kinds(values: list[object], kind: str, size: int) -> None:
    frame = pl.DataFrame({"v": values}, schema={"v": None}, strict=False)
    column = learn_bins(frame, "v", kind)
    assert column.size <= size
    assert (column.codes(frame) < column.size).all()
    assert len(set(column.codes(frame).tolist())) == len({str(v) for v in values})


def test_a_column_of_another_kind_is_refused() -> None:
    column = learn_bins(pl.DataFrame({"v": [1.0, 2.0]}), "v", "number")
    with pytest.raises(VostroError, match="holds String"):
        column.codes(pl.DataFrame({"v": ["a", "b"]}))
