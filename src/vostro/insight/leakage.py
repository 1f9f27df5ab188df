"""Leakage guard 穿越防护: which tags give away the very thing that is to be foreseen?

Left out are the tags that a rule reads, the tags that these are made of, and all tags made of any
of them; then every tag that by itself tells the chosen customers from the others nearly without
fault (area under the ROC curve of its values above 0.95, or of whether it is known).
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.columns import declared_kind, read_kind
from vostro.insight.metrics import auc
from vostro.insight.outcomes import require
from vostro.portrait import Tag, TagInfo

__all__ = ["GIVES_AWAY", "related_tags", "telling_tags", "usable_tags"]

Mask = npt.NDArray[np.bool_]
GIVES_AWAY = 0.95
_HIDDEN = ("identity", "contact")


def usable_tags(tags: Mapping[str, Tag]) -> list[str]:
    """Return the tags that may be learnt from: allowed to decide, and not who somebody is."""
    return [code for code, tag in tags.items() if "decide" in tag.uses and tag.sensitivity not in _HIDDEN]


def related_tags(
    codes: Iterable[str], tags: Mapping[str, TagInfo], made_of: Mapping[str, Sequence[str]] | None = None
) -> frozenset[str]:
    """Return these tags, all that they are made of, and all that are made of any of these.

    Args:
        codes: of tags.
        tags: of the bank.
        made_of: estimators and clusters -> the tags that they read; a model tag hangs together with these.
    """
    reads = {code: _reads(tag, made_of or {}) for code, tag in tags.items()}
    below, todo = set(codes), list(codes)
    while todo:
        fresh = reads.get(todo.pop(), frozenset()) - below
        below |= fresh
        todo += fresh
    while True:
        above = {code for code, read in reads.items() if read & below} - below
        if not above:
            return frozenset(below)
        below |= above


def _reads(tag: TagInfo, made_of: Mapping[str, Sequence[str]]) -> frozenset[str]:
    if not isinstance(tag, Tag):
        return frozenset()
    return tag.depends | frozenset(made_of.get(tag.model.estimator, ()) if tag.model else ())


def telling_tags(frame: pl.DataFrame, chosen: Mask, features: Sequence[str]) -> dict[str, float]:
    """Return the tags that give the chosen customers away, and how well: area under the curve, 0.5 to 1."""
    found = {}
    for name in features:
        strength = max((auc_of(values, chosen) for values in _views(frame, name)), default=0.5)
        if strength > GIVES_AWAY:
            found[name] = strength
    return found


def auc_of(values: npt.NDArray[np.float64], chosen: Mask) -> float:
    """Return the area under the ROC curve of values, whichever way they point; shape (n,) both."""
    if chosen.all() or not chosen.any() or np.ptp(values) == 0:
        return 0.5
    area = auc(chosen.astype(np.float64), values)
    return max(area, 1 - area)


def _views(frame: pl.DataFrame, name: str) -> list[npt.NDArray[np.float64]]:
    """Return a tag's values as numbers that could tell: itself, whether it is known, or each frequent level."""
    series = require(frame, name)
    known = series.is_not_null().to_numpy().astype(np.float64)
    kind = declared_kind(series)
    if kind in ("number", "moment", "boolean"):
        values = read_kind(frame, name, kind).to_numpy()
        finite = np.isfinite(values)
        low = values[finite].min() - 1 if finite.any() else 0.0
        return [known, np.where(finite, values, low)]
    if kind == "text":
        texts = read_kind(frame, name, "text")
        levels = texts.drop_nulls().value_counts(sort=True)[name].head(20).to_list()
        return [known, *((texts == level).fill_null(False).to_numpy().astype(np.float64) for level in levels)]
    return [known]
