"""Columns 标签列: in which bitmaps are the values of one tag, and what do they mean?

Three forms. *values*: a bitmap for each value of a tag with few of them. *number*: bit slices of
``(ordinal - offset) / step``, so that ages from 18 to 99 need seven bitmaps, and moments in whole
minutes none for the seconds. *texts*: bit slices of a place in a dictionary, which is sorted when
it is built. A customer without a value has no bit set anywhere; where there is one, a further
bitmap says who has a value.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
import polars as pl

from vostro.portrait.index.asked import Asked
from vostro.portrait.index.ordinals import from_ordinals, ordinal, value_of
from vostro.portrait.index.plan import ALL, Plan
from vostro.portrait.index.slices import Interval, inside
from vostro.portrait.types import TagInfo, TagType
from vostro.words import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vostro.portrait.index.bits import Flags, Words

__all__ = ["Column", "Lookup", "Shape"]

_TEXTS_MAX = 65_536  # a dictionary of so many texts is also kept as a mapping
_CHUNKS_MAX = 64  # pieces of a dictionary that later texts have made
_RUNS_MAX = 256  # above it, places in a dictionary are looked up customer by customer


class Lookup(msgspec.Struct, frozen=True, eq=False):
    """A question for later: is the customer's place in the dictionary one of these?"""

    tag: str
    places: Any  # flags, shape (dictionary,)


class Shape(msgspec.Struct, kw_only=True):
    """What is kept of a column beside its bitmaps."""

    tag: str
    type: TagType
    digits: int
    scale: int
    form: Literal["values", "number", "texts"]
    known: int | None  # the bitmap of those who have a value; None: everybody has
    bits: list[int]  # one bitmap a value, or the slices, lowest first
    values: list[str | bool] = []
    offset: int = 0
    step: int = 1
    top: int = 0  # the largest code that anybody ever had
    ordered: int = 0  # how many texts of the dictionary are in order; later ones are not


