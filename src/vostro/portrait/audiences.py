"""Audiences beside each other 多客群画像: how does each of several audiences differ from the base?

The same shares and indices as ``audience_portrait``; every tag is put into bins once and then
counted for each audience.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vostro.portrait.audience import TagDistribution, compare, is_shown, ordered_values
from vostro.portrait.bins import numeric_bins
from vostro.portrait.tags import Tag
from vostro.words import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["audience_portraits"]


def audience_portraits(
    portraits: pl.DataFrame, masks: "Mapping[str, NDArray[np.bool_]]", tags: Mapping[str, Tag]
) -> dict[str, list[TagDistribution]]:
    """Compare several audiences with the base, tag by tag.

    Args:
        portraits: one row a customer, as ``build_portraits`` returns them.
        masks: audience -> shape (n_customers,), bool.
        tags: those to compare; left out are those that ``audience_portrait`` leaves out.
    """
    assert all(len(mask) == portraits.height for mask in masks.values()), "one truth a customer"
    found: dict[str, list[TagDistribution]] = {name: [] for name in masks}
    for code, tag in tags.items():
        if code not in portraits.columns or not is_shown(tag):
            continue
        known = portraits[code].is_not_null().to_numpy()
        if not known.any():
            continue
        values, codes = _coded(portraits[code].filter(pl.Series(known)), tag)
        base = np.bincount(codes, minlength=len(values))
        for name, mask in masks.items():
            audience = np.bincount(codes[mask[known]], minlength=len(values))
            rows = [row for row in zip(values, base.tolist(), audience.tolist(), strict=True) if row[1]]
            counts = ordered_values(rows, tag) if tag.type in ("text", "boolean") else rows
            coverage = int(audience.sum()) / max(int(mask.sum()), 1)
            found[name].append(TagDistribution(code, tag.name, tag.dimension, compare(counts), coverage))
    return found


def _coded(values: pl.Series, tag: Tag) -> "tuple[list[str | Text], NDArray[np.intp]]":
    """Return the values or ranges of a tag, and which of them each known value is."""
    if tag.type in ("text", "boolean"):
        counted = values.rename("value").value_counts().sort(["count", "value"], descending=[True, False])
        order = counted["value"].to_list()
        codes = values.replace_strict(order, list(range(len(order))), return_dtype=pl.Int64)
        return order, codes.to_numpy()
    dated = tag.type in ("date", "moment")
    numbers = (values.dt.year() if dated else values).cast(pl.Float64).to_numpy()
    return numeric_bins(numbers, whole=tag.type not in ("number", "decimal"), thousands="" if dated else ",")
