"""Words of bins 分箱文字: how is an attribute said, in both languages?"""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from vostro.insight.scorecard.bins import FIRST, BinnedFeature
from vostro.words import Text

__all__ = ["bin_labels"]

LEVELS_SAID = 4  # levels of a bin that are said before "and more"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def bin_labels(feature: BinnedFeature) -> list[Text]:
    """Return the words of every bin, by code."""
    special = [Text(en=_plain(each, feature), zh=_plain(each, feature)) for each in feature.special]
    first = [Text(en="not known", zh="未知"), Text(en="rare or new", zh="罕见或新值")]
    ordered = _level_labels(feature) if feature.kind == "text" else _range_labels(feature)
    return [*first, *special, *ordered]


def _level_labels(feature: BinnedFeature) -> list[Text]:
    start = FIRST + len(feature.special)
    labels = []
    for code in range(start, len(feature.woe)):
        inside = sorted(level for level, place in feature.levels.items() if place == code)
        said, more = inside[:LEVELS_SAID], len(inside) - LEVELS_SAID
        labels.append(
            Text(
                en=", ".join(said) + (f" and {more} more" if more > 0 else ""),
                zh="、".join(said) + (f"等 {len(inside)} 项" if more > 0 else ""),
            )
        )
    return labels


def _range_labels(feature: BinnedFeature) -> list[Text]:
    if feature.kind == "boolean" and len(feature.edges) == 1:
        return [Text(en="no", zh="否"), Text(en="yes", zh="是")]
    ends = [_plain(edge, feature) for edge in feature.edges]
    if not ends:
        return [Text(en="any value", zh="任意值")]
    middle = [Text(en=f"above {low} to {high}", zh=f"大于 {low} 至 {high}") for low, high in pairwise(ends)]
    first, last = ends[0], ends[-1]
    return [
        Text(en=f"up to {first}", zh=f"不超过 {first}"),
        *middle,
        Text(en=f"above {last}", zh=f"大于 {last}"),
    ]


def _plain(value: float | str, feature: BinnedFeature) -> str:
    if isinstance(value, str):
        return value
    if feature.kind == "moment":
        return (EPOCH + timedelta(days=value)).date().isoformat()
    return f"{value:.6g}"