class Column:
    """A tag's bitmaps and their meaning."""

    def __init__(self, shape: Shape, texts: pl.Series | None = None) -> None:
        self.shape = shape
        self.texts = texts  # of the form "texts": the dictionary
        self.info = TagInfo(
            type=shape.type, name=Text(en=shape.tag, zh=shape.tag), digits=shape.digits, scale=shape.scale
        )
        self.stale = False  # whether a change has moved the counts of its bins
        self._places: dict[str, int] | None = None
        self._cells: tuple[memoryview | None, list[memoryview]] | None = None

    # Questions

    def known(self, plan: Plan) -> int:
        """Return the customers who have a value."""
        return ALL if self.shape.known is None else plan.bit(self.shape.known)

    def hits(self, plan: Plan, asked: Asked, *, as_float: bool = False) -> int:
        """Return the customers for whose value a comparison holds."""
        if self.shape.form == "values":
            return self._values(plan, asked)
        if self.shape.form == "texts":
            intervals = self._text_runs(asked)
            if len(intervals) > _RUNS_MAX:
                assert self.texts is not None
                places = asked.mask(self.texts).to_numpy()
                return plan.and_(self.known(plan), plan.ask(Lookup(self.shape.tag, places)))
            return self.coded(plan, intervals)
        found = asked.intervals(self.info, as_float=as_float, low=self.shape.offset, high=self._highest)
        return self.coded(plan, [self._codes(low, high) for low, high in found])

    def coded(self, plan: Plan, intervals: Sequence[Interval]) -> int:
        """Return the customers whose code lies in one of some ranges."""
        shape = self.shape
        node = inside(plan, [plan.bit(row) for row in shape.bits], shape.top, intervals)
        zero = any(low <= 0 <= high for low, high in intervals)  # the code of those without a value, too
        return plan.and_(self.known(plan), node) if zero else node

    def _values(self, plan: Plan, asked: Asked) -> int:
        bits = dict(zip(self.shape.values, self.shape.bits, strict=True))
        chosen = [value for value in bits if asked.holds(str(value))]
        rest = [value for value in bits if value not in chosen]
        if len(chosen) <= len(rest):
            return plan.or_(*[plan.bit(bits[value]) for value in chosen])
        others = plan.or_(*[plan.bit(bits[value]) for value in rest])
        return plan.and_(self.known(plan), plan.not_(others))

    def _text_runs(self, asked: Asked) -> list[Interval]:
        assert self.texts is not None
        if asked.sign in ("=", "in"):
            places = sorted({self.place(str(each.value)) for each in asked.constants} - {None})  # type: ignore[type-var]
            return [(place, place) for place in places if place is not None]
        return list(_runs(asked.mask(self.texts).to_numpy()))

    @property
    def _highest(self) -> int:
        return self.shape.offset + self.shape.top * self.shape.step

    def _codes(self, low: int, high: int) -> Interval:
        offset, step = self.shape.offset, self.shape.step
        return -((offset - low) // step), (high - offset) // step

    def code_at(self, number: int) -> int:
        """Return the smallest code whose ordinal is not below a number; may lie beyond all codes."""
        return self._codes(number, number)[0]

    # Values

    def encode(self, value: Any) -> int | None:
        """Return the code of a value in a column of numbers or texts; None when no code can stand for it.

        A new text gets a new place.
        """
        shape = self.shape
        if shape.form == "texts":
            place = self.place(value)
            if place is None:
                place = self._append(value)
            shape.top = max(shape.top, place)
            return place
        code, rest = divmod(ordinal(value, self.info) - shape.offset, shape.step)
        if code < 0 or rest:
            return None
        shape.top = max(shape.top, code)
        return code

    def value(self, code: int) -> Any:
        """Return the value that a code stands for."""
        if self.texts is not None:
            return self.texts[code]
        return value_of(self.shape.offset + code * self.shape.step, self.info)

    def place(self, text: str) -> int | None:
        """Return the place of a text in the dictionary."""
        assert self.texts is not None
        ordered = self.shape.ordered
        if self._places is None:  # of a large dictionary only the texts that came later
            first = ordered if ordered > _TEXTS_MAX else 0
            self._places = {text: i for i, text in enumerate(self.texts.slice(first).to_list(), start=first)}
        found = self._places.get(text)
        if found is not None or ordered <= _TEXTS_MAX:
            return found
        place = int(self.texts.slice(0, ordered).search_sorted(text))
        return place if place < ordered and self.texts[place] == text else None

    def _append(self, text: str) -> int:
        assert self.texts is not None and self._places is not None, "place() was asked first"
        place = len(self.texts)
        self.texts = self.texts.append(pl.Series([text], dtype=pl.String))
        if self.texts.n_chunks() > _CHUNKS_MAX:
            self.texts = self.texts.rechunk()
        self._places[text] = place
        return place

    def cells(self, cells: Sequence[memoryview]) -> tuple[memoryview | None, list[memoryview]]:
        """Return the bytes of the bitmap of those who have a value, and of the others."""
        if self._cells is None:
            known = None if self.shape.known is None else cells[self.shape.known]
            self._cells = known, [cells[bit] for bit in self.shape.bits]
        return self._cells

    def moved(self) -> None:
        """Note that a bitmap of the column was added, or lies elsewhere now."""
        self._cells = None

    def decode(self, bitmaps: "Sequence[Words]", rows: "NDArray[np.int64]") -> pl.Series:
        """Return the values of some customers, null where unknown; shape (len(rows),)."""
        word, bit = rows >> 6, (rows & 63).astype(np.uint64)
        known: Flags | None = None
        if self.shape.known is not None:
            known = _gathered(bitmaps[self.shape.known], word, bit).astype(np.bool_)
        if self.shape.form == "values":
            return self._decode_values(bitmaps, word, bit, known)
        found = self.decoded(*self.codes(bitmaps, rows))
        return found if known is None else found.set(pl.Series(~known), None)

    def decoded(self, low: "NDArray[np.uint64]", high: "NDArray[np.uint64] | None" = None) -> pl.Series:
        """Return the values that codes stand for, in a column of numbers or texts."""
        if self.texts is None:
            return from_ordinals(*self._ordinals(low, high), self.info)
        if not len(self.texts):
            return pl.Series([None] * len(low), dtype=pl.String)
        return self.texts.gather(low.astype(np.uint32))

    def codes(
        self, bitmaps: "Sequence[Words]", rows: "NDArray[np.int64]"
    ) -> "tuple[NDArray[np.uint64], NDArray[np.uint64] | None]":
        """Return the codes of some customers, in two limbs when there are more than 64 slices."""
        word, bit = rows >> 6, (rows & 63).astype(np.uint64)
        limbs = [np.zeros(len(rows), dtype=np.uint64) for _ in range(2 if len(self.shape.bits) > 64 else 1)]
        for j, row in enumerate(self.shape.bits):
            limbs[j // 64] |= _gathered(bitmaps[row], word, bit) << np.uint64(j % 64)
        return limbs[0], limbs[1] if len(limbs) > 1 else None

    def _ordinals(
        self, low: "NDArray[np.uint64]", high: "NDArray[np.uint64] | None"
    ) -> "tuple[NDArray[np.uint64], NDArray[np.uint64] | None]":
        """Return ``offset + step * code``, in two limbs when 64 signed bits do not hold it."""
        offset, step = self.shape.offset, self.shape.step
        narrow = self.info.type != "decimal" or (offset >= -(2**63) and self._highest < 2**63)
        if narrow:
            return low * np.uint64(step) + np.uint64(offset % 2**64), None
        assert step == 1, "a step is only taken out of what fits into 64 bits"
        total = low + np.uint64(offset % 2**64)
        carry = (total < low).astype(np.uint64)
        above = np.zeros_like(low) if high is None else high
        return total, above + np.uint64((offset >> 64) % 2**64) + carry

    def _decode_values(
        self, bitmaps: "Sequence[Words]", word: Any, bit: Any, known: "Flags | None"
    ) -> pl.Series:
        shape = self.shape
        if shape.type == "boolean":
            truths = pl.Series(_gathered(bitmaps[shape.bits[0]], word, bit).astype(np.bool_))
            return truths if known is None else truths.set(pl.Series(~known), None)
        place = np.zeros(len(word), dtype=np.uint32)
        for j, row in enumerate(shape.bits, start=1):
            place += _gathered(bitmaps[row], word, bit).astype(np.uint32) * np.uint32(j)
        return pl.Series([None, *shape.values], dtype=pl.String).gather(place)


def _gathered(bitmap: "Words", word: "NDArray[np.int64]", bit: "NDArray[np.uint64]") -> "NDArray[np.uint64]":
    found: NDArray[np.uint64] = (bitmap[word] >> bit) & np.uint64(1)
    return found


def _runs(flags: "Flags") -> Iterator[Interval]:
    """Yield the runs of true flags, as first and last place."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    yield from zip(edges[::2].tolist(), (edges[1::2] - 1).tolist(), strict=True)
