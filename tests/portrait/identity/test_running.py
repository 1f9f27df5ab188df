"""Runs: the truth is found, new records cost only themselves, and the result is that of a full redo."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from vostro.engine import Workspace
from vostro.portrait import identity_map, run_identity
from vostro.portrait.identity import read_book, rebuild, state_dump

from .banks import CONTRACTS, DEFINITION, MOMENT, again, people, put


def run(workspace: Workspace, **options):
    return run_identity(workspace.lake, DEFINITION, CONTRACTS, moment=MOMENT, **options)


def dump(workspace: Workspace) -> bytes:
    with workspace.store.begin() as connection:
        return state_dump(connection)


def people_of(workspace: Workspace) -> dict[str, str]:
    with workspace.store.begin() as connection:
        return dict(identity_map(connection).rows())


def test_customers_of_two_sources_are_linked(matched: Workspace) -> None:
    person = people_of(matched)
    right = [person[f"Q{i:05d}"] == f"P{i:05d}" for i in range(150)]
    assert np.mean(right) > 0.98
    assert len({person[f"P{i:05d}"] for i in range(400)}) == 400, "nobody of the CRM is merged with another"


def test_the_book_can_be_made_anew_from_the_events(matched: Workspace) -> None:
    with matched.store.begin() as connection:
        book, told = read_book(connection), rebuild(connection)
    moved = pl.col("customer") != pl.col("person")
    assert book.filter(moved).select("customer", "person").equals(told.filter(moved))


def test_nothing_new_costs_nothing(matched: Workspace) -> None:
    before = dump(matched)
    again_ = run(matched)
    assert (again_.compared, again_.moved, again_.settled) == (0, 0, False)
    assert dump(matched) == before


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_increments_equal_a_full_redo(bank: Workspace, seed: int) -> None:
    """New customers, changed and vanished ones, in three runs; then everything once more."""
    run(bank)
    rng = np.random.default_rng(seed)
    newcomers = people(460).tail(60)
    put(bank.lake, "crm", newcomers, 3)
    assert run(bank).compared == 60
    changed = (
        people(400)
        .sample(40, seed=seed)
        .with_columns(
            email=pl.Series([f"new{i}@mail.cz" for i in range(40)]),
            surname=pl.Series([("x" if each else "") for each in rng.random(40) < 0.5]) + pl.col("surname"),
        )
    )
    put(bank.lake, "crm", changed, 4)
    assert run(bank).compared == 40
    with bank.store.begin() as connection:
        bank.lake.retire(connection, "core", "load-2")
    put(bank.lake, "core", again(people(460).sample(130, seed=seed), seed=seed), 5)
    run(bank)
    before = dump(bank)
    assert run(bank, redo=True).moved == 0
    assert dump(bank) == before


def test_a_person_keeps_the_name_of_the_oldest_customer(matched: Workspace) -> None:
    twin = people(400).head(1).with_columns(client=pl.lit("A00000"))  # earlier in the alphabet, later in time
    put(matched.lake, "crm", twin, 6)
    run(matched)
    person = people_of(matched)
    assert person["A00000"] == person["Q00000"] == "P00000"


def test_a_changed_definition_settles_anew(bank: Workspace) -> None:
    run(bank)
    fields = {name: kind for name, kind in DEFINITION.fields.items() if name != "city"}
    sources = {name: {f: c for f, c in of.items() if f != "city"} for name, of in DEFINITION.sources.items()}
    import msgspec

    other = msgspec.structs.replace(DEFINITION, fields=fields, sources=sources)
    found = run_identity(bank.lake, other, CONTRACTS, moment=MOMENT + timedelta(days=1))
    assert found.settled
    assert found.people <= 405
