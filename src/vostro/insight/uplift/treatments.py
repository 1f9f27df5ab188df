"""Treatments 处理分组: who got which action, what came of it, and with what chance was it given?

The chance of an arm is known (the arms were drawn) or estimated from the columns by an additive model
whose effects shrink to none where the arms were drawn at random. Where arm and control do not
overlap, nothing can be compared, and that is said rather than extrapolated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.outcomes import OUTCOMES_LEAST, column_or_values, read_target
from vostro.insight.uplift.averaged import learn_averaged
from vostro.insight.uplift.errors import (
    ActionProbabilityError,
    ArmMissingError,
    ArmOutcomesError,
    ArmsFewError,
    ControlUnknownError,
    NoOverlapError,
)

__all__ = [
    "Arms",
    "Overlap",
    "estimate_chance",
    "known_chance",
    "read_arms",
    "read_outcome",
    "require_overlap",
]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

ARMS_MOST = 20
ARM_ROWS_LEAST = 50
CONTROL_WORDS = (
    "0",
    "false",
    "control",
    "none",
    "holdout",
    "no",
    "对照",
    "对照组",
    "对照留白组",
    "留白",
    "无",
    "否",
)
CHANCE_VARIANCE, CHANCE_STEPS = 0.003, 20  # arms are believed to be drawn, until the columns say otherwise
CHANCE_LEAST = 0.02  # a smaller chance of either arm is no overlap
APART_SHARE_MOST = 0.05  # of the customers; more of them without overlap are refused


@dataclass(frozen=True, slots=True)
class Arms:
    """Arms by name, and the arm of each row."""

    control: str
    names: tuple[str, ...]  # treated arms, in order of their names
    code: Codes  # shape (n,); 0 is control, i + 1 is names[i]


@dataclass(frozen=True, slots=True)
class Overlap:
    """The chance of the arm rather than control, as it ran over the rows of both."""

    low: float
    high: float
    share_apart: float  # of the rows, with a chance that was cut to the bounds


def read_arms(frame: pl.DataFrame, treatment: Any, control: Any = None) -> Arms:
    """Return the arms of a frame.

    Args:
        frame: shape (n, columns).
        treatment: name of a column or (n,) values: booleans, 1/0, whole numbers or texts.
        control: the arm in which nothing was done; None where a word or a zero says it.

    Raises:
        ArmMissingError, ArmsFewError, ControlUnknownError: as their names say.
    """
    series = column_or_values(frame, treatment, "treatment")
    if series.dtype.is_float():
        series = series.fill_nan(None)
    if series.null_count():
        raise ArmMissingError(count=series.null_count(), row=series.is_null().arg_max())
    said = arm_words(series)
    names = sorted(said.unique().to_list())
    if not 2 <= len(names) <= ARMS_MOST + 1:
        raise ArmsFewError(count=len(names), arms=", ".join(names[:5]) or "-", most=ARMS_MOST)
    alone = _control(names, control)
    treated = tuple(name for name in names if name != alone)
    places = {alone: 0, **{name: i + 1 for i, name in enumerate(treated)}}
    return Arms(alone, treated, said.replace_strict(places, return_dtype=pl.Int64).to_numpy().astype(np.intp))


def arm_words(series: pl.Series) -> pl.Series:
    """Return arms as texts: whole numbers without a point, true and false as 1 and 0."""
    if series.dtype == pl.Boolean:
        series = series.cast(pl.Int64)
    if series.dtype.is_float() and (series == series.round()).all():
        series = series.cast(pl.Int64)
    return series.cast(pl.String)


def _control(names: list[str], control: Any) -> str:
    if control is not None:
        wanted = str(int(control)) if isinstance(control, bool) else str(control)
        if wanted in names:
            return wanted
        raise ControlUnknownError(arms=", ".join(names), found=wanted)
    likely = [name for name in names if name.strip().lower() in CONTROL_WORDS]
    if len(likely) == 1:
        return likely[0]
    raise ControlUnknownError(arms=", ".join(names), found=", ".join(likely) or "-")


def read_outcome(frame: pl.DataFrame, outcome: Any, arms: Arms) -> tuple[Floats, bool]:
    """Return the outcome, shape (n,), and whether it is a yes or no.

    Raises:
        TargetUnknownError, TargetTypeError, ClassMissingError, OutcomesFewError: an outcome of yes and no.
        TargetTypeError: the column is no outcome at all.
        ArmOutcomesError: an arm has too few rows, or too few of an outcome.
    """
    series = column_or_values(frame, outcome, "outcome")
    number = series.dtype.is_numeric() and not _zero_one(series)
    found = _number(series) if number else read_target(frame, series)
    for code, name in enumerate((arms.control, *arms.names)):
        own = found[arms.code == code]
        rare = len(own) if number else int(min(own.sum(), len(own) - own.sum()))
        if len(own) < ARM_ROWS_LEAST or rare < OUTCOMES_LEAST:
            raise ArmOutcomesError(
                arm=name, rows=len(own), count=rare, rows_least=ARM_ROWS_LEAST, least=OUTCOMES_LEAST
            )
    return found, not number


def _zero_one(series: pl.Series) -> bool:
    return bool(np.isin(series.cast(pl.Float64).drop_nulls().drop_nans().to_numpy(), (0.0, 1.0)).all())


def _number(series: pl.Series) -> Floats:
    from vostro.insight.uplift.errors import OutcomeNumberError

    found = series.cast(pl.Float64).to_numpy()
    wrong = ~np.isfinite(found)
    if wrong.any():
        raise OutcomeNumberError(count=int(wrong.sum()), row=int(wrong.argmax()))
    return np.asarray(found, dtype=np.float64)


def known_chance(frame: pl.DataFrame, arms: Arms, given: float | str | Mapping[str, Any]) -> Floats:
    """Return the chance of each treated arm rather than control, shape (n, arms).

    Args:
        frame: shape (n, columns).
        arms: as read.
        given: for each treated arm a number or the name of a column: the probability with which that
            arm was drawn among all arms; without a mapping, that of the only treated arm.

    Raises:
        ActionProbabilityError: a probability is missing or out of range.
        ArmUnknownError: an arm has none.
    """
    from vostro.insight.uplift.errors import ArmUnknownError

    table = dict(given) if isinstance(given, Mapping) else {arms.names[0]: given}
    for name in arms.names:
        if name not in table:
            raise ArmUnknownError(arm=name, arms=", ".join(map(str, table)))
    drawn = np.column_stack([_chance(frame, name, table[name]) for name in arms.names])
    left = 1 - drawn.sum(axis=1)
    if (left <= 0).any():
        row = int((left <= 0).argmax())
        raise ActionProbabilityError(arm=arms.names[-1], value=f"{drawn[row, -1]:g}", row=row)
    return np.asarray(drawn / (drawn + left[:, None]), dtype=np.float64)


def _chance(frame: pl.DataFrame, arm: str, given: Any) -> Floats:
    values = (
        column_or_values(frame, given, "action_probability").cast(pl.Float64, strict=False).to_numpy()
        if isinstance(given, str)
        else np.full(frame.height, float(given))
    )
    wrong = ~((values > 0) & (values < 1))
    if wrong.any():
        row = int(wrong.argmax())
        raise ActionProbabilityError(arm=arm, value=f"{values[row]:g}", row=row)
    return np.asarray(values, dtype=np.float64)


def estimate_chance(codes: Codes, sizes: tuple[int, ...], treated: Floats) -> Floats:
    """Return the estimated chance of the arm rather than control, shape (n,), in (0, 1)."""
    pair = learn_averaged(
        codes,
        sizes,
        (False,) * len(sizes),
        ("",) * len(sizes),
        treated=np.zeros(len(treated)),
        outcome=treated,
        modify=False,
        variance=CHANCE_VARIANCE,
        steps=CHANCE_STEPS,
    )
    return np.asarray(0.5 * (1 + np.tanh(0.5 * pair.scores(codes)[0])), dtype=np.float64)


def require_overlap(chance: Floats, arm: str) -> tuple[Floats, Overlap]:
    """Return chances cut to the bounds of overlap, and how they ran.

    Raises:
        NoOverlapError: too many customers have a chance beyond the bounds; names the arm and the range.
    """
    low, high = float(chance.min()), float(chance.max())
    share = float(np.mean((chance < CHANCE_LEAST) | (chance > 1 - CHANCE_LEAST)))
    if share > APART_SHARE_MOST:
        raise NoOverlapError(
            arm=arm, low=low, high=high, share=share, least=CHANCE_LEAST, most=1 - CHANCE_LEAST
        )
    return np.clip(chance, CHANCE_LEAST, 1 - CHANCE_LEAST), Overlap(low, high, share)
