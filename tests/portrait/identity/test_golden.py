"""Golden records by hand: which value survives, and where it is from; who lives together."""

from datetime import UTC, datetime

import polars as pl

from vostro.portrait.identity import IdentityDefinition, golden_records, household_groups
from vostro.portrait.identity.definition import HouseholdRule

FIELDS = {"name": "name", "city": "text", "phone": "phone", "email": "email"}
DEFINITION = IdentityDefinition(
    sources={"crm": {name: name for name in FIELDS}, "core": {name: name for name in FIELDS}},
    fields=FIELDS,
    survivorship={"city": "most_frequent", "phone": ["core", "crm"], "email": "longest"},
    household=HouseholdRule(same=["name", "city"]),
)
RECORDS = pl.DataFrame(
    [
        ("crm", "A", 1, "Ann Li", "Prag", "111", "ann@x.cz"),
        ("core", "B", 2, "Ann Lee", "Brno", None, "a@x.cz"),
        ("crm", "C", 3, " ", "Prag", "333", None),
        ("crm", "D", 3, "ANN LEE", "prag", None, None),
        ("crm", "E", 3, "Bo", None, None, None),
    ],
    schema=["source", "id", "_load", "name", "city", "phone", "email"],
    orient="row",
).with_columns(
    customer="id", _load_time=pl.lit(datetime(2026, 1, 1, tzinfo=UTC)) + pl.duration(days=pl.col("_load"))
)
KNOWN = pl.DataFrame({"customer": list("ABCDE"), "person": ["A", "A", "A", "D", "E"]})


def test_each_rule() -> None:
    found = golden_records(RECORDS, KNOWN, DEFINITION)
    ann = {row[0]: row[1:] for row in found.filter(pl.col("person") == "A").drop("person").rows()}
    assert ann == {
        "name": ("Ann Lee", "core", "B", "newest"),
        "city": ("Prag", "crm", "C", "most_frequent"),
        "phone": ("333", "crm", "C", "core > crm"),
        "email": ("ann@x.cz", "crm", "A", "longest"),
    }, "core has no telephone, so the newest of the CRM survives; a blank name never does"


def test_households_agree_after_cleaning() -> None:
    book = KNOWN.with_columns(since=pl.int_range(1, 6), via=pl.lit(None, dtype=pl.String))
    found = household_groups(golden_records(RECORDS, KNOWN, DEFINITION), book, DEFINITION)
    assert found.rows() == [("A", "A", 2), ("D", "A", 2)]
