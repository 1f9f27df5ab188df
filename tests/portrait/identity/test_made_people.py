"""Made-up people: the truth is told, and what is asked for is there."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from vostro.portrait.identity.made_people import WORLDS, World, made_people


@pytest.mark.parametrize("name", WORLDS)
def test_people_have_the_records_slips_and_gaps_that_were_asked_for(name):
    world = WORLDS[name]
    records, truth = made_people(world, seed=3)
    assert truth.n_unique() == world.people
    assert records.height / world.people == pytest.approx(world.records, rel=0.1)
    assert records.columns == ["id", *world.fields]
    assert records["id"].n_unique() == records.height
    gaps = records.select(pl.mean_horizontal(pl.col(world.fields).is_null().cast(pl.Float64))).to_series()
    assert gaps.mean() == pytest.approx(world.gaps, abs=0.02)


def test_without_slips_gaps_and_moves_all_records_of_a_person_are_the_same():
    records, truth = made_people(World(200, 3.0, 0.0, 0.0, 0.0), seed=1)
    each = records.drop("id").with_columns(truth).unique()
    assert each.height == 200


def test_slips_change_about_as_many_values_as_asked():
    world = World(400, 1.0, 0.2, 0.0, 0.0)
    clean, _ = made_people(world._replace(slips=0.0), seed=5)
    slipped, _ = made_people(world, seed=5)
    assert clean["dob"].is_in(slipped["dob"].implode()).mean() == pytest.approx(0.8, abs=0.08)


def test_the_seed_says_all():
    one, two = (made_people(WORLDS["sparse"], seed=9)[0] for _ in range(2))
    assert_frame_equal(one, two)
    assert not one.equals(made_people(WORLDS["sparse"], seed=10)[0])
