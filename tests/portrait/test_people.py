"""Events under several identifiers of one person give the portrait that they would give under one."""

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from vostro.portrait import build_portraits, portraits_at

from .online.benches import fresh_lake
from .people_bank import IDS, definitions, happen, histories, people_of, renamed, settle

ODD = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": (Phase.explicit, Phase.generate),
}


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    return definitions(tmp_path_factory.mktemp("bank") / "b")


def filled(lake, contracts, steps):
    for step in steps:
        happen(lake, contracts, step)
    settle(lake, contracts)


@settings(max_examples=12, **ODD)
@given(history=histories(), data=st.data())
def test_several_identifiers_are_as_one(server_url, tmp_path_factory, bank, history, data):
    tags, contracts = bank
    times = [each.known for each in history]
    some = data.draw(st.lists(st.sampled_from(times), min_size=1, max_size=3))
    moments = sorted({each + timedelta(days=data.draw(st.sampled_from([0, 0, 1, 40]))) for each in some})
    folder = tmp_path_factory.mktemp("lake")
    with fresh_lake(server_url, folder) as lake:
        filled(lake, contracts, history)
        asked = pl.DataFrame({"customer": list(IDS)}).join(pl.DataFrame({"as_of": moments}), how="cross")
        then = portraits_at(tags, contracts, lake, asked)
        for as_of in moments:
            people = people_of(history, as_of)
            got = build_portraits(tags, contracts, lake, as_of=as_of)
            with fresh_lake(server_url, folder) as other:
                filled(other, contracts, renamed(history, people))
                wanted = build_portraits(tags, contracts, other, as_of=as_of)
                assert_frame_equal(got.drop("ids"), wanted.drop("ids"))
            at = then.filter(pl.col("as_of") == as_of)
            mine = pl.DataFrame({"customer": IDS, "person": [people[each] for each in IDS]})
            known = mine.join(got, left_on="person", right_on="customer", how="inner").drop("person")
            assert_frame_equal(
                at.filter(pl.col("customer").is_in(known["customer"].implode())).drop("as_of"), known
            )
