"""Tables of every kind become the same records."""

import pandas  # noqa: F401 - polars makes frames of it
import polars as pl
import pytest

from vostro.portrait.identity.errors import IdentityColumnError, IdentityFrameError, RecordIdError
from vostro.portrait.identity.frames import stacked

FRAME = pl.DataFrame({"no": ["1", "2"], "name": ["ann", None]})


@pytest.mark.parametrize(
    "make", [lambda f: f, lambda f: f.lazy(), lambda f: f.to_arrow(), lambda f: f.to_pandas()]
)
def test_kinds_of_tables(make) -> None:
    found = stacked(make(FRAME), "no")
    assert found.rows() == [("records", "1", "ann"), ("records", "2", None)]


def test_sources_may_have_other_columns() -> None:
    found = stacked({"a": FRAME, "b": pl.DataFrame({"no": [1], "city": ["Prag"]})}, "no")
    assert found.rows() == [("a", "1", "ann", None), ("a", "2", None, None), ("b", "1", None, "Prag")]


def test_refusals_name_the_place() -> None:
    with pytest.raises(IdentityColumnError, match="Did you mean 'name'"):
        stacked(FRAME, "nam")
    with pytest.raises(RecordIdError, match="repeated"):
        stacked(pl.DataFrame({"no": ["1", "1"]}), "no")
    with pytest.raises(RecordIdError, match="missing"):
        stacked(pl.DataFrame({"no": ["1", None]}), "no")
    with pytest.raises(IdentityFrameError):
        stacked([1, 2], "no")
