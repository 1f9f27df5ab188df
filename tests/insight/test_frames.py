"""Every kind of table is seen as one."""

import polars as pl
import pytest

from vostro.insight.checks import frame_kinds
from vostro.insight.errors import FrameKindError
from vostro.insight.frames import as_polars


def test_kinds_agree(small: pl.DataFrame) -> None:
    for kind, frame in frame_kinds(small.drop("opened")):
        assert as_polars(frame).equals(small.drop("opened")), kind


def test_pandas_nan_is_missing_and_its_index_is_not_read() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": [1.0, None], 7: ["a", None]}, index=[5, 5])
    assert as_polars(frame).to_dict(as_series=False) == {"x": [1.0, None], "7": ["a", None]}


@pytest.mark.parametrize("thing", [[1, 2], "table", None, {"x": [1]}, 3.5])
def test_what_is_no_table_is_refused(thing: object) -> None:
    with pytest.raises(FrameKindError, match="not a table"):
        as_polars(thing)


def test_a_pandas_column_that_mixes_kinds_is_refused() -> None:
    pandas = pytest.importorskip("pandas")
    with pytest.raises(FrameKindError, match="one kind of value"):
        as_polars(pandas.DataFrame({"x": [1, "a", object()]}))
