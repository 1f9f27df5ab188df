"""Merges and unmerges by people: exact restoration, memory, and what is refused."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vostro.engine import Workspace, read_events
from vostro.portrait import identity_map, merge_people, run_identity, unmerge_people
from vostro.portrait.identity import read_book, rebuild, state_dump
from vostro.portrait.identity.book import MERGED, UNMERGED
from vostro.portrait.identity.errors import MergeRefusedError, PersonUnknownError, UnmergeError
from vostro.words import VostroError

from .banks import CONTRACTS, DEFINITION, MOMENT, again, people, put

SAID = {"reason": "saw both passports", "by": "ann", "moment": MOMENT}
SOME = [*(f"P{i:05d}" for i in range(6)), *(f"Q{i:05d}" for i in range(3))]


def dump(workspace: Workspace) -> bytes:
    with workspace.store.begin() as connection:
        return state_dump(connection)


def people_of(workspace: Workspace) -> dict[str, str]:
    with workspace.store.begin() as connection:
        return dict(identity_map(connection).rows())


def test_unmerge_restores_the_state_byte_for_byte(matched: Workspace) -> None:
    before = dump(matched)
    done = merge_people(matched.lake, "P00300", "P00301", **SAID)
    assert done.moved == [("P00301", "P00301", "P00300")]
    assert dump(matched) != before
    undone = unmerge_people(matched.lake, "P00301", "P00300", **SAID)
    assert undone.lifted == [("P00300", "P00301")]
    assert dump(matched) == before


def test_decisions_are_events_with_author_and_reason(matched: Workspace) -> None:
    merge_people(matched.lake, "P00300", "P00301", **SAID)
    unmerge_people(matched.lake, "P00301", **SAID)
    with matched.store.begin() as connection:
        bodies = [read_events(connection, kind=kind)["body"].to_list() for kind in (MERGED, UNMERGED)]
    assert all("saw both passports" in body and '"ann"' in body for [body] in bodies)


def test_what_was_taken_apart_is_never_brought_together_by_evidence(matched: Workspace) -> None:
    assert people_of(matched)["Q00000"] == "P00000"
    unmerge_people(matched.lake, "P00000", "Q00000", **SAID)
    for options in ({}, {"redo": True}, {"estimate_again": True}):
        run_identity(matched.lake, DEFINITION, CONTRACTS, moment=MOMENT, **options)
        assert people_of(matched)["Q00000"] == "Q00000"
    stronger = again(people(400).head(1)).with_columns(client=pl.lit("R1"))  # is one with either of them
    put(matched.lake, "core", stronger, 7)
    run_identity(matched.lake, DEFINITION, CONTRACTS, moment=MOMENT)
    person = people_of(matched)
    assert person["Q00000"] != person["P00000"], "not by way of a third, either"
    merge_people(matched.lake, "P00000", "Q00000", **SAID)
    person = people_of(matched)
    assert person["Q00000"] == person["P00000"], "a person may change their mind"


def test_unmerge_of_one_takes_it_away_from_everybody(matched: Workspace) -> None:
    merge_people(matched.lake, "P00300", "P00301", **SAID)
    merge_people(matched.lake, "P00301", "P00302", **SAID)
    done = unmerge_people(matched.lake, "P00301", **SAID)
    person = people_of(matched)
    assert person["P00301"] == "P00301"
    assert done.lifted == [("P00300", "P00301"), ("P00301", "P00302")]


def test_no_more_merges_are_lifted_than_needed(matched: Workspace) -> None:
    for a, b in (("P00300", "P00301"), ("P00301", "P00302"), ("P00302", "P00303")):
        merge_people(matched.lake, a, b, **SAID)
    done = unmerge_people(matched.lake, "P00300", "P00302", **SAID)
    person = people_of(matched)
    assert done.lifted == [("P00301", "P00302")], "the newest that parts them"
    assert person["P00301"] == person["P00300"] != person["P00302"] == person["P00303"]


def test_a_merge_against_a_decision_is_refused_by_name(matched: Workspace) -> None:
    unmerge_people(matched.lake, "P00000", "Q00000", **SAID)
    merge_people(matched.lake, "P00000", "P00300", **SAID)
    before = dump(matched)
    with pytest.raises(MergeRefusedError, match="P00000 and Q00000 were taken apart"):
        merge_people(matched.lake, "Q00000", "P00300", **SAID)
    assert dump(matched) == before


def test_refusals(matched: Workspace) -> None:
    with pytest.raises(MergeRefusedError, match="already"):
        merge_people(matched.lake, "P00001", "Q00001", **SAID)
    with pytest.raises(PersonUnknownError):
        merge_people(matched.lake, "P00001", "nobody", **SAID)
    with pytest.raises(UnmergeError, match="not one person with"):
        unmerge_people(matched.lake, "P00001", "P00002", **SAID)
    with pytest.raises(UnmergeError, match="alone"):
        unmerge_people(matched.lake, "P00399", **SAID)


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["merge", "unmerge"]), st.sampled_from(SOME), st.sampled_from(SOME)), max_size=8
)


@given(ACTIONS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_decisions(matched: Workspace, actions) -> None:
    """After any decisions: each new merge can be undone exactly, all merges in reverse lead back, events tell all."""
    stack: list[tuple[str, str, bytes]] = []
    for what, a, b in actions:
        before = dump(matched)
        try:
            if what == "merge":
                merge_people(matched.lake, a, b, **SAID)
                unmerge_people(matched.lake, a, b, **SAID)
                assert dump(matched) == before
                merge_people(matched.lake, a, b, **SAID)
                stack.append((a, b, before))
            elif not stack:
                unmerge_people(matched.lake, a, b, **SAID)
        except VostroError:
            assert dump(matched) == before, "what is refused changes nothing"
    for a, b, before in reversed(stack):
        unmerge_people(matched.lake, a, b, **SAID)
        assert dump(matched) == before
    final = dump(matched)
    assert run_identity(matched.lake, DEFINITION, CONTRACTS, moment=MOMENT, redo=True).moved == 0
    assert dump(matched) == final
    with matched.store.begin() as connection:
        book, told = read_book(connection), rebuild(connection)
    moved = pl.col("customer") != pl.col("person")
    assert book.filter(moved).select("customer", "person").equals(told.filter(moved))
