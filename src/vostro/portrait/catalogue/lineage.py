"""Lineage 血缘: from which columns does a tag come, and who would notice if it changed?

Computed from the definitions alone, so that it is never out of date. Tags read columns and
tags; segments, campaigns, rules of actions and estimators read tags.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

from vostro.portrait.catalogue.errors import TagUnknownError, unknown_tag
from vostro.words import Text

if TYPE_CHECKING:
    from vostro.portrait.tags import Tag

__all__ = ["ColumnLineage", "Lineage", "TagUser", "UserKind", "column_lineage", "lineage", "trace"]

UserKind = Literal[
    "segment",
    "campaign",
    "eligibility",
    "suppression",
    "reason",
    "estimator",
    "clusters",
    "channel",
    "identity",
]


class TagUser(msgspec.Struct, frozen=True, order=True):
    """Something outside of the tags that reads one."""

    kind: UserKind
    code: str
    name: Text
    via: str = ""  # the tag that it reads, where that is another one made from this


class Lineage(msgspec.Struct, frozen=True):
    """Where a tag comes from, and where it goes to."""

    tag: str
    columns: tuple[str, ...]  # contract.column
    reads: tuple[str, ...]  # tags that it reads itself
    reads_all: tuple[str, ...]  # and those that these read, each before the next
    read_by: tuple[str, ...]  # tags that read it themselves
    read_by_all: tuple[str, ...]
    estimator: str | None  # that gives its values
    users: tuple[TagUser, ...]

    @property
    def used(self) -> bool:
        """Whether anything outside of the tags reads it, by whatever way."""
        return bool(self.users)


class ColumnLineage(msgspec.Struct, frozen=True):
    """What is made from a column of a contract."""

    column: str
    tags: tuple[str, ...]
    users: tuple[TagUser, ...]


def lineage(
    tags: "Mapping[str, Tag]",
    users: Mapping[str, Iterable[TagUser]],
    features: Mapping[str, Iterable[str]] | None = None,
) -> dict[str, Lineage]:
    """Return the lineage of every tag, both ways.

    Args:
        tags: each after the tags that it reads.
        users: tag -> what reads it from outside.
        features: estimator -> tags that it reads; a model tag comes from their columns.
    """
    features = features or {}
    below = {code: _reads(tag, features) & set(tags) for code, tag in tags.items()}
    above: dict[str, set[str]] = {code: set() for code in tags}
    for code, reads in below.items():
        for each in reads:
            above[each].add(code)
    places = {code: i for i, code in enumerate(tags)}

    def ordered(codes: Collection[str]) -> tuple[str, ...]:
        return tuple(sorted(codes, key=places.__getitem__))

    found = {}
    for code, tag in tags.items():
        all_below, all_above = _closure(code, below), _closure(code, above)
        columns = tag.columns.union(*(tags[each].columns for each in all_below))
        direct = set(users.get(code, ()))
        readers = {(each.kind, each.code) for each in direct}
        for other in ordered(all_above):
            for user in users.get(other, ()):
                if (user.kind, user.code) not in readers:
                    readers.add((user.kind, user.code))
                    direct.add(msgspec.structs.replace(user, via=other))
        found[code] = Lineage(
            tag=code,
            columns=tuple(sorted(columns)),
            reads=ordered(below[code]),
            reads_all=ordered(all_below),
            read_by=ordered(above[code]),
            read_by_all=ordered(all_above),
            estimator=tag.model.estimator if tag.model is not None else None,
            users=tuple(sorted(direct, key=lambda user: (user.kind, user.code))),
        )
    return found


def column_lineage(
    column: str, found: Mapping[str, Lineage], direct: Iterable[TagUser] = ()
) -> ColumnLineage:
    """Return the tags that come from a column, and all that use one of them or the column itself."""
    tags = [each for each in found.values() if column in each.columns]
    users = {(user.kind, user.code): user for user in direct}
    for each in tags:
        for user in each.users:
            users.setdefault((user.kind, user.code), msgspec.structs.replace(user, via=user.via or each.tag))
    return ColumnLineage(column, tuple(each.tag for each in tags), tuple(users[key] for key in sorted(users)))


def trace(
    code: str,
    found: Mapping[str, Lineage],
    columns: Collection[str],
    column_users: Mapping[str, Iterable[TagUser]] | None = None,
) -> Lineage | ColumnLineage:
    """Return the lineage of a tag, or of a ``contract.column``.

    Args:
        code: a tag's code or a column.
        found: as ``lineage`` returns it.
        columns: every ``contract.column`` of the bank.
        column_users: column -> what reads it without a tag between.

    Raises:
        TagUnknownError: it is neither.
    """
    if code in found:
        return found[code]
    if code in columns:
        return column_lineage(code, found, (column_users or {}).get(code, ()))
    raise _unknown(code, found, columns)


def _unknown(code: str, found: Mapping[str, Lineage], columns: Collection[str]) -> TagUnknownError:
    return unknown_tag(code, set(columns) if "." in code else set(found))


def _reads(tag: "Tag", features: Mapping[str, Iterable[str]]) -> set[str]:
    read = set(tag.depends)
    if tag.model is not None:
        read |= set(features.get(tag.model.estimator, ()))
    return read


def _closure(code: str, edges: Mapping[str, Collection[str]]) -> set[str]:
    """Return everything that can be reached, without the start; circles end."""
    found: set[str] = set()
    todo = list(edges[code])
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            todo += edges[each]
    return found - {code}
