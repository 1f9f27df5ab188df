"""Building the index 构建索引: every tag's values into bitmaps, column by column.

A column is read once or twice, and no more than one is held as numbers at a time. Few values
become a bitmap each; numbers, dates and moments become bit slices that are just as wide as
their range; many texts become a sorted dictionary and the slices of the places in it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from vostro.portrait.index.bits import pack, pack_series, words_for
from vostro.portrait.index.columns import Column, Shape
from vostro.portrait.index.customers import Customers
from vostro.portrait.index.distribution import Bins, bins_of, count_base
from vostro.portrait.index.index import AudienceIndex, Freshness
from vostro.portrait.index.ordinals import ordinals
from vostro.portrait.rule import polars_type
from vostro.portrait.types import TagInfo

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vostro.portrait.index.bits import Words

__all__ = ["IndexBuilder", "build_index", "number_column"]

VALUES_MAX = 8  # texts with so many values have a bitmap each; with more they have a dictionary
_GUESS = 100_000  # customers among whom all values of a tag with few of them are likely to be found
_SPARE = 64  # one word in so many is kept free for customers who come later
_SMALL = (np.uint8, np.uint16, np.uint32)


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
        rows = _sliced(places.fill_null(0).to_numpy(), shape.top, self.words)
        shape.bits = [self._bitmap(row) for row in rows]
        return Column(shape, texts), places.drop_nulls().to_numpy()


def number_column(
    shape: Shape, info: TagInfo, values: pl.Series, words: int
) -> "tuple[list[Words], NDArray[np.uint64] | None]":
    """Find the range of a column of numbers, dates or moments, and slice it.

    Returns:
        The slices, lowest first, and the codes of those who have a value; None when 64 bits do not hold them.
        ``shape`` gets offset, step and top.
    """
    held = values.drop_nulls()
    shape.offset, shape.step, shape.top = 0, 1, 0
    if not len(held):
        return [], None
    low, high = ordinals(held, info)
    shape.offset, shape.top, codes, above = _from_lowest(low, high, signed=info.type != "number")
    if above is None:
        shape.step = _step(codes)
        if shape.step > 1:
            codes, shape.top = codes // np.uint64(shape.step), shape.top // shape.step
    known = values.is_not_null().to_numpy() if len(held) < len(values) else None
    rows = _sliced(_spread(codes, known), shape.top, words)
    if above is None:
        return rows, codes
    return rows + _sliced(_spread(above, known), shape.top >> 64, words), None


def _from_lowest(
    low: "NDArray[np.uint64]", high: "NDArray[np.uint64] | None", *, signed: bool
) -> "tuple[int, int, NDArray[np.uint64], NDArray[np.uint64] | None]":
    """Return the lowest ordinal, the range above it, and how far each is above the lowest, in one or two limbs."""
    if high is None:
        view = low.view(np.int64) if signed else low
        lowest, highest = int(view.min()), int(view.max())
        return lowest, highest - lowest, low - np.uint64(lowest % 2**64), None
    tops = high.view(np.int64)
    least, most = tops.min(), tops.max()
    lowest = (int(least) << 64) + int(low[tops == least].min())
    highest = (int(most) << 64) + int(low[tops == most].max())
    codes = low - np.uint64(lowest % 2**64)
    if highest - lowest < 2**64:
        return lowest, highest - lowest, codes, None
    borrowed = (low < np.uint64(lowest % 2**64)).astype(np.uint64)
    return lowest, highest - lowest, codes, high - np.uint64((lowest >> 64) % 2**64) - borrowed


def _step(codes: "NDArray[np.uint64]") -> int:
    """Return the largest whole number that divides every code; 1 when all codes are zero."""
    step = int(np.gcd.reduce(codes[:1_000]))
    while step != 1:
        beyond = codes[: len(codes)] % np.uint64(step) if step else codes
        others = codes[beyond != 0]
        if not len(others):
            return max(step, 1)
        step = int(np.gcd.reduce(np.append(others[:1_000], np.uint64(step))))
    return 1


def _spread(codes: "NDArray[np.uint64]", known: "NDArray[np.bool_] | None") -> "NDArray[np.uint64]":
    """Put the codes of those who have a value into their rows; zero in the others."""
    if known is None:
        return codes
    found = np.zeros(len(known), dtype=np.uint64)
    found[known] = codes
    return found


def _sliced(codes: "NDArray[Any]", top: int, words: int) -> "list[Words]":
    """Return one bitmap for each bit that codes up to ``top`` need, at most sixty-four."""
    bits = min(top.bit_length(), 64)
    kind: Any = next((kind for kind in _SMALL if bits <= 8 * np.dtype(kind).itemsize), np.uint64)
    planes = np.ascontiguousarray(codes.astype(kind, copy=False)).view(np.uint8).reshape(len(codes), -1)
    found: list[Words] = []
    plane = planes[:, 0]
    for j in range(bits):
        if j % 8 == 0:
            plane = np.ascontiguousarray(planes[:, j // 8])
        found.append(pack(plane & np.uint8(1 << j % 8), words))
    return found


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
