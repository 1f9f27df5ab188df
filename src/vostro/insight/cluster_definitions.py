"""Clusters as definitions 聚类定义: which tags make the bank's customers alike, and how are they grouped?"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from vostro.engine import Located, read_definitions
from vostro.insight.clusters import K_MOST, ROWS_EACH, Method
from vostro.portrait import TagInfo
from vostro.words import Fault, FaultsError, Text, suggest

__all__ = ["ClusterDefinition", "read_clusters"]


class ClusterDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of ``clusters/*.yaml``."""

    clusters: str
    name: Text
    features: tuple[str, ...]  # tags by which customers are alike
    method: Method = "kmeans"
    k: int | Literal["auto"] = "auto"
    k_most: int = K_MOST  # the largest number that auto tries
    seed: int = 0


def read_clusters(
    bank: Path, *, tags: Mapping[str, TagInfo], estimators: Mapping[str, object] | None = None
) -> dict[str, ClusterDefinition]:
    """Read and check ``clusters/*.yaml``.

    Args:
        bank: its folder.
        tags: that features may name; their ``uses`` name ``segment``.
        estimators: their codes are taken, because a model tag names either.

    Raises:
        FaultsError: unknown tags or fields, numbers that cannot be, with file and line; all at once.
    """
    found = read_definitions(bank / "clusters", "clusters", ClusterDefinition)
    faults = [fault for at in found.values() for fault in _faults(at, tags, estimators or {})]
    if faults:
        raise FaultsError(faults)
    return {code: at.value for code, at in found.items()}


def _faults(
    at: Located[ClusterDefinition], tags: Mapping[str, TagInfo], estimators: Mapping[str, object]
) -> Iterator[Fault]:
    definition = at.value
    if definition.clusters in estimators:
        yield at.fault("clusters", "an estimator has this code", "该代码已用于模型")
    if not definition.features:
        yield at.fault("features", "clusters need at least one tag", "聚类至少需要一个标签")
    for i, tag in enumerate(definition.features):
        if tag not in tags:
            close = suggest(tag, set(tags))
            hint = (f"; did you mean '{close}'?", f"，是否想写“{close}”？") if close else ("", "")
            yield at.fault(
                f"features[{i}]", f"there is no tag '{tag}'{hint[0]}", f"没有名为“{tag}”的标签{hint[1]}"
            )
        elif "segment" not in tags[tag].uses:
            yield at.fault(
                f"features[{i}]", f"tag '{tag}' may not be used to segment", f"标签“{tag}”不得用于圈选"
            )
    for field in ("k", "k_most"):
        value = getattr(definition, field)
        if value != "auto" and not 2 <= value <= 1_000 // ROWS_EACH:
            yield at.fault(field, "write 2 to 50", "请写 2 至 50")
