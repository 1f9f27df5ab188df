"""Who somebody is, in the customer view: as identity knew it at the moment, the same as identity's own page."""

from datetime import timedelta

import polars as pl
import pytest

from vostro.engine import Workspace
from vostro.portrait import identity_view
from vostro.portrait.identity import merge_people, person_view, run_identity

from ..identity.banks import CONTRACTS, DEFINITION, MOMENT, again, people, put


@pytest.fixture
def lake(workspace: Workspace):
    base = people(60)
    put(workspace.lake, "crm", base, 1)
    put(workspace.lake, "core", again(base), 1)
    run_identity(workspace.lake, DEFINITION, CONTRACTS, moment=MOMENT, threads=1)
    return workspace.lake


def _known(lake) -> pl.DataFrame:
    with lake.store.begin() as connection:
        from vostro.portrait.identity import identity_map

        return identity_map(connection)


def test_the_view_is_identitys_own(lake) -> None:
    known = _known(lake)
    linked = known.filter(pl.col("customer") != pl.col("person"))["customer"].to_list()
    assert linked, "the two sources share people"
    homes = 0
    for customer in [*linked[:5], known["customer"][0]]:
        mine = identity_view(lake, DEFINITION, CONTRACTS, customer, as_of=MOMENT, unmask=True)
        other = person_view(lake, DEFINITION, CONTRACTS, customer)
        assert mine is not None
        assert (mine.person, mine.identifiers, mine.steps) == (other.person, other.identifiers, other.steps)
        assert {field: each.value for field, each in mine.golden.items()} == {
            row["field"]: row["value"] for row in other.golden
        }
        assert max(len(mine.household_people), 1) == other.household_size
        homes += other.household is not None
    assert homes, "some have a household"


def test_values_are_masked_unless_asked_for(lake) -> None:
    customer = _known(lake)["customer"][0]
    masked = identity_view(lake, DEFINITION, CONTRACTS, customer, as_of=MOMENT)
    assert masked is not None and set("".join(each.value for each in masked.golden.values())) <= set(
        "aA9@. -:_"
    )


def test_the_past_knows_no_later_decision(lake) -> None:
    known = _known(lake)
    one, other = known["person"].unique().sort().to_list()[:2]
    later = MOMENT + timedelta(days=1)
    merge_people(lake, one, other, by="ann", reason="she said so", moment=later)
    before = identity_view(lake, DEFINITION, CONTRACTS, one, as_of=MOMENT)
    after = identity_view(lake, DEFINITION, CONTRACTS, one, as_of=later)
    assert before is not None and after is not None
    assert other not in before.identifiers and other in after.identifiers
    assert any(each.by == "ann" for each in after.steps) and not any(
        each.by == "ann" for each in before.steps
    )
    unlinked = identity_view(lake, DEFINITION, CONTRACTS, one, as_of=MOMENT - timedelta(days=1))
    assert unlinked is not None and unlinked.identifiers == (one,) and not unlinked.steps
    assert identity_view(lake, DEFINITION, CONTRACTS, one, as_of=MOMENT - timedelta(days=100)) is None
    assert identity_view(lake, DEFINITION, CONTRACTS, "nobody", as_of=later) is None
