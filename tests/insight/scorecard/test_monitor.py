"""PSI and CSI: nothing has moved on the training, and what moved is named."""

import numpy as np
import polars as pl
import pytest

from vostro.insight.scorecard import Scorecard
from vostro.words import VostroError

from .conftest import borrowers


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return Scorecard(special={"months": [-999]}).fit(borrowers(6000, seed=1)[0], target="default")


def test_on_the_training_nothing_has_moved(card: Scorecard) -> None:
    found = card.stability(borrowers(6000, seed=1)[0])
    assert found["feature"].to_list() == ["score", *card.feature_names]
    assert found["psi"].max() == pytest.approx(0.0, abs=1e-12)
    assert found["points_shift"].abs().max() == pytest.approx(0.0, abs=1e-9)


def test_new_applicants_of_the_same_kind_are_stable(card: Scorecard) -> None:
    assert card.stability(borrowers(6000, seed=2)[0])["psi"].max() < 0.02
    assert max(card.card(borrowers(6000, seed=2)[0]).drift.values()) < 0.02


def test_what_moved_is_named_and_its_points_counted(card: Scorecard) -> None:
    frame = borrowers(6000, seed=2)[0]
    moved = frame.with_columns(use=(pl.col("use") + 0.3).clip(0, 1))
    found = {row["feature"]: row for row in card.stability(moved).iter_rows(named=True)}
    assert found["use"]["psi"] > 0.25
    assert found["months"]["psi"] < 0.02
    assert found["use"]["points_shift"] < -10
    shifts = sum(row["points_shift"] for name, row in found.items() if name != "score")
    assert found["score"]["points_shift"] == pytest.approx(shifts)
    assert found["score"]["points_shift"] == pytest.approx(
        card.points(moved).mean() - card.points(borrowers(6000, seed=1)[0]).mean()
    )


def test_csi_is_the_formula_on_the_bins_of_the_table(card: Scorecard) -> None:
    frame = borrowers(3000, seed=7)[0].filter(pl.col("job") != "self")
    codes = next(each for each in card._ready().card.features if each.name == "job").codes(frame)
    then = next(each for each in card._ready().card.features if each.name == "job").rows
    p, q = np.array(then) / sum(then), np.bincount(codes, minlength=len(then)) / len(codes)
    p, q = np.maximum(p, 1e-4), np.maximum(q, 1e-4)
    csi = card.stability(frame).filter(pl.col("feature") == "job")["psi"][0]
    assert csi == pytest.approx(np.sum((q - p) * np.log(q / p)))


def test_no_rows_are_refused(card: Scorecard) -> None:
    frame = borrowers(10, seed=1)[0].head(0)
    for act in (card.stability, lambda f: card.cutoffs(f, gain_good_cny=1, loss_bad_cny=1)):
        with pytest.raises(VostroError) as caught:
            act(frame)
        assert caught.value.code == "insight.scorecard_rows_empty"
