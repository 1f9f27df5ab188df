"""The audience index 人群索引: how many customers does a rule select, at once and exactly?

All tags of all customers as packed bitmaps, ``[bitmap][word]``: a rule reads only the bitmaps of
its tags, block by block. The index is a picture of one moment, ``as_of``; changes of single
customers are entered into it without moving that moment, and are counted beside it.
"""

import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from vostro.portrait.index import change
from vostro.portrait.index.answers import answered
from vostro.portrait.index.bits import cells_of
from vostro.portrait.index.columns import Column
from vostro.portrait.index.compile import compile_condition
from vostro.portrait.index.customers import Customers
from vostro.portrait.index.errors import IndexTagError
from vostro.portrait.index.plan import ALL, Plan
from vostro.portrait.index.program import counts, evaluate
from vostro.portrait.index.selection import Audience
from vostro.portrait.types import type_of
from vostro.words import iso

if TYPE_CHECKING:
    from vostro.portrait.audience import TagDistribution
    from vostro.portrait.index.bits import Words
    from vostro.portrait.index.distribution import Bins
    from vostro.portrait.rule import Rule
    from vostro.portrait.tags import Tag

__all__ = ["AudienceIndex", "Freshness", "Step"]


class Freshness(msgspec.Struct, frozen=True):
    """Of which moment an index is; shown beside whatever it answers."""

    as_of: datetime  # nothing that came after it is in the portraits that the index was built from
    version: str  # digest of the definitions that the tags were built by
    customers_digest: str  # digest of who is in which row
    changes: int = 0  # of single customers, entered since; as_of does not move by them


class Step(msgspec.Struct, frozen=True):
    """One of the conditions that must all hold."""

    rule: "Any"  # Rule
    alone: int  # customers for whom this condition holds
    running: int  # customers for whom it and all before it hold


class AudienceIndex:
    """Exact answers about sets of customers; see ``build_index`` and ``open_index``.

    One lock keeps changes and questions apart: a question never sees half a change.
    """

    def __init__(
        self,
        bitmaps: "list[Words]",
        columns: dict[str, Column],
        customers: Customers,
        freshness: Freshness,
        *,
        bins: "dict[str, Bins] | None" = None,
        alive: int | None = None,
    ) -> None:
        """Use ``build_index`` or ``open_index``."""
        self.bitmaps = bitmaps
        self.columns = columns
        self.customers = customers
        self.bins = bins or {}
        self.alive = alive  # the bitmap of those who were not taken out; None: nobody was
        self.lock = threading.RLock()
        self.changes = freshness.changes
        self._freshness = freshness
        self.cells = [cells_of(each) for each in bitmaps]  # the bitmaps byte by byte, for single customers

    @property
    def freshness(self) -> Freshness:
        """Of which moment the index is."""
        return msgspec.structs.replace(self._freshness, changes=self.changes)

    @property
    def as_of(self) -> datetime:
        """The moment after which nothing is known to the portraits that the index was built from."""
        return self._freshness.as_of

    @property
    def height(self) -> int:
        """Rows, those of customers that were taken out among them."""
        return len(self.customers)

    @property
    def size(self) -> int:
        """Customers."""
        with self.lock:
            return self.height if self.alive is None else self.everybody().size

    @property
    def nbytes(self) -> int:
        """Bytes of all bitmaps and identifiers; dictionaries of texts beside them."""
        held = sum(each.nbytes for each in self.bitmaps) + self.customers.nbytes
        texts = [column.texts for column in self.columns.values() if column.texts is not None]
        return held + sum(int(each.estimated_size()) for each in texts)

    # Questions

    def count(self, rule: "Rule") -> int:
        """Return for how many customers a rule is true, exactly.

        Raises:
            IndexTagError: the rule reads a tag that the index does not hold as it is defined now.
        """
        with self.lock:
            plan = Plan()
            return counts(plan, [self._node(rule, plan)], self.bitmaps, self.height)[0]

    def select(self, rule: "Rule") -> Audience:
        """Return the customers for whom a rule is true.

        Raises:
            IndexTagError: see ``count``.
        """
        with self.lock:
            plan = Plan()
            return Audience(self, evaluate(plan, self._node(rule, plan), self.bitmaps, self.height))

    def everybody(self) -> Audience:
        """Return all customers."""
        with self.lock:
            plan = Plan()
            node = ALL if self.alive is None else plan.bit(self.alive)
            return Audience(self, evaluate(plan, node, self.bitmaps, self.height))

    def steps(self, rule: "Rule") -> list[Step]:
        """Return the count of each condition that must hold, alone and after those before it.

        The last ``running`` is the rule's own count.

        Raises:
            IndexTagError: see ``count``.
        """
        with self.lock:
            plan, parts = Plan(), rule.parts()
            alone = [self._node(part, plan) for part in parts]
            running = [alone[0]]
            for node in alone[1:]:
                running.append(plan.and_(running[-1], node))
            found = counts(plan, alone + running, self.bitmaps, self.height)
        pairs = zip(parts, found[: len(parts)], found[len(parts) :], strict=True)
        return [Step(part, one, so_far) for part, one, so_far in pairs]

    def reach(self, audience: Audience, reachable: "Mapping[str, Rule]") -> dict[str, int]:
        """Return how many of an audience each channel's rule of reachability holds for."""
        return {channel: (audience & self.select(rule)).size for channel, rule in reachable.items()}

    def portrait(self, audience: Audience, tags: "Mapping[str, Tag]") -> "list[TagDistribution]":
        """Compare an audience with all customers, tag by tag; see ``audience_portrait``."""
        from vostro.portrait.index.distribution import index_portrait

        with self.lock:
            return index_portrait(self, audience, tags)

    # Changes

    def read(self, customer: str) -> dict[str, Any]:
        """Return all tags of one customer.

        Raises:
            CustomerNotIndexedError: there is no such customer.
        """
        with self.lock:
            return change.read(self, customer)

    def change(self, customer: str, values: Mapping[str, Any]) -> None:
        """Enter changed tags of one customer; None where a value is not known any more.

        Raises:
            CustomerNotIndexedError: there is no such customer; see ``insert``.
            IndexTagError: the index has no such tag.
        """
        with self.lock:
            change.change(self, customer, values)

    def insert(self, customer: str, values: Mapping[str, Any]) -> None:
        """Enter a new customer; tags that are not named are unknown.

        Raises:
            IndexTagError: the index has no such tag.
        """
        with self.lock:
            change.insert(self, customer, values)

    def remove(self, customer: str) -> None:
        """Take a customer out: of every audience from now on, and every value with them.

        Raises:
            CustomerNotIndexedError: there is no such customer.
        """
        with self.lock:
            change.remove(self, customer)

    def save(self, folder: Path) -> None:
        """Write the index into a folder, whole or not at all; see ``open_index``."""
        from vostro.portrait.index.keep import save_index

        with self.lock:
            save_index(self, folder)

    # Inside

    def _node(self, rule: "Rule", plan: Plan) -> int:
        self.require(rule)
        node = answered(self, plan, compile_condition(rule.tree, self.columns, plan))
        return node if self.alive is None else plan.and_(node, plan.bit(self.alive))

    def require(self, rule: "Rule") -> None:
        """Refuse a rule over tags that the index does not hold, or holds with another type."""
        for code, info in rule.infos.items():
            column = self.columns.get(code)
            if column is None or type_of(column.info) != type_of(info):
                raise IndexTagError(tag=code, as_of=iso(self.as_of))
