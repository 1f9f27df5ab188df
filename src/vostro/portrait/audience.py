"""The audience portrait 客群画像: how do the chosen customers differ from all the others?

For every tag the shares of its values in the audience beside those in the base (all
customers). The index (TGI) is 100 × audience share / base share: above 100 the audience has
more of the value than the bank as a whole. Shares are among customers whose value is known.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import polars as pl

from vostro.portrait.bins import numeric_bins
from vostro.portrait.tags import Tag
from vostro.portrait.types import Dimension
from vostro.words import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "NO",
    "OTHER",
    "VALUES_MAX",
    "YES",
    "Bin",
    "TagDistribution",
    "audience_portrait",
    "compare",
    "is_shown",
    "ordered_values",
]

VALUES_MAX = 10  # values of a text tag that are shown by themselves; the rest is "other"
_HIDDEN = ("identity", "contact")  # who somebody is or where to reach them is no portrait
YES, NO = Text(en="yes", zh="是"), Text(en="no", zh="否")
OTHER = Text(en="other", zh="其他")


class Bin(msgspec.Struct, frozen=True):
    """One value, or range of values, of a tag."""

    value: str | Text
    base_share: float  # of all customers whose value is known, 0 to 1
    audience_share: float  # of the audience's customers whose value is known, 0 to 1
    index: float  # 100 x audience share / base share; 100 is "as everywhere"


class TagDistribution(msgspec.Struct, frozen=True):
    """The values of one tag in the audience and in the base."""

    tag: str
    name: Text
    dimension: Dimension
    bins: tuple[Bin, ...]
    coverage: float  # share of the audience whose value is known, 0 to 1


def audience_portrait(
    portraits: pl.DataFrame, mask: "NDArray[np.bool_]", tags: Mapping[str, Tag]
) -> list[TagDistribution]:
    """Compare an audience with the base, tag by tag.

    Args:
        portraits: one row a customer, as ``build_portraits`` returns them.
        mask: shape (n_customers,), bool; the audience.
        tags: those to compare. Left out are tags that may not be shown, that say who somebody is, and
            that no customer has a value of.
    """
    assert len(mask) == portraits.height, "one truth a customer"
    found = []
    for code, tag in tags.items():
        if code not in portraits.columns or not is_shown(tag):
            continue
        counts = _counts(portraits[code], mask, tag)
        if counts:
            known = int(portraits[code].filter(pl.Series(mask)).is_not_null().sum())
            coverage = known / max(int(mask.sum()), 1)
            found.append(TagDistribution(code, tag.name, tag.dimension, compare(counts), coverage))
    return found


def is_shown(tag: Tag) -> bool:
    """Tell whether a tag may stand in a portrait: it may be shown, and does not say who somebody is."""
    return "show" in tag.uses and tag.sensitivity not in _HIDDEN


def compare(counts: list[tuple[str | Text, int, int]]) -> tuple[Bin, ...]:
    """Return shares and index of values from their counts in the base and in the audience."""
    base = max(sum(all_ for _, all_, _ in counts), 1)
    audience = max(sum(chosen for _, _, chosen in counts), 1)
    return tuple(
        Bin(value, all_ / base, chosen / audience, 100 * (chosen / audience) / (all_ / base))
        for value, all_, chosen in counts
    )


def _counts(column: pl.Series, mask: "NDArray[np.bool_]", tag: Tag) -> list[tuple[str | Text, int, int]]:
    """Return values with their count in the base and in the audience; values nobody has are left out."""
    known = column.is_not_null().to_numpy()
    values, chosen = column.filter(pl.Series(known)), mask[known]
    if not len(values):
        return []
    if tag.type in ("text", "boolean"):
        return _by_value(values, chosen, tag)
    dated = tag.type in ("date", "moment")
    if dated:
        values = values.dt.year()
    numbers = values.cast(pl.Float64).to_numpy()
    labels, codes = numeric_bins(
        numbers, whole=tag.type not in ("number", "decimal"), thousands="" if dated else ","
    )
    base = np.bincount(codes, minlength=len(labels))
    audience = np.bincount(codes[chosen], minlength=len(labels))
    return [
        (label, int(all_), int(some))
        for label, all_, some in zip(labels, base, audience, strict=True)
        if all_
    ]


def _by_value(values: pl.Series, chosen: "NDArray[np.bool_]", tag: Tag) -> list[tuple[str | Text, int, int]]:
    counted = (
        pl.DataFrame({"value": values, "chosen": chosen})
        .group_by("value")
        .agg(pl.len().alias("base"), pl.col("chosen").sum().alias("audience"))
        .sort(["base", "value"], descending=[True, False])
    )
    return ordered_values(list(counted.iter_rows()), tag)


def ordered_values(rows: list[tuple[Any, int, int]], tag: Tag) -> list[tuple[str | Text, int, int]]:
    """Name the values of a tag with their counts, in the order in which they are shown; rare ones are "other".

    Args:
        rows: value, count in the base, count in the audience; the most frequent in the base first.
        tag: its tiers keep their order, its values their names.
    """
    if tag.type == "boolean":
        return [(YES if value else NO, base, audience) for value, base, audience in rows]
    shown, rest = rows[:VALUES_MAX], rows[VALUES_MAX:]
    if tag.tiers:  # tiers have an order of their own
        order = {value: i for i, (value, _) in enumerate(tag.tiers)}
        shown = sorted(shown, key=lambda row: order[row[0]])
    counts: list[tuple[str | Text, int, int]] = [
        (tag.value_names.get(value, value), base, audience) for value, base, audience in shown
    ]
    if rest:
        counts.append((OTHER, sum(row[1] for row in rest), sum(row[2] for row in rest)))
    return counts
