"""The bench on Open Bandit: its truth and its weights, computed again another way."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from vostro.learn.policy_bench import METHODS, bench_open_bandit
from vostro.words import VostroError


@pytest.fixture(scope="module")
def folder(data_dir: Path) -> Path:
    found = data_dir / "open_bandit_men"
    if not (found / "bts_men.csv.gz").is_file():
        pytest.skip(f"{found} is absent: set VOSTRO_DATA")
    return found


def test_the_figures_are_those_of_the_logs(folder: Path) -> None:
    found = bench_open_bandit(folder, draws=20)
    logs = {name: pl.read_csv(folder / f"{name}_men.csv.gz") for name in ("random", "bts")}
    way = found["ways"]["bts from the random log"]
    assert way["truth"] == logs["bts"]["click"].mean() == 0.0069
    assert way["truth_low"] < 0.0069 < way["truth_high"]
    assert set(way["methods"]) == set(METHODS)
    mean = logs["bts"].group_by("item_id", "position").agg(p=1 / (1 / pl.col("propensity_score")).mean())
    mean = mean.with_columns(pl.col("p") / pl.col("p").sum().over("position"))
    joined = logs["random"].join(mean, on=["item_id", "position"], how="left").fill_null(0.0)
    ips = float((joined["click"] * joined["p"] * 34).mean())
    assert way["methods"]["ips"]["estimate"] == pytest.approx(ips)
    logged = found["ways"]["random from the bts log, logged probabilities"]["methods"]["ips"]["estimate"]
    assert logged == pytest.approx(
        float((logs["bts"]["click"] / logs["bts"]["propensity_score"] / 34).mean())
    )
    assert bench_open_bandit(folder, draws=20)["figure"] == found["figure"]


def test_the_share_that_no_unbiased_estimate_can_beat_is_below_the_target(folder: Path) -> None:
    """Checked by drawing: binomial clicks of so many effective decisions around the middle of the interval."""
    for way in bench_open_bandit(folder, draws=2)["ways"].values():
        rng = np.random.default_rng(0)
        size = round(way["decisions_effective"])
        middle = (way["truth_low"] + way["truth_high"]) / 2
        drawn = rng.binomial(size, middle, 20_000) / size
        share = np.mean((drawn >= way["truth_low"]) & (drawn <= way["truth_high"]))
        assert way["share_within_at_best"] == pytest.approx(share, abs=0.1)
        assert way["share_within_at_best"] < 0.93


def test_an_absent_log_is_told(tmp_path: Path) -> None:
    with pytest.raises(VostroError) as caught:
        bench_open_bandit(tmp_path)
    assert caught.value.code == "learn.bandit_file"
    assert "random_men.csv" in caught.value.say("zh")
