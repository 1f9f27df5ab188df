"""Who is one person 人员归属: evidence and people's decisions, put together.

The groups of the evidence respect what people took apart; groups that people merged are then one
person. A new group may not bring together, by way of others, what was taken apart: then the
customer who was taken apart leaves the groups that evidence put it into.
"""

from collections.abc import Callable, Iterable
from itertools import product

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vostro.portrait.identity.book import Decisions, Pair
from vostro.portrait.identity.matching import Matched, group
from vostro.portrait.identity.parameters import Model

__all__ = ["Settled", "joined", "settle"]

_TRIES = 100


class Settled:
    """Groups of records, and the set of customers that each customer belongs to."""

    def __init__(self, matched: Matched, member: pl.DataFrame) -> None:
        self.matched = matched
        self.member = member  # customer, label: customers of one person have the same


def settle(
    model: Model,
    prepared: pl.DataFrame,
    pairs: pl.DataFrame,
    decisions: Decisions,
    *,
    weigh: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
    touched: NDArray[np.bool_] | None = None,
    before: NDArray[np.int64] | None = None,
) -> Settled:
    """Return who is one person.

    Args:
        model, pairs, weigh, touched, before: as of ``group``.
        prepared: ``id`` is the customer.
        decisions: in force.
    """
    apart = _widened(decisions)
    for _ in range(_TRIES):
        matched = group(
            model,
            prepared.height,
            pairs,
            weigh=weigh,
            apart=_places(prepared, apart),
            touched=touched,
            before=before,
        )
        member = _members(prepared, matched.groups, decisions)
        more = _violated(member, decisions) - apart
        if not more:
            break
        apart |= more
        if touched is not None:
            touched = touched | prepared["id"].is_in([each for pair in more for each in pair]).to_numpy()
        pairs = matched.pairs
    return Settled(matched, member)


def joined(pairs: Iterable[Pair]) -> dict[str, str]:
    """Return for each customer in pairs the first of those that the pairs connect it with.

    >>> joined([("a", "b"), ("c", "b")])
    {'a': 'a', 'b': 'a', 'c': 'a'}
    """
    first: dict[str, str] = {}

    def find(each: str) -> str:
        while first.setdefault(each, each) != each:
            each = first[each]
        return each

    for a, b in pairs:
        low, high = sorted((find(a), find(b)))
        first[high] = low
    return {each: find(each) for each in list(first)}


def _members(prepared: pl.DataFrame, groups: NDArray[np.int64], decisions: Decisions) -> pl.DataFrame:
    """Return the label of each customer: its group's, or that of the groups that people merged."""
    of_record = prepared.select(customer="id").with_columns(pl.Series("label", groups))
    member = of_record.group_by("customer").agg(pl.col("label").min()).sort("customer")
    known = dict(
        member.filter(pl.col("customer").is_in([e for pair in decisions.together for e in pair])).rows()
    )
    merged = joined(
        (str(known[a]), str(known[b])) for a, b in decisions.together if a in known and b in known
    )
    if not merged:
        return member
    change = {int(label): int(to) for label, to in merged.items()}
    return member.with_columns(pl.col("label").replace(change))


def _widened(decisions: Decisions) -> set[Pair]:
    """Return the pairs apart, and those whom people merged with either end: they are apart, too."""
    first = joined(decisions.together)
    classes: dict[str, list[str]] = {}
    for each, of in first.items():
        classes.setdefault(of, []).append(each)
    wide = set(decisions.apart)
    for a, b in decisions.apart:
        of_a, of_b = first.get(a, a), first.get(b, b)
        if of_a != of_b:
            wide |= {_pair(x, y) for x, y in product(classes.get(of_a, [a]), classes.get(of_b, [b]))}
    return wide


def _violated(member: pl.DataFrame, decisions: Decisions) -> set[Pair]:
    """Return pairs to take apart so that no decision is broken by way of others."""
    if not decisions.apart:
        return set()
    ends = {each for pair in decisions.apart for each in pair}
    label = dict(member.filter(pl.col("customer").is_in(sorted(ends))).rows())
    first = joined(decisions.together)
    found: set[Pair] = set()
    for a, b in decisions.apart:
        if label.get(a) is None or label.get(a) != label.get(b):
            continue
        everyone = member.filter(pl.col("label") == label[a])["customer"]
        own = {each for each in everyone if first.get(each, each) == first.get(a, a)}
        found |= {_pair(x, y) for x, y in product(own, set(everyone) - own)}
    return found


def _places(prepared: pl.DataFrame, apart: set[Pair]) -> pl.DataFrame:
    """Return the pairs of records of customers who are apart."""
    frame = pl.DataFrame(sorted(apart), schema={"a": pl.String, "b": pl.String}, orient="row")
    records = prepared.select("unique_id", "id")
    both = frame.join(records, left_on="a", right_on="id").join(
        records, left_on="b", right_on="id", suffix="_b"
    )
    low, high = pl.min_horizontal("unique_id", "unique_id_b"), pl.max_horizontal("unique_id", "unique_id_b")
    return both.select(l=low, r=high).unique()


def _pair(a: str, b: str) -> Pair:
    return (a, b) if a <= b else (b, a)
