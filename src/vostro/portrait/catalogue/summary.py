"""Summaries 标签概况: how many customers have a tag, and how do its values spread?"""

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import polars as pl

from vostro.portrait.bins import BINS_MAX, numeric_bins
from vostro.words import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vostro.portrait.tags import Tag

__all__ = ["HIDDEN", "TagSummary", "ValueCount", "movement", "summarise", "with_keys"]

HIDDEN = ("identity", "contact")  # who somebody is or where to reach them has no distribution
_VALUES_MAX = 20  # values of a text tag that are counted by themselves; the rest is "other"
_DECILES = 11
_YES, _NO = Text(en="yes", zh="是"), Text(en="no", zh="否")
OTHER = Text(en="other", zh="其他")


class ValueCount(msgspec.Struct, frozen=True):
    """One value, or range of values, of a tag and how many customers have it."""

    value: str | Text
    count: int
    share: float  # of the customers whose value is known, 0 to 1


class TagSummary(msgspec.Struct, frozen=True):
    """How well a tag is filled, and how its values spread over the customers."""

    customers: int
    known: int
    values: tuple[ValueCount, ...] = ()  # empty where the tag says who somebody is
    deciles: tuple[float, ...] = ()  # of numbers and dates (days since 1970): 0 %, 10 % ... 100 %

    @property
    def coverage(self) -> float:
        """Share of the customers whose value is known, 0 to 1; 0 where there is no customer."""
        return self.known / self.customers if self.customers else 0.0


def summarise(column: pl.Series, tag: "Tag") -> TagSummary:
    """Count a tag's values.

    Args:
        column: one value a customer, null where it is unknown.
        tag: its definition: tiers keep their order, values their names.
    """
    known = column.drop_nulls()
    if tag.sensitivity in HIDDEN or not len(known):
        return TagSummary(len(column), len(known))
    if tag.type in ("text", "boolean"):
        return TagSummary(len(column), len(known), _by_value(known, tag))
    dated = tag.type in ("date", "moment")
    numbers = (known.dt.epoch("d") if dated else known).cast(pl.Float64).to_numpy()
    binned = known.dt.year().cast(pl.Float64).to_numpy() if dated else numbers
    values = _by_range(binned, whole=tag.type not in ("number", "decimal"), thousands="" if dated else ",")
    deciles = np.quantile(numbers, np.linspace(0, 1, _DECILES), method="nearest")
    return TagSummary(len(column), len(known), values, tuple(deciles.tolist()))


def _by_range(numbers: "NDArray[np.float64]", *, whole: bool, thousands: str) -> tuple[ValueCount, ...]:
    """Count numbers in ranges; a pile at zero, which would hide all others, stands by itself."""
    nothing = numbers == 0
    piled = bool(nothing.mean() > 1 / BINS_MAX and (numbers >= 0).all() and not nothing.all())
    rest = numbers[~nothing] if piled else numbers
    labels, codes = numeric_bins(rest, whole=whole, thousands=thousands)
    counted = list(zip(labels, np.bincount(codes, minlength=len(labels)).tolist(), strict=True))
    if piled:
        counted.insert(0, ("0", int(nothing.sum())))
    return tuple(ValueCount(label, count, count / len(numbers)) for label, count in counted if count)


def _by_value(known: pl.Series, tag: "Tag") -> tuple[ValueCount, ...]:
    counted = known.value_counts(name="count").sort(["count", known.name], descending=[True, False])
    rows = [(value, count) for value, count in counted.iter_rows()]
    shown, rest = rows[:_VALUES_MAX], rows[_VALUES_MAX:]
    if tag.tiers:  # tiers have an order of their own
        order = {value: i for i, (value, _) in enumerate(tag.tiers)}
        shown = sorted(shown, key=lambda row: order.get(row[0], len(order)))
    values = [ValueCount(_said(value, tag), count, count / len(known)) for value, count in shown]
    if rest:
        count = sum(each for _, each in rest)
        values.append(ValueCount(OTHER, count, count / len(known)))
    return tuple(values)


def _said(value: object, tag: "Tag") -> str | Text:
    if isinstance(value, bool):
        return _YES if value else _NO
    return tag.value_names.get(str(value), str(value))


def movement(before: TagSummary, after: TagSummary) -> float | None:
    """Return how far a tag's values moved between two builds, 0 (not at all) to 1 (wholly).

    For values: the share of known customers that would have to change theirs (total variation). For
    numbers: the largest difference between the two distribution functions, read off their deciles, so
    good to about 0.1. None where one of them is not known.

    >>> yes, no = ValueCount("yes", 6, 0.6), ValueCount("no", 4, 0.4)
    >>> round(movement(TagSummary(10, 10, (yes, no)), TagSummary(5, 5, (ValueCount("no", 5, 1.0),))), 3)
    0.6
    """
    if bool(before.deciles) != bool(after.deciles) or not (before.values and after.values):
        return None
    if after.deciles:
        return _decile_distance(np.asarray(before.deciles), np.asarray(after.deciles))
    first, second = with_keys(before), with_keys(after)
    gaps = [abs(first.get(key, 0.0) - second.get(key, 0.0)) for key in first.keys() | second.keys()]
    return sum(gaps) / 2


def _decile_distance(one: "NDArray[np.float64]", other: "NDArray[np.float64]") -> float:
    points = np.union1d(one, other)
    first = np.searchsorted(one, points, side="right") / len(one)
    second = np.searchsorted(other, points, side="right") / len(other)
    return float(np.abs(first - second).max())


def with_keys(summary: TagSummary) -> dict[str, float]:
    """Return value -> share, values with words under their English ones."""
    return {
        each.value.en if isinstance(each.value, Text) else each.value: each.share for each in summary.values
    }
