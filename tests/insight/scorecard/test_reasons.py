"""Reasons are the points that a reader of the table would count."""

import numpy as np
import polars as pl
import pytest

from vostro.insight.scorecard import PointReason, Scorecard
from vostro.words import Text

from .conftest import borrowers

NAMES = {"use": Text(en="use of credit", zh="额度使用率")}


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return Scorecard(special={"months": [-999]}, names=NAMES).fit(
        borrowers(6000, seed=1)[0], target="default"
    )


def test_points_and_losses_add_up_to_the_best_there_is(card: Scorecard) -> None:
    frame = borrowers(500, seed=2)[0]
    best = (
        card.table()
        .filter(pl.col("rows") > 0)
        .group_by("feature")
        .agg(pl.col("points").max())["points"]
        .sum()
    )
    lost = card.points_lost(frame)
    assert lost.to_numpy().sum(axis=1) + card.points(frame) == pytest.approx(np.full(500, best))


def test_against_the_mean_the_training_loses_nothing_on_average(card: Scorecard) -> None:
    lost = card.points_lost(borrowers(6000, seed=1)[0], against="mean")
    assert lost.mean().row(0) == pytest.approx(np.zeros(lost.width), abs=1e-9)


@pytest.mark.parametrize("against", ["best", "mean"])
def test_reasons_are_the_largest_losses(card: Scorecard, against: str) -> None:
    frame = borrowers(200, seed=2)[0]
    lost = card.points_lost(frame, against=against)
    for row, found in enumerate(card.reasons(frame, k=2, against=against)):
        losses = sorted((v for v in lost.row(row) if v > 1e-9), reverse=True)[:2]
        assert [each.points_lost for each in found] == pytest.approx(losses)
        assert all(lost[each.feature][row] == pytest.approx(each.points_lost) for each in found)


def test_reasons_are_words(card: Scorecard) -> None:
    row = pl.DataFrame({"use": [0.99], "months": [-999.0], "job": ["astronaut"], "noise": [0.0]})
    told = {each.feature: each for each in card.reasons(row, k=9)[0]}
    assert told["use"].en.startswith("use of credit above 0.")
    assert told["use"].zh.startswith("额度使用率（大于 0.")
    assert told["use"].en.endswith(" points below the best")
    assert told["months"].bin_en == "-999"
    assert told["job"].bin_en == "rare or new"
    assert isinstance(told["job"], PointReason)


def test_a_series_has_one_list_a_row_also_for_none(card: Scorecard) -> None:
    frame = borrowers(50, seed=2)[0]
    assert len(card.reason_series(frame)) == 50
    assert len(card.reason_series(frame.head(0))) == 0


def test_the_table_tells_every_bin(card: Scorecard) -> None:
    table = card.table()
    assert set(table["feature"]) == set(card.feature_names)
    for (feature,), bins in table.group_by("feature"):
        assert bins["rows"].sum() == 6000, feature
        assert bins["share"].sum() == pytest.approx(1.0)
    told = card.selection()
    assert set(told["feature"]) == {"use", "months", "job", "noise"}
    assert told.filter(~pl.col("kept"))["feature"].to_list() == ["noise"]
    assert told["iv"].is_sorted(descending=True)
