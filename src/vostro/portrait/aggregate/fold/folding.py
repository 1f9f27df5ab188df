"""The fold 折叠: from a stream of rows to what the plan asks of every customer."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from vostro.portrait.aggregate.compile import KEY, TIME
from vostro.portrait.aggregate.definition import Part
from vostro.portrait.aggregate.errors import UnsuitedError
from vostro.portrait.aggregate.fold.kernel import accumulate, chosen
from vostro.portrait.aggregate.fold.numbering import Numbers, Texts, whole
from vostro.portrait.aggregate.fold.pairs import Pairs
from vostro.portrait.aggregate.fold.slots import (
    FIRST,
    LAST,
    NOTHING,
    SUM,
    Layout,
    Slot,
    layout,
    pair_of,
)
from vostro.portrait.aggregate.plan import Plan, Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

__all__ = ["fold"]

_BATCH_ROWS = 500_000
_BYTES_MAX = 8 << 30  # of all records; beyond it the engine, which can use its disk, is better
_TEXTS_MAX = 100_000  # different texts that first and last can keep in order
_SUM_MAX = float(2**62)  # farther from zero, a sum may not fit
_FLAGS = "_flags"
_MOMENT = pl.Datetime("us", "UTC")


def fold(rows: Any, plan: Plan, bounds: Mapping[Span, tuple[int, int]]) -> pl.DataFrame:
    """Compute all that a plan asks of prepared rows in one pass.

    Args:
        rows: prepared rows (an Ibis table on DuckDB), see ``compile.prepare``.
        plan: what is asked.
        bounds: ``low <= time < high`` of each span, microseconds.

    Returns:
        One row a key, in no order: the key and the columns of the plan, as the engine would answer.

    Raises:
        UnsuitedError: something does not fit: ask the engine.
    """
    found = layout(plan)
    asked = _asked(rows, plan, found)
    folding = _Folding(plan, found, bounds, dict(asked.schema().to_polars()))
    with ThreadPoolExecutor(1) as beside:  # the engine reads on while rows are added up
        waiting: Future[None] | None = None
        for batch in asked.to_pyarrow_batches(chunk_size=_BATCH_ROWS):
            if waiting is not None:
                waiting.result()
            waiting = beside.submit(folding.add, pl.DataFrame(batch))
        if waiting is not None:
            waiting.result()
    return folding.answer()


def _asked(rows: Any, plan: Plan, layout: Layout) -> Any:
    """Return what is read of the rows: key, time, the columns that are measured, all filters as one number."""
    import ibis

    flags: Any = ibis.literal(0, type="int64")
    for i in range(len(plan.filters)):
        flags = flags + ibis.ifelse(rows[f"_f{i}"], ibis.literal(1 << i, type="int64"), 0)
    columns = {column: rows[f"v_{column}"] for column in layout.columns}
    return rows.select(**{KEY: rows[KEY], TIME: rows[TIME], _FLAGS: flags}, **columns)


class _Folding:
    """Records that grow while rows come."""

    def __init__(
        self, plan: Plan, layout: Layout, bounds: Mapping[Span, tuple[int, int]], types: Mapping[str, Any]
    ) -> None:
        self.plan, self.layout, self.types = plan, layout, types
        self.spans = [bounds[span] for span in layout.spans]
        self.ends = np.array(self.spans, dtype=np.int64).reshape(-1, 2).T.copy()
        self.slots = (layout.operations, layout.codes, *layout.groups(len(plan.filters)))
        self.keys: Numbers | Texts = Texts() if types[KEY] == pl.String else Numbers()
        self.texts = {column: Texts() for column in layout.columns}
        self.codes = {column: Numbers() for column, _, _ in layout.pairs}
        self.pairs = [Pairs() for _ in layout.pairs]
        self.records = np.empty((0, layout.width), dtype=np.int64)
        self.most = np.zeros(max(1, len(layout.columns)), dtype=np.float64)  # farthest from zero, of a column

    def add(self, batch: pl.DataFrame) -> None:
        """Add a batch of rows."""
        if not batch.height:
            return
        who = self._who(batch[KEY])
        time = batch[TIME].dt.epoch("us").to_numpy()
        flags = batch[_FLAGS].to_numpy()
        values = self._values(batch)
        accumulate(
            (who, time, flags, values), (self.ends[0], self.ends[1]), self.slots, self._ranks(), self.records
        )
        self._count(batch, who, time, flags, values)

    def _who(self, keys: pl.Series) -> "Integers":
        """Number the customers, and make room for the new ones."""
        who = self.keys.number(keys)
        known = self.keys.known
        if known > len(self.records):
            room = max(known, min(2 * len(self.records), len(self.records) + (1 << 20)))
            if room * self.layout.width * 8 > _BYTES_MAX:
                raise UnsuitedError
            grown = np.empty((room, self.layout.width), dtype=np.int64)
            grown[: len(self.records)] = self.records
            grown[len(self.records) :] = self.layout.empty
            self.records = grown
        return who

    def _values(self, batch: pl.DataFrame) -> "Integers":
        """Return the measured columns as whole numbers, shape (columns, rows)."""
        found = np.empty((max(1, len(self.layout.columns)), batch.height), dtype=np.int64)
        for column, number in self.layout.columns.items():
            values = batch[column]
            if values.dtype == pl.String:
                found[number] = self.texts[column].number(values)
            elif values.dtype.is_decimal():
                raise UnsuitedError
            else:
                found[number] = whole(values)
                self._farthest(number, values)
        return found

    def _farthest(self, number: int, values: pl.Series) -> None:
        plain = values.to_physical() if values.dtype.is_temporal() else values
        low, high = plain.cast(pl.Int64).min(), plain.cast(pl.Int64).max()
        if isinstance(low, int) and isinstance(high, int):
            if low == NOTHING or high == 2**63 - 1:
                raise UnsuitedError
            self.most[number] = max(self.most[number], float(max(-low, high)))

    def _ranks(self) -> "tuple[Integers, Integers]":
        """Return the order of the texts that first and last must tell apart; see ``accumulate``."""
        starts = np.full(max(1, len(self.layout.columns)), -1, dtype=np.int64)
        found, length = [np.empty(0, dtype=np.int64)], 0
        for column in {each.column for each in self.layout.slots if each.operation in (FIRST, LAST)}:
            texts = self.texts[list(self.layout.columns)[column]]
            if not texts.known:
                continue
            if texts.known > _TEXTS_MAX:
                raise UnsuitedError
            starts[column] = length
            found.append(texts.ranks())
            length += texts.known
        return np.concatenate(found), starts

    def _count(
        self, batch: pl.DataFrame, who: "Integers", time: "Integers", flags: "Integers", values: "Integers"
    ) -> None:
        """Keep the pairs of customer and value whose values are counted."""
        for (column, span, group), number in self.layout.pairs.items():
            if self.types[column] == pl.String:
                codes = values[self.layout.columns[column]]
            else:
                codes = self.codes[column].number(batch[column])
            found = np.empty(len(who), dtype=np.int64)
            count = chosen(who, time, flags, codes, self.spans[span], group, found)
            self.pairs[number].add(found[:count])

    # The answer

    def answer(self) -> pl.DataFrame:
        """Return one row a customer."""
        customers = self.keys.known
        records = self.records[:customers]
        self._check(records)
        found = {KEY: self._keys()}
        for name, slot in self.layout.sums.items():
            found[name] = self._series(slot, records)
        for column, parts in self.plan.tables.items():
            found |= self._tables(column, parts, customers)
        return pl.DataFrame(found)

    def _keys(self) -> pl.Series:
        if isinstance(self.keys, Texts):
            return self.keys.texts.alias(KEY)
        return pl.Series(KEY, self.keys.names).cast(self.types[KEY])

    def _check(self, records: "Integers") -> None:
        """Refuse sums that may have run over."""
        rows = float(records[:, 0].max(initial=0))
        if (self.most * rows >= _SUM_MAX).any():
            raise UnsuitedError

    def _series(self, slot: Slot, records: "Integers") -> pl.Series:
        """Return one of the plan's sums, null where nothing was found."""
        values = pl.Series(records[:, slot.place + slot.width - 1])
        if slot.operation <= SUM:
            return values
        held = pl.Series(records[:, slot.place] != self.layout.empty[slot.place])
        known = values.set(~held, None)
        if slot.column < 0:
            return known.cast(_MOMENT)
        return self._values_of(list(self.layout.columns)[slot.column], known)

    def _values_of(self, column: str, codes: pl.Series) -> pl.Series:
        """Return what whole numbers stand for in a column."""
        dtype = self.types[column]
        if dtype == pl.String:
            texts = self.texts[column].texts
            return texts.gather(codes.cast(pl.UInt32)) if len(texts) else codes.cast(pl.String)
        if dtype == pl.Date:
            return codes.cast(pl.Int32).cast(dtype)
        return codes.cast(dtype)

    def _tables(self, column: str, parts: Mapping[Part, str], customers: int) -> dict[str, pl.Series]:
        """Return the answers of the parts that count a column's values."""
        found: dict[str, pl.Series] = {}
        names, ranks = self._ordered(column)
        most: dict[tuple[str, int, int], int] = {}
        pairs = {part: pair_of(column, part, self.layout.spans, list(self.plan.filters)) for part in parts}
        for part, pair in pairs.items():
            most[pair] = max(most.get(pair, 1), part.measure.k)
        counted = {
            pair: self.pairs[self.layout.pairs[pair]].counted(ranks, customers, k) for pair, k in most.items()
        }
        for part, name in parts.items():
            distinct, top = counted[pairs[part]]
            if part.measure.name == "distinct":
                found[name] = pl.Series(distinct)
                continue
            for i in range(part.measure.k):
                codes = pl.Series(top[:, 2 * i + 1]).set(pl.Series(top[:, 2 * i] == 0), None)
                values = names.gather(codes.cast(pl.UInt32)) if len(names) else names.clear(customers)
                found[f"{name}_{i}"] = values if part.measure.k > 1 else _as_struct(top[:, 2 * i], values)
        return found

    def _ordered(self, column: str) -> "tuple[pl.Series, Integers]":
        """Return a column's values in order, and the place of each code among them."""
        numbering = self.texts[column] if self.types[column] == pl.String else self.codes[column]
        ranks = numbering.ranks()
        order = np.argsort(ranks)
        if isinstance(numbering, Texts):
            return numbering.texts.gather(order), ranks
        return self._values_of(column, pl.Series(numbering.names[order])), ranks


def _as_struct(counts: "Integers", values: pl.Series) -> pl.Series:
    """Return a most frequent value as the engine gives it."""
    return pl.DataFrame({"n": pl.Series(-counts), "v": values}).to_struct()
