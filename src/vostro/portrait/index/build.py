"""Building the index 构建索引: every tag's values into bitmaps, column by column.

A column is read once or twice, and no more than one is held as numbers at a time. Few values
become a bitmap each; numbers, dates and moments become bit slices that are just as wide as
their range; many texts become a sorted dictionary and the slices of the places in it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from vostro.portrait.index.bits import pack_series, words_for
from vostro.portrait.index.columns import Column, Shape
from vostro.portrait.index.customers import Customers
from vostro.portrait.index.distribution import Bins, bins_of, count_base
from vostro.portrait.index.index import AudienceIndex, Freshness
from vostro.portrait.index.slicing import number_column, sliced
from vostro.portrait.rule import polars_type
from vostro.portrait.types import TagInfo

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vostro.portrait.index.bits import Words

__all__ = ["IndexBuilder", "build_index"]

VALUES_MAX = 8  # texts with so many values have a bitmap each; with more they have a dictionary
_GUESS = 100_000  # customers among whom all values of a tag with few of them are likely to be found
_SPARE = 1024  # one word in so many is kept free for customers who come later


def build_index(
    portraits: pl.DataFrame, tags: Mapping[str, TagInfo], as_of: datetime, version: str
) -> AudienceIndex:
    """Build the audience index of all customers.

    Args:
        portraits: one row a customer, as ``build_portraits`` returns them.
        tags: what is known of each tag; those without a column are left out.
        as_of: the moment after which nothing is known to the portraits.
        version: digest of the definitions that the portraits were built by.
    """
    builder = IndexBuilder(portraits["customer"])
    for code, info in tags.items():
        if code in portraits.columns:
            builder.add(code, info, portraits[code])
    return builder.finish(as_of, version)


class IndexBuilder:
    """Builds an index from one column after the other, so that they need not all be in memory."""

    def __init__(self, customers: pl.Series) -> None:
        """Start with the customers' identifiers; every column has a value for each, in their order."""
        self.customers = Customers.of(customers)
        self.rows = len(customers)
        self.words = words_for(self.rows + self.rows // _SPARE + 1)
        self.bitmaps: list[Words] = []
        self.columns: dict[str, Column] = {}
        self.bins: dict[str, Bins] = {}

    def add(self, code: str, info: TagInfo, values: pl.Series) -> None:
        """Add the column of a tag."""
        assert len(values) == self.rows, "one value a customer"
        values = values.cast(polars_type(info))
        if info.type == "number":
            values = pl.select(pl.when(values.is_finite()).then(values)).to_series()
        known = self._bitmap(pack_series(values.is_not_null(), self.words)) if values.null_count() else None
        shape = Shape(
            tag=code,
            type=info.type,
            digits=info.digits,
            scale=info.scale,
            form="number",
            known=known,
            bits=[],
        )
        codes: NDArray[Any] | None = None
        if info.type == "boolean":
            shape.form, shape.values = "values", [True]
            shape.bits = [self._bitmap(pack_series(values, self.words))]
            column = Column(shape)
        elif info.type == "text":
            column, codes = self._texts(shape, values)
        else:
            rows, codes = number_column(shape, info, values, self.words)
            shape.bits = [self._bitmap(row) for row in rows]
            column = Column(shape)
        self.columns[code] = column
        self.bins[code] = bins_of(column, values, codes)

    def finish(self, as_of: datetime, version: str) -> AudienceIndex:
        """Return the index."""
        freshness = Freshness(as_of=as_of, version=version, customers_digest=self.customers.digest)
        index = AudienceIndex(self.bitmaps, self.columns, self.customers, freshness, bins=self.bins)
        count_base(index)
        return index

    def _bitmap(self, words: "Words") -> int:
        self.bitmaps.append(words)
        return len(self.bitmaps) - 1

    def _texts(self, shape: Shape, values: pl.Series) -> "tuple[Column, NDArray[Any] | None]":
        few = _few_values(values)
        if few is not None:
            shape.form, shape.values = "values", list(few)
            shape.bits = [self._bitmap(pack_series(flags, self.words)) for flags in few.values()]
            return Column(shape), None
        texts = values.drop_nulls().unique().sort()
        # The place of each text: a cast to Enum turns texts into places in one pass over a hash table.
        places = values.cast(pl.Enum(texts)).to_physical()
        shape.form, shape.top, shape.ordered = "texts", len(texts) - 1, len(texts)
        rows = sliced(places.fill_null(0).to_numpy(), shape.top, self.words)
        shape.bits = [self._bitmap(row) for row in rows]
        return Column(shape, texts), places.drop_nulls().to_numpy()


def _few_values(values: pl.Series) -> dict[str, pl.Series] | None:
    """Return who has each of a text column's values, in order; None when there are too many values."""
    known = len(values) - values.null_count()
    for part in (values.head(_GUESS), values):
        texts = part.drop_nulls().unique()
        if len(texts) > VALUES_MAX:
            return None
        found = {text: values == text for text in sorted(texts.to_list())}
        if sum(int(flags.sum() or 0) for flags in found.values()) == known:
            return found
    raise AssertionError("every value is one of the column's values")
