"""Who somebody is, in the customer view: as identity knew it at the moment, the same as identity's own page."""

from datetime import timedelta

import msgspec
import polars as pl
import pytest

from vostro.engine import Workspace
from vostro.portrait import build_portraits, identity_view, keep_households, read_tags, with_household
from vostro.portrait.identity import households, merge_people, person_view, run_identity
from vostro.portrait.online import customer_as_of

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


def test_households_of_identity_are_tags(lake, workspace: Workspace) -> None:
    """The template counts what identity found, as of any moment since."""
    (workspace.bank / "tags").mkdir()
    city = "- {tag: city, name: {en: City, zh: 城市}, dimension: basic, attribute: crm.city}\n"
    text = f"- {{template: household, by: identity, prefix: home}}\n{city}"
    (workspace.bank / "tags" / "a.yaml").write_text(text, encoding="utf-8")
    tags = read_tags(workspace.bank, CONTRACTS)
    assert (tags["home_id"].kind, tags["home_id"].sensitivity) == ("identity", "identity")
    assert build_portraits(tags, CONTRACTS, lake, as_of=MOMENT)["home_id"].null_count() == 60
    keep_households(lake, DEFINITION, CONTRACTS, moment=MOMENT)
    later = MOMENT + timedelta(days=1)
    keep_households(lake, msgspec.structs.replace(DEFINITION, household=None), CONTRACTS, moment=later)
    built = build_portraits(tags, CONTRACTS, lake, as_of=MOMENT)
    wanted = households(lake, DEFINITION, CONTRACTS).join(_known(lake), on="person")
    expected = dict(wanted.select("customer", "household").iter_rows())
    assert len(expected) > 20
    for row in built.iter_rows(named=True):
        assert row["home_id"] == expected.get(row["customer"])
        inside = built.filter(pl.col("home_id") == row["home_id"]).height if row["home_id"] else None
        assert row["home_size"] == inside
    assert (
        build_portraits(tags, CONTRACTS, lake, as_of=MOMENT - timedelta(days=1))["home_id"].null_count() == 60
    )
    assert build_portraits(tags, CONTRACTS, lake, as_of=later)["home_id"].null_count() == 60
    someone = next(row for row in built.iter_rows(named=True) if row["home_size"])

    def read(customer: str):
        found = customer_as_of(lake, tags, CONTRACTS, customer, MOMENT)
        return None if found is None else found.tags

    own = with_household(read(someone["customer"]), tags, CONTRACTS, lake, as_of=MOMENT, read=read)
    assert {code: own[code] for code in tags} == {code: someone[code] for code in tags}
