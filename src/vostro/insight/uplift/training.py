"""Training of uplift 增量训练: read the arms, check that they overlap, choose a learner, and write the card."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.trees import lightgbm
from vostro.insight.uplift.card import ArmCard, UpliftCard
from vostro.insight.uplift.choice import MEAN, Choice, choose, learn_chosen
from vostro.insight.uplift.effects import Averaged, Effect
from vostro.insight.uplift.errors import ArmUnknownError, LearnerUnknownError
from vostro.insight.uplift.learners import LEARNERS, Pair
from vostro.insight.uplift.measures import (
    Z95,
    UpliftRow,
    auuc,
    auuc_interval,
    qini,
    qini_interval,
    uplift_table,
)
from vostro.insight.uplift.treatments import (
    Overlap,
    estimate_chance,
    known_chance,
    read_arms,
    read_outcome,
    require_overlap,
)
from vostro.insight.uplift.views import Space, learn_space

__all__ = ["ArmMeasure", "Learnt", "Plan", "learn_uplift", "measure_arms"]

Floats = npt.NDArray[np.float64]
Chance = float | str | Mapping[str, Any] | None


class Plan(msgspec.Struct, frozen=True):
    """What was asked of a model of uplift."""

    seed: int
    features: tuple[str, ...] | None
    learners: tuple[str, ...]

    @classmethod
    def of(cls, seed: int, features: tuple[str, ...] | None, learners: Sequence[str] | None) -> Self:
        """Return a plan with known learners only.

        Raises:
            LearnerUnknownError: names the one that does not exist.
        """
        known = (*LEARNERS, MEAN)
        asked = known if learners is None else tuple(learners)
        strange = [name for name in asked if name not in known] or ([] if asked else ["-"])
        alone = asked == (MEAN,)
        if strange or alone:
            raise LearnerUnknownError(name=MEAN if alone else strange[0], known=", ".join(known))
        return cls(seed, features, asked)


@dataclass(frozen=True, slots=True)
class Learnt:
    """What training gives."""

    space: Space
    arms: tuple[str, ...]
    effects: tuple[tuple[Effect, ...], ...]
    card: UpliftCard


class ArmMeasure(msgspec.Struct, frozen=True):
    """How well the uplift of one arm ranks."""

    qini: float
    qini_low: float  # 95 %, bootstrap of the customers
    qini_high: float
    auuc: float
    auuc_low: float
    auuc_high: float
    table: tuple[UpliftRow, ...]


def learn_uplift(
    frame: pl.DataFrame, plan: Plan, *, treatment: Any, outcome: Any, control: Any, action_probability: Chance
) -> Learnt:
    """Train a model of uplift; the arguments are those of ``UpliftModel.fit``."""
    arms = read_arms(frame, treatment, control)
    observed, logistic = read_outcome(frame, outcome, arms)
    aside = _names(treatment, outcome, action_probability)
    features = plan.features or tuple(name for name in frame.columns if name not in aside)
    space = learn_space(frame, features)
    known = None if action_probability is None else known_chance(frame, arms, action_probability)
    view = space.view(frame)
    effects, cards = [], []
    for i, arm in enumerate(arms.names):
        rows = np.flatnonzero((arms.code == 0) | (arms.code == i + 1))
        treated = (arms.code[rows] > 0).astype(np.float64)
        own = view.take(rows)
        chance = estimate_chance(own.codes, space.sizes, treated) if known is None else known[rows, i]
        chance, overlap = require_overlap(chance, arm)
        pair = Pair(space, own, treated, observed[rows], chance, logistic, plan.seed)
        choice = choose(pair, plan.learners)
        effects.append(learn_chosen(pair, choice.name, plan.learners))
        cards.append(_describe(arm, pair, choice, effects[-1], overlap))
    card = UpliftCard(
        treatment=treatment if isinstance(treatment, str) else "treatment",
        outcome=outcome if isinstance(outcome, str) else "outcome",
        control=arms.control,
        arms=tuple(cards),
        chances="estimated" if known is None else "known",
        seed=plan.seed,
        features=space.names,
        method="three folds; each row ranked by a model that did not see it",
        libraries=_libraries(),
    )
    return Learnt(space, arms.names, tuple(effects), card)


def measure_arms(
    frame: pl.DataFrame,
    uplift: dict[str, Floats],
    *,
    treatment: Any,
    outcome: Any,
    control: str,
    action_probability: Chance,
    seed: int,
) -> dict[str, ArmMeasure]:
    """Measure estimated uplifts, one for each arm, on customers whose arm and outcome are known."""
    arms = read_arms(frame, treatment, control)
    observed, _ = read_outcome(frame, outcome, arms)
    for arm in arms.names:
        if arm not in uplift:
            raise ArmUnknownError(arm=arm, arms=", ".join(uplift))
    known = None if action_probability is None else known_chance(frame, arms, action_probability)
    found = {}
    for i, arm in enumerate(arms.names):
        rows = np.flatnonzero((arms.code == 0) | (arms.code == i + 1))
        treated = (arms.code[rows] > 0).astype(np.float64)
        weight = None if known is None else 1 / np.where(treated == 1, known[rows, i], 1 - known[rows, i])
        found[arm] = _measure(observed[rows], uplift[arm][rows], treated, weight, seed)
    return found


def _measure(
    outcome: Floats, uplift: Floats, treated: Floats, weight: Floats | None, seed: int
) -> ArmMeasure:
    low, high = qini_interval(outcome, uplift, treated, weight=weight, seed=seed)
    below, above = auuc_interval(outcome, uplift, treated, weight=weight, seed=seed)
    return ArmMeasure(
        qini=qini(outcome, uplift, treated, weight=weight),
        qini_low=low,
        qini_high=high,
        auuc=auuc(outcome, uplift, treated, weight=weight),
        auuc_low=below,
        auuc_high=above,
        table=tuple(uplift_table(outcome, uplift, treated)),
    )


def _describe(arm: str, pair: Pair, choice: Choice, effects: tuple[Effect, ...], overlap: Overlap) -> ArmCard:
    measured = _measure(pair.outcome, choice.uplift, pair.treated, pair.weight, pair.seed)
    given = pair.treated == 1
    effect, error = _effect(pair)
    first = effects[0]
    evidence = first.pair.evidence if len(effects) == 1 and isinstance(first, Averaged) else ()
    return ArmCard(
        arm=arm,
        rows=int(given.sum()),
        rows_control=int((~given).sum()),
        outcome_mean=float(pair.outcome[given].mean()),
        outcome_mean_control=float(pair.outcome[~given].mean()),
        effect=effect,
        effect_low=effect - Z95 * error,
        effect_high=effect + Z95 * error,
        chance_low=overlap.low,
        chance_high=overlap.high,
        share_apart=overlap.share_apart,
        learner=choice.name,
        qini_by_learner=choice.qini,
        modifiers=dict(sorted(evidence, key=lambda each: -each[1])),
        **msgspec.structs.asdict(measured),
    )


def _effect(pair: Pair) -> tuple[float, float]:
    """Return the mean effect and its standard error, each row weighted by 1 / chance of its arm (Hájek)."""
    means, errors = [], []
    for arm in (0, 1):
        own = pair.treated == arm
        weight, outcome = pair.weight[own], pair.outcome[own]
        means.append(float(np.average(outcome, weights=weight)))
        errors.append(float(np.sum((weight * (outcome - means[-1])) ** 2) / weight.sum() ** 2))
    return means[1] - means[0], float(np.sqrt(sum(errors)))


def _names(treatment: Any, outcome: Any, chance: Chance) -> set[str]:
    """Names of the columns that are no features."""
    given = chance.values() if isinstance(chance, Mapping) else (chance,)
    return {each for each in (treatment, outcome, *given) if isinstance(each, str)}


def _libraries() -> dict[str, str]:
    return {
        "lightgbm": lightgbm().__version__,
        "numpy": np.__version__,
        "polars": pl.__version__,
        "python": platform.python_version(),
    }
