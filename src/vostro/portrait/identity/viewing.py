"""Viewing people 客户识别视图: who is this, how do we know, with whom do they live, and what is still open?"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl
import sqlalchemy as sa

from vostro.capture import mask
from vostro.engine import Lake, event
from vostro.portrait.identity.book import LINKED, MERGED, UNMERGED, read_book, read_decisions
from vostro.portrait.identity.definition import IdentityDefinition
from vostro.portrait.identity.errors import PersonUnknownError
from vostro.portrait.identity.evidence import read_evidence
from vostro.portrait.identity.golden import golden_records, household_groups
from vostro.portrait.identity.kinds import LEVELS
from vostro.portrait.identity.resolving import aliases, identity_map
from vostro.portrait.identity.sources import CUSTOMER, bank_records
from vostro.words import Text, iso

if TYPE_CHECKING:
    from vostro.capture import Contract

__all__ = [
    "IdentityStep",
    "PersonView",
    "households",
    "level_words",
    "masked_view",
    "person_steps",
    "person_view",
    "review_pairs",
]

_WORDS: Mapping[str, Text] = {
    LINKED: Text(en="linked by evidence", zh="依据证据关联"),
    MERGED: Text(en="merged by a person", zh="人工合并"),
    UNMERGED: Text(en="taken apart by a person", zh="人工拆分"),
}
_VISITOR = Text(en="known visitor", zh="访客已识别")


class IdentityStep(msgspec.Struct, frozen=True):
    """One thing that happened to a person's identifiers."""

    moment: str  # ISO 8601, UTC
    customer: str
    what: Text
    other: str | None  # the record that is the best evidence, or the other customer of a decision
    probability: float | None
    levels: tuple[Text, ...]  # how each field agreed
    by: str | None
    reason: str | None


class PersonView(msgspec.Struct, frozen=True):
    """A person: identifiers, what survives of the records, and how it came to be."""

    person: str
    identifiers: tuple[str, ...]
    records: list[dict[str, Any]]  # source, customer and the fields
    golden: list[dict[str, Any]]  # field, value, source, customer, rule
    household: str | None
    household_size: int
    steps: tuple[IdentityStep, ...]  # oldest first


def person_view(
    lake: Lake, definition: IdentityDefinition, contracts: "Mapping[str, Contract]", id: str
) -> PersonView:
    """Return all that identity knows of the person behind an identifier.

    Raises:
        PersonUnknownError: nobody has this identifier.
        LakeTableMissingError: a source is not loaded.
    """
    with lake.store.begin() as connection:
        book = read_book(connection)
        if id not in book["customer"]:
            raise PersonUnknownError(id=id)
        names = aliases(connection, id)
        steps = person_steps(connection, names)
    known = book.select("customer", "person")
    records = bank_records(lake, definition, contracts)
    golden = golden_records(records, known, definition)
    home = household_groups(golden, book, definition).filter(pl.col("person") == names[0])
    mine = records.filter(pl.col(CUSTOMER).is_in(names)).select("source", CUSTOMER, *definition.fields)
    return PersonView(
        person=names[0],
        identifiers=tuple(names),
        records=mine.to_dicts(),
        golden=golden.filter(pl.col("person") == names[0]).drop("person").to_dicts(),
        household=home["household"][0] if home.height else None,
        household_size=int(home["size"][0]) if home.height else 1,
        steps=tuple(steps),
    )


def masked_view(
    view: PersonView, definition: IdentityDefinition, contracts: "Mapping[str, Contract]"
) -> PersonView:
    """Return the view with the shapes of personal values instead of the values.

    Categories, and texts that no contract calls personal, are shown.
    """
    shown = {field for field in definition.fields if not _is_personal(field, definition, contracts)}
    golden = [row if row["field"] in shown else {**row, "value": mask(row["value"])} for row in view.golden]
    records = [
        {
            name: mask(value) if name in definition.fields and name not in shown else value
            for name, value in row.items()
        }
        for row in view.records
    ]
    return msgspec.structs.replace(view, golden=golden, records=records)


def level_words(level: str) -> Text:
    """Return how two values agree, in words."""
    return LEVELS[level]


