"""The portrait of an audience 客群画像: how does it differ from the base, tag by tag, in one walk?

The same bins and figures as ``audience_portrait``, from counts of bitmaps: a bin of numbers is the
difference of two counts "at least so much". Bins are laid when the index is built; what they hold in
the base is counted again after changes.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import polars as pl

from vostro.portrait.audience import OTHER, VALUES_MAX, TagDistribution, compare, is_shown, ordered_values
from vostro.portrait.bins import bins_of_counts
from vostro.portrait.index.ordinals import bounds, ordinal
from vostro.portrait.index.plan import ALL, Plan
from vostro.portrait.index.program import counts
from vostro.words import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vostro.portrait.index.columns import Column
    from vostro.portrait.index.index import AudienceIndex
    from vostro.portrait.index.selection import Audience
    from vostro.portrait.tags import Tag

__all__ = ["Bins", "bins_of", "count_base", "index_portrait"]

_NARROW = 1 << 22  # codes below it are counted in an array


class Bins(msgspec.Struct):
    """How the values of a tag are told apart in portraits, and how many customers each bin has."""

    labels: list[str | Text] = []  # of numbers
    starts: list[int] = []  # of numbers: the ordinal at which each bin but the first begins
    places: list[int] = []  # of a dictionary: the most frequent texts
    base: list[int] | None = None  # customers in each bin, and last those with a value; None: count them


def bins_of(column: "Column", values: pl.Series, codes: "NDArray[Any] | None") -> Bins:
    """Lay the bins of a column that is being built.

    Args:
        column: the column.
        values: its values, shape (n_customers,).
        codes: the codes of those who have a value; None where a bitmap each tells values apart.
    """
    shape = column.shape
    if shape.form == "values" or codes is None or not len(codes):
        return Bins()
    if shape.form == "texts":
        found = np.bincount(codes.astype(np.int64, copy=False))
        order = np.lexsort((np.arange(len(found)), -found))[:VALUES_MAX]
        return Bins(places=order.tolist())
    if shape.top < _NARROW:
        found = np.bincount(codes.astype(np.int64, copy=False))
        distinct = np.flatnonzero(found)
        held, times = column.decoded(distinct.astype(np.uint64)), found[distinct]
    else:
        counted = values.drop_nulls().alias("value").value_counts(name="times").sort("value")
        held, times = counted["value"], counted["times"].to_numpy().astype(np.int64)
    return _number_bins(column, held, times)


def _number_bins(column: "Column", distinct: pl.Series, times: "NDArray[np.int64]") -> Bins:
    """Lay bins over distinct numbers, or the years of dates, in their order."""
    info = column.info
    dated = info.type in ("date", "moment")
    numbers = (distinct.dt.year() if dated else distinct).cast(pl.Float64).to_numpy()
    first = np.flatnonzero(np.concatenate([[True], numbers[1:] != numbers[:-1]]))
    labels, starts = bins_of_counts(
        numbers[first],
        np.add.reduceat(times, first),
        whole=info.type not in ("number", "decimal"),
        thousands="" if dated else ",",
    )
    return Bins(labels=labels, starts=[_start(column, float(start)) for start in starts])


def _start(column: "Column", start: float) -> int:
    """Return the ordinal at which a bin begins: of a year, its first moment."""
    info = column.info
    if info.type == "date":
        return ordinal(date(int(start), 1, 1), info)
    if info.type == "moment":
        return ordinal(datetime(int(start), 1, 1, tzinfo=UTC), info)
    low = column.shape.offset
    return bounds(start, info, as_float=True, low=low, high=low + column.shape.top * column.shape.step)[0]


def index_portrait(
    index: "AudienceIndex", audience: "Audience", tags: "Mapping[str, Tag]"
) -> list[TagDistribution]:
    """Compare an audience with all customers; see ``audience_portrait``."""
    found = []
    for code, tag in tags.items():
        column = index.columns.get(code)
        if column is None or not is_shown(tag):
            continue
        base, chosen = _base(index, column), _bin_counts(index, column, audience)
        if base[-1]:
            bins = compare(_named(column, index.bins[code], tag, base, chosen))
            coverage = chosen[-1] / max(audience.size, 1)
            found.append(TagDistribution(code, tag.name, tag.dimension, bins, coverage))
    return found


def _named(
    column: "Column", bins: Bins, tag: "Tag", base: list[int], chosen: list[int]
) -> list[tuple[str | Text, int, int]]:
    """Return each bin's name with its count in the base and in the audience; empty ones are left out."""
    if column.shape.form == "number":
        rows = zip(bins.labels, base, chosen, strict=False)
        return [(label, all_, some) for label, all_, some in rows if all_]
    values: list[Any] = [column.value(place) for place in bins.places]
    if column.shape.form == "values":
        values = [True, False] if column.shape.type == "boolean" else column.shape.values
    found = [(value, *pair) for value, *pair in zip(values, base, chosen, strict=False) if pair[0]]
    found.sort(key=lambda row: (-row[1], row[0]))
    counted = ordered_values(found, tag)
    rest = base[-1] - sum(row[1] for row in found)
    if not rest:
        return counted
    return [*counted, (OTHER, rest, chosen[-1] - sum(row[2] for row in found))]


def count_base(index: "AudienceIndex") -> None:
    """Count all customers in all bins."""
    for column in index.columns.values():
        _base(index, column)


def _base(index: "AudienceIndex", column: "Column") -> list[int]:
    """Return how many customers are in each bin, counted anew after a change of the tag."""
    bins = index.bins[column.shape.tag]
    if bins.base is None or column.stale:
        column.stale = False
        bins.base = _bin_counts(index, column, None if index.alive is None else index.everybody())
    return bins.base


def _bin_counts(index: "AudienceIndex", column: "Column", audience: "Audience | None") -> list[int]:
    """Return the customers of an audience (None: all) in each bin, and last those who have a value."""
    plan = Plan()
    chosen = ALL if audience is None else plan.given(audience.words)
    known = column.known(plan)
    if column.shape.form == "number":
        starts, top = index.bins[column.shape.tag].starts, column.shape.top
        nodes = [column.coded(plan, [(column.code_at(start), top)]) for start in starts]
        found = _counts(index, plan, [known, *nodes], chosen, audience)
        return [*(a - b for a, b in zip(found, [*found[1:], 0], strict=True)), found[0]]
    places = column.shape.bits
    nodes = [plan.bit(row) for row in places]
    if column.shape.form == "texts":
        nodes = [column.coded(plan, [(place, place)]) for place in index.bins[column.shape.tag].places]
    found = _counts(index, plan, [known, *nodes], chosen, audience)
    if column.shape.type == "boolean":
        return [found[1], found[0] - found[1], found[0]]
    return [*found[1:], found[0]]


def _counts(
    index: "AudienceIndex", plan: Plan, nodes: list[int], chosen: int, audience: "Audience | None"
) -> list[int]:
    """Count nodes within an audience; an audience from before a customer was inserted is shorter."""
    height = index.height if audience is None else min(64 * len(audience.words), index.height)
    return counts(plan, [plan.and_(chosen, node) for node in nodes], index.bitmaps, height)
