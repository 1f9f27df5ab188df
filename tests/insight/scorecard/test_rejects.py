"""Reject inference: each method does what its name says, and none is done unasked."""

import numpy as np
import polars as pl
import pytest

from vostro.insight.scorecard import Scorecard
from vostro.insight.scorecard.rejects import bad_odds, parcel_chance, reweigh
from vostro.words import VostroError

from .conftest import borrowers


def _through_the_door(
    rows: int = 20_000, seed: int = 0
) -> tuple[pl.DataFrame, pl.DataFrame, np.ndarray, np.ndarray]:
    """Applicants whose high use of credit made refusal likely: approved, refused, and both true chances."""
    frame, chance = borrowers(rows, seed)
    draw = np.random.default_rng(seed + 100)
    use = frame["use"].fill_null(0.4).to_numpy()
    approved = draw.random(rows) < 1 / (1 + np.exp(6 * (use - 0.45)))
    return frame.filter(approved), frame.filter(~approved), chance[approved], chance[~approved]


def test_unasked_nothing_is_inferred() -> None:
    approved, refused, _, _ = _through_the_door(3000)
    with pytest.raises(VostroError) as caught:
        Scorecard().fit(approved, target="default", rejected=refused)
    assert caught.value.code == "insight.scorecard_reject_method"
    with pytest.raises(VostroError) as caught:
        Scorecard(rejects="parcel").fit(approved, target="default")
    assert caught.value.code == "insight.scorecard_rejects_empty"


def test_fuzzy_at_equal_odds_says_the_same_of_everyone() -> None:
    """Twice entered with the chance that the card gave: the likelihood has its top where it was."""
    approved, refused, _, _ = _through_the_door(8000)
    plain = Scorecard().fit(approved, target="default")
    fuzzy = Scorecard(rejects="fuzzy", reject_odds=1.0).fit(approved, target="default", rejected=refused)
    assert np.abs(plain.predict(refused) - fuzzy.predict(refused)).mean() < 0.015


@pytest.mark.parametrize("method", ["fuzzy", "parcel"])
def test_prudence_raises_the_chance_of_the_refused_most(method: str) -> None:
    approved, refused, _, _ = _through_the_door(8000)
    plain = Scorecard().fit(approved, target="default")
    prudent = Scorecard(rejects=method, reject_odds=3.0).fit(approved, target="default", rejected=refused)
    up_refused = (prudent.predict(refused) - plain.predict(refused)).mean()
    up_approved = (prudent.predict(approved) - plain.predict(approved)).mean()
    assert up_refused > up_approved + 0.01
    assert up_refused > 0.03
    assert f"'{method}'" in prudent.card().method


def test_reweigh_is_near_the_truth_of_all_applicants() -> None:
    approved, refused, _, chance = _through_the_door()
    card = Scorecard(rejects="reweigh").fit(approved, target="default", rejected=refused)
    assert card.predict(refused).mean() == pytest.approx(chance.mean(), abs=0.02)


def test_the_rows_of_a_band_stand_for_all_of_it() -> None:
    draw = np.random.default_rng(0)
    approved, refused = draw.random(1000), draw.random(400) ** 0.5
    weight = reweigh(approved, np.ones(1000), refused)
    assert weight.sum() == pytest.approx(1400)
    assert weight.min() >= 1
    assert weight[approved > 0.9].mean() > weight[approved < 0.1].mean()


def test_a_parcel_takes_the_rate_of_its_band() -> None:
    approved = np.repeat(np.arange(10) / 10 + 0.05, 1000)
    bad = np.tile(np.arange(1000) / 1000, 10) < approved
    found = parcel_chance(approved, bad.astype(float), np.ones(10_000), np.array([0.04, 0.55, 0.99]))
    assert found == pytest.approx([0.05, 0.55, 0.95], abs=0.01)


def test_odds_are_multiplied() -> None:
    chance = np.array([0.01, 0.3, 0.9])
    more = bad_odds(chance, 2.5)
    assert more / (1 - more) == pytest.approx(2.5 * chance / (1 - chance))
