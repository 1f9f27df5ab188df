"""What a person sees: the evidence in words, open pairs, nothing personal unless asked for."""

import msgspec
import polars as pl
import pytest

from vostro.engine import Workspace
from vostro.portrait import (
    households,
    masked_view,
    merge_people,
    person_view,
    review_pairs,
    run_identity,
    unmerge_people,
)
from vostro.portrait.identity.errors import PersonUnknownError

from .banks import CONTRACTS, DEFINITION, MOMENT, people, put

SAID = {"reason": "same passport", "by": "ann", "moment": MOMENT}


def test_a_person_with_evidence_and_decisions(matched: Workspace) -> None:
    merge_people(matched.lake, "P00001", "P00300", **SAID)
    found = person_view(matched.lake, DEFINITION, CONTRACTS, "Q00001")
    assert found.identifiers == ("P00001", "P00300", "Q00001")
    assert {each["field"] for each in found.golden} == set(DEFINITION.fields)
    linked, merged = found.steps
    assert linked.customer == "Q00001"
    assert linked.other == "P00001"
    assert linked.probability is not None
    assert linked.probability > 0.95
    assert any("dob is the same" in each.en for each in linked.levels)
    assert (merged.by, merged.reason, merged.other) == ("ann", "same passport", "P00300")
    with pytest.raises(PersonUnknownError):
        person_view(matched.lake, DEFINITION, CONTRACTS, "nobody")


def test_personal_values_are_masked(matched: Workspace) -> None:
    found = person_view(matched.lake, DEFINITION, CONTRACTS, "P00001")
    shown = masked_view(found, DEFINITION, CONTRACTS)
    email = next(each["value"] for each in shown.golden if each["field"] == "email")
    assert email == "a.99999@aaaa.aa"
    assert all(set(each["dob"]) <= set("9-") for each in shown.records)
    assert [each["city"] for each in shown.records] == [each["city"] for each in found.records]


def test_open_pairs_are_listed_until_somebody_decides(matched: Workspace) -> None:
    wide = msgspec.structs.replace(DEFINITION, review=0.001)
    other = {"first_name": pl.lit("zora"), "email": pl.lit(None, dtype=pl.String)}
    half = people(400).head(1).with_columns(client=pl.lit("X1"), **other)
    put(matched.lake, "crm", half, 8)
    run_identity(matched.lake, DEFINITION, CONTRACTS, moment=MOMENT)
    found = review_pairs(matched.lake, wide)
    assert all(wide.review <= each for each in found["probability"])
    mine = found.filter((pl.col("id_a") == "X1") | (pl.col("id_b") == "X1"))
    assert mine.height, "another first name, all else the same: neither likely nor impossible"
    row = mine.to_dicts()[0]
    merge_people(matched.lake, row["id_a"], row["id_b"], **SAID)
    unmerge_people(matched.lake, "X1", **SAID)
    left = review_pairs(matched.lake, wide)
    assert left.filter((pl.col("id_a") == "X1") | (pl.col("id_b") == "X1")).is_empty()


def test_households_are_named_after_the_oldest(matched: Workspace) -> None:
    found = households(matched.lake, DEFINITION, CONTRACTS)
    for name, size in (
        found.group_by("household").agg(pl.len(), pl.col("size").first()).select("household", "len").rows()
    ):
        members = found.filter(pl.col("household") == name)
        assert size == members["size"][0]
        assert name == members["person"].min()
