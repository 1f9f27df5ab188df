"""Decisions by people 人工判定: two customers are one person after all, or are not.

Every decision is an event with an author and a reason. A merge joins two people; an unmerge takes
customers apart, undoes the merges that held them together, newest first, and is remembered: no
evidence brings them together again, only a person can.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
import polars as pl
import sqlalchemy as sa

from vostro.engine import Lake
from vostro.portrait.identity.book import (
    MERGED,
    UNMERGED,
    Decisions,
    Pair,
    append,
    body_of,
    lock,
    read_book,
    read_decisions,
    write_people,
)
from vostro.portrait.identity.errors import MergeRefusedError, PersonUnknownError, UnmergeError
from vostro.portrait.identity.evidence import place_pairs, read_evidence, read_model
from vostro.portrait.identity.prepared import ROW
from vostro.portrait.identity.running import groups_before
from vostro.portrait.identity.settling import Settled, joined, settle
from vostro.portrait.identity.updating import VISITOR, change, keep

__all__ = ["Decided", "merge_people", "unmerge_people"]


class Decided(msgspec.Struct, frozen=True):
    """What a decision changed."""

    moved: list[tuple[str, str, str]]  # customer, person before, person now
    lifted: list[Pair]  # earlier merges that no longer hold


def merge_people(lake: Lake, a: str, b: str, *, reason: str, by: str, moment: datetime) -> Decided:
    """Say that two customers are one person; with them, all who are one person with either.

    Args:
        lake: of the bank.
        a, b: customers.
        reason, by: why, and who says so.
        moment: now.

    Raises:
        PersonUnknownError: identity does not know one of them.
        MergeRefusedError: they are one already, or somebody took two of the people's customers apart.
    """
    with lake.store.begin() as connection:
        lock(connection)
        person = _people(connection, a, b)
        decisions = read_decisions(connection)
        pair = (a, b) if a <= b else (b, a)
        _check_merge(person, decisions, pair)
        after = Decisions([*decisions.together, pair], decisions.apart - {pair})
        moved = _decide(lake, connection, after, _members(person, {person[a], person[b]}))
        facts = {"a": a, "b": b, "by": by, "reason": reason, "moves": [[row[0], row[2]] for row in moved]}
        append(connection, MERGED, pl.Series([a]), pl.Series([body_of(**facts)]), moment)
    return Decided(moved, [])


def unmerge_people(
    lake: Lake, a: str, b: str | None = None, *, reason: str, by: str, moment: datetime
) -> Decided:
    """Say that two customers are not one person, or that one is alone.

    Args:
        lake: of the bank.
        a: a customer, or a visitor who was taken for one.
        b: the other; None: everybody who is one person with ``a``.
        reason, by: why, and who says so.
        moment: now.

    Raises:
        PersonUnknownError: identity does not know one of them.
        UnmergeError: they are not one person, or nobody else is.
    """
    with lake.store.begin() as connection:
        lock(connection)
        person = _people(connection, a, *([b] if b is not None else []))
        if a.startswith(VISITOR):
            return _forget_visitor(connection, person, a, {"reason": reason, "by": by}, moment)
        others = [b] if b is not None else [each for each in _members(person, {person[a]}) if each != a]
        if b == a or not others or any(person[each] != person[a] for each in others):
            raise _not_one(a, b)
        decisions = read_decisions(connection)
        apart = [(a, each) if a <= each else (each, a) for each in others]
        members = _members(person, {person[a]})
        lifted = _lifted(lake, connection, decisions, apart, members)
        rest = [pair for pair in decisions.together if pair not in lifted]
        after = Decisions(rest, decisions.apart | set(apart))
        moved = _decide(lake, connection, after, members)
        moves = [[row[0], row[2]] for row in moved]
        facts = {"apart": apart, "lifted": lifted, "by": by, "reason": reason, "moves": moves}
        append(connection, UNMERGED, pl.Series([a]), pl.Series([body_of(**facts)]), moment)
    return Decided(moved, lifted)


def _people(connection: sa.Connection, *customers: str) -> dict[str, str]:
    person = dict(read_book(connection).select("customer", "person").rows())
    for customer in customers:
        if customer not in person:
            raise PersonUnknownError(id=customer)
    return person


def _members(person: dict[str, str], people: set[str]) -> list[str]:
    return sorted(each for each, of in person.items() if of in people and not each.startswith(VISITOR))


def _check_merge(person: dict[str, str], decisions: Decisions, pair: Pair) -> None:
    a, b = pair
    if a.startswith(VISITOR) or b.startswith(VISITOR):
        raise MergeRefusedError(
            a=a,
            b=b,
            why_en="a visitor is identified, not merged",
            why_zh="匿名访客应通过识别而非合并归属客户",
        )
    if person[a] == person[b]:
        raise MergeRefusedError(a=a, b=b, why_en="they are one person already", why_zh="二者已是同一客户")
    for x, y in sorted(decisions.apart - {pair}):
        if {person.get(x), person.get(y)} == {person[a], person[b]}:
            raise MergeRefusedError(
                a=a,
                b=b,
                why_en=f"{x} and {y} were taken apart; merge these two first",
                why_zh=f"{x} 与 {y} 曾被人工拆分，请先合并这两者",
            )


def _decide(
    lake: Lake, connection: sa.Connection, decisions: Decisions, members: Sequence[str]
) -> list[tuple[str, str, str]]:
    """Settle the people of some customers anew, and write it down."""
    model = read_model(lake, connection)
    assert model is not None, "whoever is in the book was matched under a model"
    settled, prepared = _settled(lake, connection, decisions, members)
    moved = change(connection, settled)
    keep(lake, connection, prepared, settled, model)
    return [(row[0], row[1], row[2]) for row in moved.rows()]


def _settled(
    lake: Lake, connection: sa.Connection, decisions: Decisions, members: Sequence[str]
) -> tuple[Settled, pl.DataFrame]:
    model = read_model(lake, connection)
    assert model is not None
    evidence = read_evidence(lake)
    prepared = evidence.records.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(ROW))
    touched = prepared["id"].is_in(list(members)).to_numpy()
    pairs = place_pairs(prepared, evidence.pairs, model).sort("l", "r")
    before = groups_before(prepared, evidence)
    return settle(model, prepared, pairs, decisions, touched=touched, before=before), prepared


def _lifted(
    lake: Lake, connection: sa.Connection, decisions: Decisions, apart: list[Pair], members: Sequence[str]
) -> list[Pair]:
    """Return the merges that must go so that the pairs come apart: the newest, and no more than needed."""
    inside = [pair for pair in decisions.together if pair[0] in members and pair[1] in members]
    without = Decisions([], decisions.apart | set(apart))
    member = _settled(lake, connection, without, members)[0].member
    label = {str(customer): str(of) for customer, of in member.rows()}

    def together(pairs: Iterable[Pair]) -> bool:
        first = joined((label[a], label[b]) for a, b in pairs)
        return any(first.get(label[a], label[a]) == first.get(label[b], label[b]) for a, b in apart)

    kept = list(inside)
    while kept and together(kept):
        kept.pop()
    for pair in inside[len(kept) :]:
        if not together([*kept, pair]):
            kept.append(pair)
    return [pair for pair in inside if pair not in kept]


def _forget_visitor(
    connection: sa.Connection, person: dict[str, str], visitor: str, said: dict[str, str], moment: datetime
) -> Decided:
    """Take a visitor away from the customer it was taken for."""
    before = person[visitor]
    if before == visitor:
        raise _not_one(visitor, None)
    row = {"customer": visitor, "person": visitor, "since": 0, "via": None}
    write_people(connection, pl.DataFrame([row], schema_overrides={"via": pl.String}))
    facts = {**said, "apart": [[visitor, before]], "lifted": [], "moves": [[visitor, visitor]]}
    append(connection, UNMERGED, pl.Series([visitor]), pl.Series([body_of(**facts)]), moment)
    return Decided([(visitor, before, visitor)], [])


def _not_one(a: str, b: str | None) -> UnmergeError:
    if b is None:
        return UnmergeError(a=a, why_en="it is alone", why_zh="其没有其他合并记录")
    return UnmergeError(a=a, why_en=f"it is not one person with '{b}'", why_zh=f"其与“{b}”不是同一客户")
