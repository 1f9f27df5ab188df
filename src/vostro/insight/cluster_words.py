"""Clusters in words 聚类描述: which tags set a group of customers apart from all others, and by how much?

For a number: the difference of means between the group and the others in standard deviations, on
the robust scale of ``mixed`` (Cohen's d), said with both medians. For a word, a yes-or-no or
"not known": the difference of shares (Cohen's h), said with both shares. Effects from 0.3 on are told.

Source: Cohen (1988), "Statistical Power Analysis for the Behavioral Sciences".
"""

from collections.abc import Iterator, Mapping

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.columns import read_kind
from vostro.insight.mixed import MixedColumn, encode_mixed, learn_space
from vostro.portrait import TagInfo
from vostro.words import Text

__all__ = ["ClusterPortrait", "Trait", "describe_groups", "traits_of"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
EFFECT_LEAST = 0.3
EFFECT_MUCH = 0.8
TRAITS_MOST = 6
_YES_NO = {"true": Text(en="yes", zh="是"), "false": Text(en="no", zh="否")}


class Trait(msgspec.Struct, frozen=True):
    """One thing that sets a group apart."""

    tag: str
    effect: float  # Cohen's d (numbers) or h (shares), group against the others; the sign is the direction
    short: Text  # for a title: "high balance"
    words: Text  # with the figures
    about_unknown: bool = False  # that the value is (not) known; at most one such trait is told


class ClusterPortrait(msgspec.Struct, frozen=True):
    """A cluster: how large it is and what sets it apart, the strongest first."""

    cluster: int  # from 1
    size: int  # customers
    share: float  # of all customers, 0 to 1
    title: Text
    traits: tuple[Trait, ...]


def describe_groups(
    frame: pl.DataFrame, groups: npt.NDArray[np.int64], k: int, tags: Mapping[str, TagInfo]
) -> list[ClusterPortrait]:
    """Describe groups of customers.

    Args:
        frame: shape (n, tags); its columns but ``customer`` are told of.
        groups: shape (n,), 1 to k.
        k: how many groups.
        tags: names of tags and of their values.
    """
    described = []
    for number in range(1, k + 1):
        mask = groups == number
        traits = traits_of(frame, mask, tags)
        described.append(
            ClusterPortrait(
                number, int(mask.sum()), float(mask.mean()) if len(mask) else 0.0, _title(traits), traits
            )
        )
    return described


def traits_of(frame: pl.DataFrame, mask: Mask, tags: Mapping[str, TagInfo]) -> tuple[Trait, ...]:
    """Return what sets the customers of a mask apart from the others of the frame, strongest first.

    At most one trait a tag, at most six in all, each with an effect of at least 0.3.
    """
    if mask.all() or not mask.any():
        return ()
    found: list[Trait] = []
    names = [name for name in frame.columns if name != "customer"]
    for column in learn_space(frame, names).columns:
        best = max(
            _traits(frame, column, mask, tags.get(column.name)),
            key=_strength,
            default=None,
        )
        if best is not None and abs(best.effect) >= EFFECT_LEAST:
            found.append(best)
    ranked = sorted(found, key=lambda each: (-abs(each.effect), each.tag))
    unknown = [each for each in ranked if each.about_unknown]
    return tuple(each for each in ranked if not each.about_unknown or each is unknown[0])[:TRAITS_MOST]


def _strength(trait: Trait) -> tuple[float, bool]:
    """Order traits by effect; of a yes-or-no, "mostly yes" goes before "rarely no"."""
    return round(abs(trait.effect), 9), trait.effect > 0


def _traits(frame: pl.DataFrame, column: MixedColumn, mask: Mask, info: TagInfo | None) -> Iterator[Trait]:
    block = encode_mixed(frame, msgspec.structs.replace(column, weight=1.0))
    name = info.name if info else Text(en=column.name, zh=column.name)
    if column.kind in ("number", "moment"):
        known = block[:, 1] == 0 if column.nulls else np.ones(len(mask), dtype=bool)
        effect = _difference(block[mask & known, 0], block[~mask & known, 0])
        if np.isfinite(effect):
            yield _number_trait(frame, column, mask, name, info, effect)
    else:
        for place, level in enumerate(column.levels):
            said = _value(level, column, info)
            yield _share_trait(column.name, block[:, place] > 0, mask, name, said)
    if column.nulls:
        unknown = Text(en="not known", zh="未知")
        trait = _share_trait(column.name, block[:, -1] > 0, mask, name, unknown)
        yield msgspec.structs.replace(trait, about_unknown=True)


def _difference(group: Floats, others: Floats) -> float:
    """Return Cohen's d; NaN where one side is empty or nothing varies."""
    if len(group) < 2 or len(others) < 2:
        return np.nan
    pooled = ((len(group) - 1) * group.var(ddof=1) + (len(others) - 1) * others.var(ddof=1)) / (
        len(group) + len(others) - 2
    )
    return float((group.mean() - others.mean()) / np.sqrt(pooled)) if pooled > 0 else np.nan


def _number_trait(
    frame: pl.DataFrame, column: MixedColumn, mask: Mask, name: Text, info: TagInfo | None, effect: float
) -> Trait:
    values = read_kind(frame, column.name, column.kind)
    inside = values.filter(pl.Series(mask))
    here, everywhere = inside.median(), values.median()
    middle = Text(en="median", zh="中位数")
    if here == everywhere:  # most have nothing
        here, everywhere, middle = inside.mean(), values.mean(), Text(en="mean", zh="均值")
    much = abs(effect) >= EFFECT_MUCH
    up = effect > 0
    dated = column.kind == "moment"
    en_up, en_down = ("later", "earlier") if dated else ("higher", "lower")
    zh_up, zh_down = ("较晚", "较早") if dated else ("偏高", "偏低")
    short_en = ("late" if up else "early") if dated else ("high" if up else "low")
    units = (f" {info.unit.en}", info.unit.zh) if info and info.unit else ("", "")
    one, all_ = _number(here, dated), _number(everywhere, dated)
    return Trait(
        column.name,
        effect,
        Text(en=f"{short_en} {_small(name.en)}", zh=f"{name.zh}{zh_up if up else zh_down}"),
        Text(
            en=f"{name.en} is {'much ' if much else ''}{en_up if up else en_down}: "
            f"{middle.en} {one}{units[0]} (all: {all_})",
            zh=f"{name.zh}{'明显' if much else ''}{zh_up if up else zh_down}：{middle.zh}{one}{units[1]}（全体：{all_}）",
        ),
    )


def _share_trait(tag: str, hit: Mask, mask: Mask, name: Text, value: Text) -> Trait:
    here, others, base = hit[mask].mean(), hit[~mask].mean(), hit.mean()
    effect = 2 * np.arcsin(np.sqrt(here)) - 2 * np.arcsin(np.sqrt(others))
    index = f"{100 * here / base:.0f}" if base > 0 else "–"
    rare_en, rare_zh = ("rarely ", "少有") if effect < 0 else ("", "")
    return Trait(
        tag,
        float(effect),
        Text(en=f"{rare_en}{_small(name.en)}: {value.en}", zh=f"{rare_zh}{name.zh}“{value.zh}”"),
        Text(
            en=f"{name.en} is '{value.en}' for {here:.0%} (all: {base:.0%}, index {index})",
            zh=f"{name.zh}为“{value.zh}”的占{here:.0%}（全体：{base:.0%}，指数{index}）",
        ),
    )


def _value(level: str, column: MixedColumn, info: TagInfo | None) -> Text:
    if column.kind == "boolean":
        return _YES_NO[level]
    return (info.value_names.get(level) if info else None) or Text(en=level, zh=level)


def _title(traits: tuple[Trait, ...]) -> Text:
    if not traits:
        return Text(en="like all others", zh="与全体相近")
    ranked = sorted(
        traits, key=lambda each: (each.effect < 0 and "rarely" in each.short.en, -abs(each.effect))
    )
    return Text(
        en=", ".join(each.short.en for each in ranked[:2]), zh="、".join(each.short.zh for each in ranked[:2])
    )


def _number(value: object, dated: bool) -> str:
    if value is None:
        return "–"
    number = float(value)  # type: ignore[arg-type]
    if dated:
        return str(np.datetime64(int(number), "D"))
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def _small(text: str) -> str:
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
