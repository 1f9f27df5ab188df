"""Learning a scorecard 评分卡训练: bin every column, choose among them, weigh the evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.folds import Rows, stratified_folds
from vostro.insight.scorecard.bins import BinnedFeature, Limits, Special, Trend, learn_feature
from vostro.insight.scorecard.regression import Considered, choose
from vostro.insight.scorecard.rejects import RejectMethod, bad_odds, parcel_chance, reweigh

__all__ = ["FOLDS", "Card", "Learnt", "Sample", "cross_fitted", "learn_card"]

Floats = npt.NDArray[np.float64]
FOLDS = 3


class Card(msgspec.Struct, frozen=True):
    """What gives a customer his log-odds."""

    features: tuple[BinnedFeature, ...]
    coefficients: tuple[float, ...]
    intercept: float  # log-odds of good

    def codes(self, frame: pl.DataFrame) -> list[npt.NDArray[np.intp]]:
        """Return the bin of every row, one array of shape (n,) a column."""
        return [each.codes(frame) for each in self.features]

    def logodds(self, codes: list[npt.NDArray[np.intp]], rows: int) -> Floats:
        """Return the log-odds of good, shape (rows,)."""
        total = np.full(rows, self.intercept)
        for feature, coefficient, code in zip(self.features, self.coefficients, codes, strict=True):
            total += (coefficient * np.array(feature.woe))[code]
        return total

    def chance(self, frame: pl.DataFrame) -> Floats:
        """Return the probability of the bad outcome, shape (n,)."""
        return np.asarray(1 / (1 + np.exp(self.logodds(self.codes(frame), frame.height))), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Sample:
    """Training rows, and how they are to be learnt from."""

    frame: pl.DataFrame  # shape (n, columns), of the features only
    bad: Floats  # shape (n,)
    weight: Floats  # shape (n,)
    limits: Limits
    trends: Mapping[str, Trend]
    special: Mapping[str, Sequence[Special]]
    rejects: RejectMethod = "off"
    reject_odds: float = 1.0
    refused: pl.DataFrame | None = None

    def take(self, rows: Rows) -> "Sample":
        """Return some of the rows, with all the refused."""
        return self._with(self.frame[rows], self.bad[rows], self.weight[rows])

    def _with(self, frame: pl.DataFrame, bad: Floats, weight: Floats) -> "Sample":
        return Sample(
            frame,
            bad,
            weight,
            self.limits,
            self.trends,
            self.special,
            self.rejects,
            self.reject_odds,
            self.refused,
        )

    def with_refused(self, card: Card) -> "Sample":
        """Return the rows with what the method says of the refused."""
        assert self.refused is not None
        approved, refused = card.chance(self.frame), card.chance(self.refused)
        if self.rejects == "reweigh":
            return self._with(self.frame, self.bad, reweigh(approved, self.weight, refused))
        if self.rejects == "parcel":
            refused = parcel_chance(approved, self.bad, self.weight, refused)
        chance = bad_odds(refused, self.reject_odds)
        both = pl.concat([self.frame, self.refused, self.refused], how="vertical_relaxed")
        bad = np.concatenate([self.bad, np.ones(len(chance)), np.zeros(len(chance))])
        return self._with(both, bad, np.concatenate([self.weight, chance, 1 - chance]))


@dataclass(frozen=True, slots=True)
class Learnt:
    """A card, and what became of every column."""

    card: Card
    considered: tuple[Considered, ...]


def learn_card(sample: Sample) -> Learnt:
    """Learn a card; with refused applicants, a second one on the rows that the first one adds."""
    found = _learn(sample)
    return found if sample.refused is None else _learn(sample.with_refused(found.card))


def cross_fitted(sample: Sample, seed: int) -> Floats:
    """Return the probability of the bad outcome by cards that never saw the row, shape (n,)."""
    chance = np.empty(len(sample.bad))
    for fold in stratified_folds(sample.bad, FOLDS, seed):
        kept = np.ones(len(sample.bad), dtype=bool)
        kept[fold] = False
        chance[fold] = learn_card(sample.take(np.flatnonzero(kept))).card.chance(sample.frame[fold])
    return chance


def _learn(sample: Sample) -> Learnt:
    features = [
        learn_feature(
            sample.frame,
            name,
            sample.bad,
            sample.weight,
            limits=sample.limits,
            trend=sample.trends.get(name, "auto"),
            special=sample.special.get(name, ()),
        )
        for name in sorted(sample.frame.columns)
    ]
    woe = np.column_stack([np.array(each.woe)[each.codes(sample.frame)] for each in features])
    kept, fitted, considered = choose(
        tuple(each.name for each in features),
        woe,
        np.array([each.information for each in features]),
        1 - sample.bad,
        sample.weight,
        iv_least=np.array([max(each.noise, sample.limits.iv_least) for each in features]),
        p_most=sample.limits.p_most,
    )
    card = Card(tuple(features[j] for j in kept), tuple(fitted.coefficients.tolist()), fitted.intercept)
    return Learnt(card, considered)
