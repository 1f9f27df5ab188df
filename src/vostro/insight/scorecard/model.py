"""Scorecard 评分卡: how many points does each fact about a customer carry, and what chance do they say?"""

import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.card import ModelCard, describe
from vostro.insight.errors import FeaturesEmptyError, NotFittedError
from vostro.insight.files import read_state, state_digest, write_state
from vostro.insight.frames import Frame, as_polars
from vostro.insight.outcomes import read_target, read_weight, require
from vostro.insight.scorecard.bins import Limits, Special, Trend
from vostro.insight.scorecard.errors import (
    RejectMethodError,
    RejectsEmptyError,
    ScorecardFeaturesWeakError,
    ScorecardRowsEmptyError,
)
from vostro.insight.scorecard.learning import FOLDS, Card, Learnt, Sample, cross_fitted, learn_card
from vostro.insight.scorecard.measures import ScoreMeasures, cutoff_table, measure_scores
from vostro.insight.scorecard.monitor import ScoreProfile, learn_profile, stability_table
from vostro.insight.scorecard.plan import (
    AGAINST,
    CardPlan,
    check_choice,
    check_number,
    check_plan,
    plain_plan,
)
from vostro.insight.scorecard.reasons import (
    PointReason,
    lost_points,
    points_table,
    reason_lists,
    selection_table,
)
from vostro.insight.scorecard.regression import Considered
from vostro.insight.scorecard.rejects import RejectMethod
from vostro.insight.scorecard.scaling import Scaling, lay_points
from vostro.words import Text

__all__ = ["Scorecard", "ScorecardState"]

Floats = npt.NDArray[np.float64]
Against = Literal["best", "mean"]


class ScorecardState(msgspec.Struct, frozen=True):
    """All that a trained scorecard is; the same data, seed and libraries give the same bytes."""

    plan: CardPlan
    card: Card
    points: tuple[tuple[float, ...], ...]
    considered: tuple[Considered, ...]
    profile: ScoreProfile
    facts: ModelCard
    names: dict[str, Text] = {}
    kind: str = "scorecard"


