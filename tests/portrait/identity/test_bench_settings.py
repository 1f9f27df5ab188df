"""The choice of settings: each is really changed, and all are as they were afterwards."""

import polars as pl
import pytest

from vostro.portrait.identity import bench_settings, blocking, matching
from vostro.portrait.identity.bench import pairwise
from vostro.portrait.identity.bench_settings import SETTINGS, bench_link_settings
from vostro.portrait.identity.made_people import World, made_people

SMALL = {"small": World(60, 3.0, 0.1, 0.05, 0.1)}


def test_what_stands_comes_first():
    assert SETTINGS["pairs_a_rule"][0] == blocking.PAIRS_A_RULE
    assert SETTINGS["pairs_a_record"][0] == blocking.PAIRS_A_RECORD
    assert SETTINGS["bits_most"][0] == matching.WEIGHT_MAX


def test_every_value_is_tried_while_the_others_stay(monkeypatch):
    seen = []

    def scored(records, truth):
        groups = matching.average_groups
        stop = groups.keywords["least"] if hasattr(groups, "keywords") else None
        seen.append((blocking.PAIRS_A_RULE, blocking.PAIRS_A_RECORD, matching.WEIGHT_MAX, stop))
        return 0.9 if blocking.PAIRS_A_RULE == 20 else 0.8

    monkeypatch.setattr(bench_settings, "_f1", scored)
    before = (blocking.PAIRS_A_RULE, blocking.PAIRS_A_RECORD, matching.WEIGHT_MAX, matching.average_groups)
    found = bench_link_settings(SMALL, seeds=1)
    assert before == (
        blocking.PAIRS_A_RULE,
        blocking.PAIRS_A_RECORD,
        matching.WEIGHT_MAX,
        matching.average_groups,
    )
    assert len(set(seen)) == len(seen) == 1 + sum(len(values) - 1 for values in SETTINGS.values())
    assert found["chosen"]["pairs_a_rule"] == 20
    assert not found["stands"]


@pytest.mark.timeout(240)
def test_linking_finds_more_than_equal_records():
    records, truth = made_people(SMALL["small"], 11)
    same = records.drop("id").with_row_index().group_by(records.columns[1:]).agg("index").explode("index")
    label = same.sort("index").select(pl.struct(records.columns[1:]).rank("dense")).to_series()
    precision, recall = pairwise(label, truth)
    found = bench_link_settings(SMALL, seeds=1)
    assert found["worlds"]["as it stands"]["small"] > 2 * precision * recall / (precision + recall)
    assert set(found["chosen"]) == set(SETTINGS)
