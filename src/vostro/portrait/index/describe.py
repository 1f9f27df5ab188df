"""An audience described 人群说明: how many, after which condition, by which channel, and who they are."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from vostro.portrait.audience import TagDistribution
from vostro.portrait.index.index import AudienceIndex
from vostro.portrait.index.selection import Audience, Overlap
from vostro.portrait.rule import Rule
from vostro.portrait.tags import Tag
from vostro.words import Text

__all__ = ["AudienceAnswer", "Condition", "describe_audience", "distance", "index_folder"]


class Condition(msgspec.Struct, frozen=True):
    """One of the conditions of an audience, and how many customers it leaves."""

    words: Text
    alone: int  # customers for whom it holds
    running: int  # customers for whom it and all before it hold


class AudienceAnswer(msgspec.Struct, frozen=True):
    """What ``vostro audience`` tells."""

    rule: str
    words: Text
    count: int
    customers: int  # of the bank
    as_of: datetime  # of the index
    changes: int  # of single customers, entered into the index since
    version: str  # of the definitions that the index was built by
    outdated: bool  # the definitions are others now
    conditions: list[Condition]
    reach: dict[str, int | None]  # channel -> reachable customers of the audience; None: it has no such rule
    portrait: list[TagDistribution]  # the tag first whose values are furthest from those of all customers
    tenth: int | None = None
    in_tenth: int | None = None
    against: Text | None = None
    overlap: Overlap | None = None


def describe_audience(
    index: AudienceIndex,
    rule: Rule,
    tags: Mapping[str, Tag],
    *,
    version: str,
    channels: Mapping[str, Rule | None] | None = None,
    against: Rule | None = None,
    tenth: int | None = None,
) -> tuple[Audience, AudienceAnswer]:
    """Count an audience and tell how it differs from all customers.

    Args:
        index: what is asked.
        rule: selects the audience.
        tags: those of the portrait.
        version: digest of the definitions in force, to tell when the index was built by others.
        channels: their rules of reachability.
        against: another audience, to compare with.
        tenth: 1 to 10: reach, portrait and the audience that is returned are those of this tenth of it.

    Raises:
        IndexTagError: a rule reads a tag that the index does not hold as it is defined now.
        TenthError: the tenth is not 1 to 10.
    """
    with index.lock:
        whole = index.select(rule)
        chosen = whole if tenth is None else whole.tenth(tenth)
        reach: dict[str, int | None] = dict.fromkeys(channels or {})
        reach |= index.reach(
            chosen, {code: each for code, each in (channels or {}).items() if each is not None}
        )
        answer = AudienceAnswer(
            rule=rule.text,
            words=_words(rule),
            count=whole.size,
            customers=index.size,
            as_of=index.as_of,
            changes=index.changes,
            version=index.freshness.version,
            outdated=index.freshness.version != version,
            conditions=[Condition(_words(step.rule), step.alone, step.running) for step in index.steps(rule)],
            reach=reach,
            portrait=sorted(index.portrait(chosen, tags), key=distance, reverse=True) if chosen.size else [],
            tenth=tenth,
            in_tenth=None if tenth is None else chosen.size,
            against=None if against is None else _words(against),
            overlap=None if against is None else whole.overlap(index.select(against)),
        )
    return chosen, answer


def distance(distribution: TagDistribution) -> float:
    """Return how far the indices of a tag's values are from 100, weighted by their share of all customers.

    It is 200 times the share of the audience that would have to change its value for both to be alike.
    """
    return sum(each.base_share * abs(each.index - 100) for each in distribution.bins)


def index_folder(state: Path) -> Path:
    """Return where a bank's audience index is, inside its state folder."""
    return state / "index"


def _words(rule: Rule) -> Text:
    return Text(en=rule.words("en"), zh=rule.words("zh"))