def households(
    lake: Lake, definition: IdentityDefinition, contracts: "Mapping[str, Contract]"
) -> pl.DataFrame:
    """Return ``person``, ``household`` and ``size`` of every person who has the fields of the household rule."""
    with lake.store.begin() as connection:
        book = read_book(connection)
        known = identity_map(connection)
    golden = golden_records(bank_records(lake, definition, contracts), known, definition)
    return household_groups(golden, book, definition)


def review_pairs(lake: Lake, definition: IdentityDefinition) -> pl.DataFrame:
    """Return the pairs that a person should look at, the likeliest first.

    They are two people now, nobody has decided on them, and either the chance of being one lies between
    ``review`` and ``threshold``, or it is above and the other records of both spoke against it.

    Returns:
        ``source_a``, ``id_a``, ``source_b``, ``id_b``, ``probability``, ``weight`` (bits) and the level of each field.
    """
    pairs = read_evidence(lake).pairs
    with lake.store.begin() as connection:
        known = identity_map(connection)
        apart = read_decisions(connection).apart
    if pairs.is_empty():
        return pairs
    likely = pairs.filter(pl.col("probability") >= definition.review)
    for side in ("a", "b"):
        people = known.select(
            pl.col("customer").alias(f"id_{side}"), pl.col("person").alias(f"person_{side}")
        )
        likely = likely.join(people, on=f"id_{side}", how="left")
    low, high = pl.min_horizontal("person_a", "person_b"), pl.max_horizontal("person_a", "person_b")
    open_ = likely.filter(pl.col("person_a") != pl.col("person_b")).with_columns(low=low, high=high)
    open_ = open_.join(_decided_people(apart, known), on=["low", "high"], how="anti").sort(
        "probability", "weight", "id_a", "id_b", descending=[True, True, False, False]
    )
    names = {f"c{i}": field for i, field in enumerate(definition.fields)}
    return open_.select(
        "source_a",
        "id_a",
        "source_b",
        "id_b",
        "probability",
        "weight",
        *[pl.col(c).alias(n) for c, n in names.items()],
    )


def _decided_people(apart: set[tuple[str, str]], known: pl.DataFrame) -> pl.DataFrame:
    """Return the people of pairs that were taken apart: nobody need look at them again."""
    pairs = pl.DataFrame(sorted(apart), schema={"a": pl.String, "b": pl.String}, orient="row")
    for side in ("a", "b"):
        people = known.select(pl.col("customer").alias(side), pl.col("person").alias(f"person_{side}"))
        pairs = pairs.join(people, on=side)
    ends = ("person_a", "person_b")
    return pairs.select(low=pl.min_horizontal(*ends), high=pl.max_horizontal(*ends)).unique()


def _is_personal(field: str, definition: IdentityDefinition, contracts: "Mapping[str, Contract]") -> bool:
    if definition.fields[field] not in ("category", "text"):
        return True
    return any(
        contracts[source].columns[mapping[field]].personal
        for source, mapping in definition.sources.items()
        if field in mapping
    )


def person_steps(connection: sa.Connection, names: list[str]) -> list[IdentityStep]:
    """Return how a person's identifiers came together, the oldest first."""
    kinds = event.c.kind.in_((LINKED, MERGED, UNMERGED))
    about = sa.or_(event.c.customer.in_(names), event.c.body["b"].astext.in_(names))
    query = sa.select(event).where(kinds, about).order_by(event.c.sequence)
    return [_step(row.kind, row.customer, row.event_time, row.body) for row in connection.execute(query)]


def _step(kind: str, customer: str, moment: Any, body: dict[str, Any]) -> IdentityStep:
    levels = [(field, LEVELS[level]) for field, level in sorted((body.get("levels") or {}).items()) if level]
    apart = [each for pair in body.get("apart", []) for each in pair if each != customer]
    return IdentityStep(
        moment=iso(moment),
        customer=customer,
        what=_VISITOR if body.get("visitor") else _WORDS[kind],
        other=body.get("with") or body.get("customer") or body.get("b") or ", ".join(apart) or None,
        probability=body.get("probability"),
        levels=tuple(Text(en=f"{name} {text.en}", zh=f"{name}：{text.zh}") for name, text in levels),
        by=body.get("by"),
        reason=body.get("reason"),
    )
