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
    return audience_portraits(portraits, {"": mask}, tags)[""]


def audience_portraits(
    portraits: pl.DataFrame, masks: "Mapping[str, NDArray[np.bool_]]", tags: Mapping[str, Tag]
) -> dict[str, list[TagDistribution]]:
    """Compare several audiences with the base: every tag is put into bins once, then counted for each.

    Args:
        portraits: as for ``audience_portrait``.
        masks: audience -> shape (n_customers,), bool.
        tags: as for ``audience_portrait``.
    """
    assert all(len(mask) == portraits.height for mask in masks.values()), "one truth a customer"
    found: dict[str, list[TagDistribution]] = {name: [] for name in masks}
    for code, tag in tags.items():
        if code not in portraits.columns or "show" not in tag.uses or tag.sensitivity in _HIDDEN:
            continue
        column = portraits[code]
        known = column.is_not_null().to_numpy()
        if not known.any():
            continue
        labels, codes = _coded(column.filter(pl.Series(known)), tag)
        base = np.bincount(codes, minlength=len(labels))
        for name, mask in masks.items():
            audience = np.bincount(codes[mask[known]], minlength=len(labels))
            coverage = int(audience.sum()) / max(int(mask.sum()), 1)
            bins = _bins(labels, base, audience)
            found[name].append(TagDistribution(code, tag.name, tag.dimension, bins, coverage))
    return found


def _bins(
    labels: list[str | Text], base: "NDArray[np.int64]", audience: "NDArray[np.int64]"
) -> tuple[Bin, ...]:
    """Return shares and index of every value; values nobody has are left out."""
    shares, chosen = base / max(int(base.sum()), 1), audience / max(int(audience.sum()), 1)
    return tuple(
        Bin(label, float(all_), float(some), 100 * float(some) / float(all_))
        for label, all_, some in zip(labels, shares, chosen, strict=True)
        if all_
    )


def _coded(values: pl.Series, tag: Tag) -> "tuple[list[str | Text], NDArray[np.intp]]":
    """Return the labels of a tag's values or ranges in order, and which of them each known value has."""
    if tag.type in ("text", "boolean"):
        return _by_value(values, tag)
    dated = tag.type in ("date", "moment")
    numbers = (values.dt.year() if dated else values).cast(pl.Float64).to_numpy()
    return numeric_bins(numbers, whole=tag.type not in ("number", "decimal"), thousands="" if dated else ",")


def _by_value(values: pl.Series, tag: Tag) -> "tuple[list[str | Text], NDArray[np.intp]]":
    counted = values.rename("value").value_counts().sort(["count", "value"], descending=[True, False])
    every = counted["value"].to_list()
    if tag.type == "boolean":
        order: list[object] = every
        labels: list[str | Text] = [_YES if value else _NO for value in every]
    else:
        order = every[:VALUES_MAX]
        if tag.tiers:  # tiers have an order of their own
            places = {value: i for i, (value, _) in enumerate(tag.tiers)}
            order = sorted(order, key=lambda value: places[str(value)])
        labels = [tag.value_names.get(str(value), str(value)) for value in order]
        if len(every) > len(order):
            labels.append(_OTHER)
    last = len(labels) - 1
    codes = values.replace_strict(order, list(range(len(order))), default=last, return_dtype=pl.Int64)
    return labels, codes.to_numpy()
