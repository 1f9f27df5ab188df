"""Estimates: m as Splink's own EM finds it, m and the share of matches near the truth of a public set."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from vostro.portrait import link
from vostro.portrait.identity.bench import read_set
from vostro.portrait.identity.estimating import _learn, _with_u, frequencies_of
from vostro.portrait.identity.matcher import Matcher
from vostro.portrait.identity.maximising import maximise
from vostro.portrait.identity.parameters import LevelShare, comparison_levels, default_shares
from vostro.portrait.identity.prepared import fields_of, prepare

KINDS = {"first_name": "name", "surname": "name", "dob": "date", "city": "text", "email": "email"}


def test_m_is_what_splinks_own_em_finds(data_dir: Path) -> None:
    records, id, _ = read_set(data_dir, "fake_1000")
    fields = fields_of(KINDS)
    frame = records.select(pl.lit("s").alias("source"), pl.col(id).alias("id"), *KINDS)
    prepared = prepare(frame, fields)
    with Matcher(prepared, fields, threads=1) as matcher:
        shares = {
            f.name: default_shares([code for code, _, _ in comparison_levels(f, fields)]) for f in fields
        }
        frequencies = frequencies_of(prepared, fields)
        matcher.use(shares, 1e-4, frequencies)
        counted = matcher.count_u(2_000_000, 7)
        shares = {f.name: _with_u(shares[f.name], counted[f.column], 499_500) for f in fields}
        matcher.use(shares, 1e-4, frequencies)
        dob = fields[2]
        ours = _learn(matcher, shares, dob, 7)
        training = matcher._linker.training
        training.estimate_parameters_using_expectation_maximisation(f"l.{dob.column} = r.{dob.column}")
        theirs = {
            comparison.output_column_name: [
                level.m_probability for level in comparison.comparison_levels if not level.is_null_level
            ]
            for comparison in matcher._linker._settings_obj.comparisons
        }
    for field in fields:
        if field is not dob:
            assert ours[field.name] == pytest.approx(theirs[field.column], abs=0.03), field.name


def test_em_recovers_known_shares() -> None:
    """200,000 pairs made with known m, u and share of matches."""
    rng = np.random.default_rng(3)
    match = rng.random(200_000) < 0.2
    m, u = {"a": 0.9, "b": 0.7, "c": 0.8}, {"a": 0.05, "b": 0.1, "c": 0.02}
    columns = {
        name: np.where(rng.random(len(match)) < np.where(match, m[name], u[name]), "same", "different")
        for name in m
    }
    columns["a"] = np.where(rng.random(len(match)) < 0.1, "missing", columns["a"])
    shares = {
        name: [LevelShare("same", 0.6, u[name]), LevelShare("different", 0.4, 1 - u[name])] for name in m
    }
    found = maximise(pl.DataFrame(columns).with_columns(rarity=pl.lit(0.0)), shares, 0.01)
    assert found.match_share == pytest.approx(0.2, abs=0.01)
    for name, expected in m.items():
        assert found.m[name][0] == pytest.approx(expected, abs=0.01)


def test_a_level_that_is_never_seen_stays_possible() -> None:
    pairs = pl.DataFrame({"a": ["same"] * 100, "b": ["same"] * 100, "rarity": [0.0] * 100})
    levels = [
        LevelShare("same", 0.7, 0.01),
        LevelShare("typo", 0.2, 0.04),
        LevelShare("different", 0.1, 0.95),
    ]
    found = maximise(pairs, {"a": levels, "b": levels}, 0.5)
    assert all(share > 0 for each in found.m.values() for share in each)
    assert sum(found.m["a"]) == pytest.approx(1)


@pytest.mark.parametrize("name", ["fake_1000", "febrl3"])
def test_the_share_of_matches_is_near_the_truth(data_dir: Path, name: str) -> None:
    records, id, truth = read_set(data_dir, name)
    size = truth.to_frame("t").group_by("t").len()["len"].cast(pl.Int64)
    true = (size * (size - 1) // 2).sum() / (records.height * (records.height - 1) / 2)
    assert link(records, id=id).model.parameters.match_share == pytest.approx(true, rel=0.15)
