"""Explaining a link 关联说明: why are two records one person, in words a clerk can say?"""

from collections.abc import Mapping
from typing import Any

import msgspec

from vostro.portrait.identity.kinds import LEVELS, MISSING
from vostro.portrait.identity.parameters import Model
from vostro.words import Language, Text

__all__ = ["Explanation", "FieldEvidence", "explain_levels"]


class FieldEvidence(msgspec.Struct, frozen=True):
    """What one field says about a pair."""

    field: str
    level: str
    bits: float  # for (positive) or against one person, before the frequency of the value
    words: Text


class Explanation(msgspec.Struct, frozen=True):
    """Why two records are, or are not, one person."""

    linked: bool
    probability: float  # of this pair alone
    match_weight: float  # bits
    key: tuple[str, ...] | None  # the deterministic key that they share
    fields: tuple[FieldEvidence, ...]
    verdict: Text

    def say(self, language: Language) -> str:
        """Return the verdict and a line for each field, the strongest evidence first."""
        lines = [self.verdict.say(language)]
        for each in sorted(self.fields, key=lambda field: -abs(field.bits)):
            lines.append(f"  {each.words.say(language)} ({each.bits:+.1f})")
        return "\n".join(lines)


def explain_levels(model: Model, pair: Mapping[str, Any], *, linked: bool, group: int) -> Explanation:
    """Return the explanation of a pair.

    Args:
        model: as settled.
        pair: ``probability``, ``weight``, ``key`` and the level of each field under its name inside.
        linked: whether both are one person.
        group: how many records the person of the first one has.
    """
    key = None if pair["key"] is None else tuple(model.parameters.keys[pair["key"]])
    return Explanation(
        linked=linked,
        probability=pair["probability"],
        match_weight=round(pair["weight"], 2),
        key=key,
        fields=tuple(_field(model, field.name, pair[field.column]) for field in model.fields),
        verdict=_verdict(pair["probability"], key, linked, group),
    )


def _field(model: Model, name: str, level: str) -> FieldEvidence:
    from math import log2

    share = next((each for each in model.parameters.shares[name] if each.level == level), None)
    bits = 0.0 if level == MISSING or share is None else log2(share.m / share.u)
    words = LEVELS[level]
    return FieldEvidence(name, level, round(bits, 1), Text(en=f"{name} {words.en}", zh=f"{name}：{words.zh}"))


def _verdict(probability: float, key: tuple[str, ...] | None, linked: bool, group: int) -> Text:
    chance = f"{100 * probability:.1f} %"
    if key is not None and linked:
        shown = " + ".join(key)
        return Text(en=f"One person: both share the key {shown}.", zh=f"同一客户：共享关键字段 {shown}。")
    if linked and probability >= 0.5:
        return Text(
            en=f"One person: this pair alone says so with {chance}.",
            zh=f"同一客户：仅此一对的概率为 {chance}。",
        )
    if linked:
        return Text(
            en=f"One person, by other records: this pair alone has {chance}, but the {group} records hold together.",
            zh=f"同一客户，由其他记录佐证：仅此一对的概率为 {chance}，但 {group} 条记录整体一致。",
        )
    if probability >= 0.5:
        return Text(
            en=f"Two people: this pair alone has {chance}, but their other records, or a person, speak against it.",
            zh=f"两位客户：仅此一对的概率为 {chance}，但其他记录或人工判定不支持合并。",
        )
    return Text(
        en=f"Two people: the chance of being one is {chance}.", zh=f"两位客户：为同一人的概率为 {chance}。"
    )
