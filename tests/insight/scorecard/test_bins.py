"""Every value falls into the bin that a reader expects, and its evidence is what one computes by hand."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from vostro.insight.scorecard.bins import FIRST, MISSING, OTHER, SHRINK_ROWS, Limits, learn_feature
from vostro.insight.scorecard.labels import bin_labels
from vostro.words import VostroError

from .conftest import borrowers


def _learn(frame: pl.DataFrame, name: str, bad: np.ndarray, **asked: object):
    limits = asked.pop("limits", Limits())
    return learn_feature(frame, name, bad, np.ones(len(bad)), limits=limits, **asked)  # type: ignore[arg-type]


def test_missing_special_and_ordinary_values_have_bins_of_their_own() -> None:
    frame, _ = borrowers(6000, seed=1)
    bad = frame["default"].cast(float).to_numpy()
    feature = _learn(frame, "months", bad, special=[-999])
    asked = pl.DataFrame({"months": [None, float("nan"), float("inf"), -999.0, 0.0, 1e9]})
    codes = feature.codes(asked)
    assert codes[:4].tolist() == [MISSING, MISSING, MISSING, FIRST]
    assert codes[4] == FIRST + 1
    assert codes[5] == len(feature.woe) - 1
    counted = np.bincount(feature.codes(frame), minlength=len(feature.woe))
    assert counted.tolist() == list(feature.rows)
    assert feature.trend == "decreasing"
    rate = np.array(feature.bads)[FIRST + 1 :] / np.array(feature.rows)[FIRST + 1 :]
    assert (np.diff(rate) < 0).all()


def test_an_edge_belongs_to_the_bin_that_it_ends() -> None:
    frame = pl.DataFrame({"x": np.repeat([1.0, 2.0, 3.0], 200)})
    bad = np.concatenate([np.arange(200) % 10 == 0, np.arange(200) % 4 == 0, np.arange(200) % 2 == 0]).astype(
        float
    )
    feature = _learn(frame, "x", bad)
    assert feature.edges == (1.0, 2.0)
    assert feature.codes(pl.DataFrame({"x": [1.0, 1.5, 2.0, 2.1]})).tolist() == [
        FIRST,
        FIRST + 1,
        FIRST + 1,
        FIRST + 2,
    ]
    said = [each.en for each in bin_labels(feature)]
    assert said == ["not known", "rare or new", "up to 1", "above 1 to 2", "above 2"]


def test_the_evidence_is_that_of_the_formula() -> None:
    frame = pl.DataFrame({"x": np.repeat([0.0, 1.0], [300, 100])})
    bad = np.concatenate([np.arange(300) < 30, np.arange(100) < 50]).astype(float)
    feature = _learn(frame, "x", bad)
    goods, bads = 320, 80
    woe = np.log(((270 + SHRINK_ROWS * 0.8) / goods) / ((30 + SHRINK_ROWS * 0.2) / bads))
    assert feature.woe[FIRST] == pytest.approx(woe)
    assert feature.iv[FIRST] == pytest.approx((270 / goods - 30 / bads) * woe)
    assert feature.woe[MISSING] == 0.0


def test_rare_and_new_levels_share_a_bin_and_known_ones_are_sorted_by_rate() -> None:
    frame, _ = borrowers(8000, seed=2)
    bad = frame["default"].cast(float).to_numpy()
    feature = _learn(frame, "job", bad)
    codes = feature.codes(
        pl.DataFrame({"job": ["actor", "astronaut", None, "civil", "clerk", "worker", "self"]})
    )
    assert codes[:3].tolist() == [OTHER, OTHER, MISSING]
    assert (np.diff(codes[3:]) > 0).all(), "civil servants default least, the self-employed most"
    assert feature.rows[OTHER] == (frame["job"] == "actor").sum()


def test_a_special_text_stands_alone() -> None:
    frame, _ = borrowers(3000, seed=2)
    feature = _learn(frame, "job", frame["default"].cast(float).to_numpy(), special=["self"])
    assert feature.codes(pl.DataFrame({"job": ["self"]})).tolist() == [FIRST]
    assert sum(place == FIRST for place in feature.levels.values()) == 1


def test_limits_are_kept() -> None:
    frame, _ = borrowers(9000, seed=4)
    bad = frame["default"].cast(float).to_numpy()
    feature = _learn(frame, "use", bad, limits=Limits(share_least=0.2, bins_most=3))
    assert len(feature.edges) + 1 <= 3
    assert min(feature.rows[FIRST:]) >= 0.2 * 9000


def test_a_peak_is_found_where_it_is_allowed() -> None:
    draw = np.random.default_rng(0)
    x = draw.uniform(-2, 2, 8000)
    bad = (draw.random(8000) < 0.05 + 0.3 * np.exp(-(x**2))).astype(float)
    frame = pl.DataFrame({"x": x})
    bent, straight = _learn(frame, "x", bad, trend="peak"), _learn(frame, "x", bad)
    assert bent.information > 2 * straight.information
    rate = np.array(bent.bads[FIRST:]) / np.array(bent.rows[FIRST:])
    top = int(rate.argmax())
    assert 0 < top < len(rate) - 1
    assert (np.diff(rate[: top + 1]) > 0).all()
    assert (np.diff(rate[top:]) < 0).all()


def test_dates_and_booleans_are_said_as_such() -> None:
    draw = np.random.default_rng(0)
    days, flag = draw.integers(0, 1000, 3000), draw.random(3000) < 0.5
    bad = (draw.random(3000) < 0.1 + 0.2 * flag + 0.2 * (days > 500)).astype(float)
    opened = pl.Series(days).cast(pl.Int32).cast(pl.Date)
    frame = pl.DataFrame({"opened": opened, "flag": flag})
    assert [each.en for each in bin_labels(_learn(frame, "flag", bad))][-2:] == ["no", "yes"]
    said = bin_labels(_learn(frame, "opened", bad))[FIRST].en
    assert said.startswith("up to 197")
    assert date.fromisoformat(said.removeprefix("up to ")) < date(1972, 9, 27)


def test_an_empty_column_says_nothing() -> None:
    frame = pl.DataFrame(
        {"x": pl.Series([None] * 100, dtype=pl.Float64), "t": pl.Series([None] * 100, dtype=pl.String)}
    )
    bad = (np.arange(100) % 4 == 0).astype(float)
    for name in frame.columns:
        assert _learn(frame, name, bad).information == pytest.approx(0.0, abs=1e-12)
        assert _learn(frame, name, bad).codes(frame[:1]).tolist() == [MISSING]


def test_special_words_for_a_number_are_refused() -> None:
    with pytest.raises(VostroError) as caught:
        _learn(pl.DataFrame({"x": [1.0, 2.0]}), "x", np.array([0.0, 1.0]), special=["none"])
    assert caught.value.code == "insight.scorecard_choice"


def test_the_noise_of_a_column_is_what_useless_columns_reach() -> None:
    above = 0
    for seed in range(300):
        draw = np.random.default_rng(seed)
        bad = (draw.random(800) < 0.2).astype(float)
        feature = _learn(pl.DataFrame({"x": draw.normal(size=800)}), "x", bad)
        above += feature.information > feature.noise
    assert above / 300 <= 0.08  # 5 % and three standard errors of a share of 300