class Scorecard:
    """Estimates the chance of a bad outcome by points that add up, from any Polars, pandas or Arrow frame.

    Every column is cut into bins in the order of its values (exactly optimal for information value under
    the limits, the bad rate monotone); missing values, declared special values and rare or never seen texts
    are bins of their own. A value that was absent from the training carries average points. The chance is
    calibrated by construction: on the training rows its mean is the observed rate.

    Args:
        seed: of the folds in which the card measures itself.
        features: names of the columns to learn from; None: all besides target and weight.
        trends: column -> "increasing", "decreasing", "peak", "valley" or "none": how the bad rate runs along
            its values; "auto" (default): the better of increasing and decreasing.
        special: column -> values that are bins of their own, such as ``{"months": [-999]}``.
        limits: of bins and columns.
        scaling: base points, odds and points to double the odds.
        rejects: what is assumed of refused applicants: "off", "fuzzy", "parcel" or "reweigh".
        reject_odds: for "fuzzy" and "parcel": their odds of being bad are so many times those of the
            approved with the same score; a judgement, not an estimate.
        names: words for columns in reasons.
    """

    def __init__(  # noqa: PLR0913 - a card has many settings, each with a good default
        self,
        *,
        seed: int = 0,
        features: Sequence[str] | None = None,
        trends: Mapping[str, Trend] | None = None,
        special: Mapping[str, Sequence[Special]] | None = None,
        limits: Limits | None = None,
        scaling: Scaling | None = None,
        rejects: RejectMethod = "off",
        reject_odds: float = 1.5,
        names: Mapping[str, Text] | None = None,
    ) -> None:
        self._plan = CardPlan(
            seed,
            None if features is None else tuple(features),
            dict(trends or {}),
            {name: tuple(values) for name, values in (special or {}).items()},
            limits or Limits(),
            scaling or Scaling(),
            rejects,
            reject_odds,
        )
        self._names = dict(names or {})
        self._state: ScorecardState | None = None
        self._version = ""

    def fit(self, frame: Frame, *, target: Any, weight: Any = None, rejected: Frame | None = None) -> Self:
        """Learn from customers whose outcome is known.

        Args:
            frame: shape (n, columns).
            target: name of a column or (n,) values: booleans, 1/0 or yes/no, 1 being bad; none missing.
            weight: name of a column or (n,) values, finite and at least 0.
            rejected: shape (m, columns), applicants who were refused; needs a ``rejects`` method.

        Raises:
            TargetUnknownError, TargetTypeError, ClassMissingError, OutcomesFewError: the target.
            WeightError, LengthMismatchError: weights or arrays.
            FeatureMissingError, FeatureTypeError, FeaturesEmptyError, FrameKindError: the frame.
            ScorecardFeaturesWeakError: no column enters the card.
            ScorecardChoiceError, ScalingError, RejectMethodError, RejectsEmptyError: the settings.
        """
        table = as_polars(frame)
        self._check(rejected is not None)
        sample = self._sample(table, target, weight, None if rejected is None else as_polars(rejected))
        learnt = learn_card(sample)
        if not learnt.card.features:
            raise _weak(learnt)
        name = target if isinstance(target, str) else "target"
        self._hold(self._finish(sample, learnt, name))
        return self

    def predict(self, frame: Frame) -> Floats:
        """Return probabilities of the bad outcome, shape (n,), in (0, 1), never NaN.

        Raises:
            NotFittedError: neither trained nor loaded.
            FeatureMissingError, FeatureTypeError, FrameKindError: the frame is not like the training's.
        """
        return self._ready().card.chance(as_polars(frame))

    def points(self, frame: Frame) -> Floats:
        """Return points, shape (n,); more is better. Whole numbers unless ``Scaling(rounded=False)``."""
        state = self._ready()
        table = as_polars(frame)
        total = np.zeros(table.height)
        for points, codes in zip(state.points, state.card.codes(table), strict=True):
            total += np.array(points)[codes]
        return total

    def table(self) -> pl.DataFrame:
        """Return the card: one row a bin with feature, bin, rows, share, bad_rate, woe, iv, points."""
        state = self._ready()
        return points_table(state.card, state.points)

    def selection(self) -> pl.DataFrame:
        """Return what became of every column asked about: feature, iv, kept, and the reason in words."""
        return selection_table(self._ready().considered)

    def reason_series(self, frame: Frame, k: int = 4, *, against: Against = "best") -> pl.Series:
        """Return where each row lost most points, shape (n,): lists of structs.

        A struct has feature, bin_en, bin_zh, points_lost, en and zh; at most ``k``, and only real losses.

        Args:
            frame: shape (n, columns).
            k: count, at least 1.
            against: "best": the best bin of the column; "mean": the average customer of the training.
        """
        state = self._ready()
        check_choice("against", against, AGAINST)
        check_number("k", k, least=1)
        return reason_lists(state, as_polars(frame), k, against, self._names)

    def reasons(self, frame: Frame, k: int = 4, *, against: Against = "best") -> list[list[PointReason]]:
        """Return the reasons as objects, for the rows that a person reads."""
        found = self.reason_series(frame, k, against=against).to_list()
        return [[msgspec.convert(each, PointReason) for each in row] for row in found]

    def points_lost(self, frame: Frame, *, against: Against = "best") -> pl.DataFrame:
        """Return the points that every column costs each row, one column a feature."""
        state = self._ready()
        check_choice("against", against, AGAINST)
        return lost_points(state, as_polars(frame), against)

    def stability(self, frame: Frame) -> pl.DataFrame:
        """Return how far a frame has moved from the training: PSI of the score, CSI of each column.

        Rows ``score`` and one a feature, with psi (nats; below 0.1 stable, above 0.25 another population)
        and points_shift (mean points now less then).
        """
        state = self._ready()
        table = _filled(frame, "stability")
        return stability_table(state.card, state.points, state.profile, table, self.points(table))

    def measures(self, frame: Frame, *, target: Any) -> ScoreMeasures:
        """Return AUC, Gini and KS with 95 % intervals, on customers whose outcome is known."""
        table = as_polars(frame)
        return measure_scores(read_target(table, target, least=1), self.points(table))

    def cutoffs(
        self,
        frame: Frame,
        *,
        gain_good_cny: float,
        loss_bad_cny: float,
        target: Any = None,
        steps: int = 20,
    ) -> pl.DataFrame:
        """Return what each line between approval and refusal would bring on these customers.

        Args:
            frame: shape (n, columns), at least one row.
            gain_good_cny: earned from a good customer who is approved.
            loss_bad_cny: lost with a bad one; above 0.
            target: name or values of the outcome; None: only what the card expects is told.
            steps: count of lines.

        Returns:
            Columns points_least, approved, approval_rate, bad_rate_expected, profit_cny_expected and, with
            a target, bad_rate and profit_cny.
        """
        self._ready()
        table = _filled(frame, "cutoffs")
        check_number("gain_good_cny", gain_good_cny, least=0.0)
        check_number("loss_bad_cny", loss_bad_cny, least=0.0)
        check_number("steps", steps, least=1)
        bad = None if target is None else read_target(table, target, least=0)
        return cutoff_table(
            self.points(table),
            self.predict(table),
            bad,
            gain_good_cny=gain_good_cny,
            loss_bad_cny=loss_bad_cny,
            steps=steps,
        )

    def card(self, scored: Frame | None = None) -> ModelCard:
        """Return the model card, measured by cross-fitting; with the drift of a frame when one is given."""
        facts = self._ready().facts
        drift = {}
        if scored is not None:
            moved = self.stability(scored)
            drift = dict(zip(moved["feature"].to_list(), moved["psi"].to_list(), strict=True))
        return msgspec.structs.replace(facts, drift=drift, version=self._version)

    def save(self, path: Path) -> None:
        """Write the scorecard as one JSON file, whole or not at all."""
        write_state(path, self._ready(), self._version)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a scorecard that ``save`` wrote.

        Raises:
            ModelFileError: the file is absent, damaged, changed or of another version.
        """
        state = read_state(path, ScorecardState)
        model = cls(names=state.names)
        model._plan = state.plan
        model._hold(state)
        return model

    @property
    def version(self) -> str:
        """Digest of all that the scorecard is, 64 hexadecimal digits."""
        self._ready()
        return self._version

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Columns of the card, the most informative first."""
        return tuple(each.name for each in self._ready().card.features)

    def _check(self, rejected: bool) -> None:
        plan = self._plan
        check_plan(plan)
        self._plan = plain_plan(plan)
        if rejected and plan.rejects == "off":
            raise RejectMethodError
        if not rejected and plan.rejects != "off":
            raise RejectsEmptyError(method=plan.rejects)

    def _sample(self, table: pl.DataFrame, target: Any, weight: Any, refused: pl.DataFrame | None) -> Sample:
        plan = self._plan
        bad = read_target(table, target)
        weights = read_weight(table, weight, bad)
        aside = {each for each in (target, weight) if isinstance(each, str)}
        features = plan.features or tuple(name for name in table.columns if name not in aside)
        if not features:
            raise FeaturesEmptyError
        for name in {*features, *plan.trends, *plan.special}:
            require(table, name)
        if refused is not None:
            for name in features:
                require(refused, name)
        return Sample(
            table.select(features),
            bad,
            np.ones(len(bad)) if weights is None else weights,
            plan.limits,
            plan.trends,
            plan.special,
            plan.rejects,
            plan.reject_odds,
            None if refused is None else refused.select(features),
        )

    def _finish(self, sample: Sample, learnt: Learnt, target: str) -> ScorecardState:
        card, scaling = learnt.card, self._plan.scaling
        woe = tuple(each.woe for each in card.features)
        points = lay_points(woe, np.array(card.coefficients), card.intercept, scaling)
        how = "" if sample.refused is None else f", refused applicants by '{sample.rejects}'"
        facts = describe(
            sample.bad,
            cross_fitted(sample, self._plan.seed),
            target=target,
            seed=self._plan.seed,
            gain=_spread(card),
            span=(None, None),
            method=f"cross-fitted, {FOLDS} folds, shuffled{how}",
            libraries={
                "python": platform.python_version(),
                "numpy": np.__version__,
                "polars": pl.__version__,
            },
        )
        profile = learn_profile(card, points, sample.frame, sample.weight)
        return ScorecardState(self._plan, card, points, learnt.considered, profile, facts, self._names)

    def _hold(self, state: ScorecardState) -> None:
        self._state, self._version = state, state_digest(state)

    def _ready(self) -> ScorecardState:
        if self._state is None:
            raise NotFittedError
        return self._state


def _spread(card: Card) -> dict[str, float]:
    """Each column's share of the spread of log-odds: its standard deviation, over their sum."""
    found = []
    for feature, coefficient in zip(card.features, card.coefficients, strict=True):
        share = np.array(feature.rows) / sum(feature.rows)
        effect = coefficient * np.array(feature.woe)
        found.append(float(np.sqrt(share @ (effect - share @ effect) ** 2)))
    return {each.name: part / sum(found) for each, part in zip(card.features, found, strict=True)}


def _filled(frame: Frame, what: str) -> pl.DataFrame:
    table = as_polars(frame)
    if table.is_empty():
        raise ScorecardRowsEmptyError(what=what)
    return table


def _weak(learnt: Learnt) -> ScorecardFeaturesWeakError:
    best = learnt.considered[0]
    words = selection_table((best,)).row(0, named=True)
    return ScorecardFeaturesWeakError(
        count=len(learnt.considered),
        column=best.feature,
        iv=f"{best.iv:.3f}",
        reason_en=words["reason_en"],
        reason_zh=words["reason_zh"],
    )
