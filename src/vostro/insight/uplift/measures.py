"""Uplift measures 增量指标: are those who are moved most ranked first?

Customers are ranked by estimated uplift, best first; customers alike in it are taken together. Along the
ranking, with so many treated (t) and control (c) rows and their sums of outcomes y_t, y_c so far:

* Qini curve: y_t - y_c * t / c, the extra outcomes among the treated.
* uplift curve: (y_t / t - y_c / c) * (t + c), the extra outcomes had all so far been treated.

``qini`` and ``auuc`` are the area between such a curve and the straight line to its end, divided by the same
area of the perfect ranking, which knows each outcome: 0 is chance, 1 cannot be had. Both equal
``qini_auc_score`` and ``uplift_auc_score`` of scikit-uplift 0.5.1 (with its default, ``negative_effect=True``).
Sources: Radcliffe (2007), "Using control groups to target on predicted lift", Direct Marketing Analytics
Journal; Devriendt, Guns and Verbeke (2020), "Learning to rank for uplift modeling", IEEE TKDE.
"""

from typing import Any, Literal, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from vostro.insight.errors import LengthMismatchError
from vostro.insight.uplift.errors import MeasureError

__all__ = [
    "UpliftRow",
    "auuc",
    "auuc_interval",
    "qini",
    "qini_curve",
    "qini_draws",
    "qini_interval",
    "uplift_table",
]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Z95 = 1.959963984540054  # standard normal quantile of 0.975
_Shape: TypeAlias = Literal["qini", "uplift"]


class UpliftRow(msgspec.Struct, frozen=True):
    """One tenth of the customers, highest estimated uplift first."""

    tenth: int  # 1 is the best tenth
    rows_treated: int
    rows_control: int
    mean_treated: float | None  # mean outcome; None without rows
    mean_control: float | None
    predicted: float | None  # mean estimated uplift
    uplift: float | None  # mean_treated - mean_control
    low: float | None  # 95 %, unpooled normal interval of the difference
    high: float | None


def qini_curve(
    outcome: npt.ArrayLike,
    uplift: npt.ArrayLike,
    treated: npt.ArrayLike,
    *,
    weight: npt.ArrayLike | None = None,
) -> tuple[Floats, Floats]:
    """Return the customers taken (from 0) and the extra outcomes so far, one point for each distinct uplift.

    >>> rows, extra = qini_curve([1, 0, 1, 0], [0.9, 0.9, 0.1, 0.1], [1, 0, 0, 1])
    >>> rows.tolist(), extra.tolist()
    ([0.0, 2.0, 4.0], [0.0, 1.0, 0.0])

    Raises:
        MeasureError, LengthMismatchError: as ``qini``.
    """
    ranked = _Ranked(outcome, uplift, treated, weight)
    return ranked.curve(ranked.place, "qini", ranked.weight)


def qini(
    outcome: npt.ArrayLike,
    uplift: npt.ArrayLike,
    treated: npt.ArrayLike,
    *,
    weight: npt.ArrayLike | None = None,
) -> float:
    """Return the Qini coefficient: 0 for chance, at most 1; below 0 the ranking is upside down.

    Args:
        outcome: shape (n,), 0 or 1; other numbers are ranked by treated outcome less control outcome.
        uplift: shape (n,), finite; higher is ranked first.
        treated: shape (n,), 0 or 1, both present.
        weight: shape (n,), above 0, such as 1 / action probability; None counts each row once.

    The one who bought, and was treated, is ranked before all others:

    >>> qini([1, 0, 0, 0], [0.9, 0.1, 0.1, 0.1], [1, 0, 1, 0])
    1.0

    Raises:
        MeasureError: a value is missing or out of range, or an arm has no rows.
        LengthMismatchError: the arrays differ in length.
    """
    ranked = _Ranked(outcome, uplift, treated, weight)
    return ranked.score("qini", ranked.weight)


def auuc(
    outcome: npt.ArrayLike,
    uplift: npt.ArrayLike,
    treated: npt.ArrayLike,
    *,
    weight: npt.ArrayLike | None = None,
) -> float:
    """Return the normalised area under the uplift curve; arguments and errors as ``qini``."""
    ranked = _Ranked(outcome, uplift, treated, weight)
    return ranked.score("uplift", ranked.weight)


def qini_interval(
    outcome: npt.ArrayLike,
    uplift: npt.ArrayLike,
    treated: npt.ArrayLike,
    *,
    weight: npt.ArrayLike | None = None,
    draws: int = 400,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the 95 % interval of ``qini`` by bootstrap of the customers, the estimates held fixed."""
    return _interval(_Ranked(outcome, uplift, treated, weight), "qini", draws, seed)


def auuc_interval(
    outcome: npt.ArrayLike,
    uplift: npt.ArrayLike,
    treated: npt.ArrayLike,
    *,
    weight: npt.ArrayLike | None = None,
    draws: int = 400,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the 95 % interval of ``auuc`` by bootstrap of the customers, the estimates held fixed."""
    return _interval(_Ranked(outcome, uplift, treated, weight), "uplift", draws, seed)


def qini_draws(
    outcome: Floats, uplifts: list[Floats], treated: Floats, weight: Floats | None, *, draws: int, seed: int
) -> Floats:
    """Return the Qini of several estimates over the same bootstrap draws, shape (draws, estimates)."""
    ranked = [_Ranked(outcome, each, treated, weight) for each in uplifts]
    rng = np.random.default_rng(seed)
    found = np.empty((draws, len(uplifts)))
    for draw in range(draws):
        times = rng.poisson(1.0, len(outcome)).astype(np.float64)
        found[draw] = [each.score("qini", each.weight * times) for each in ranked]
    return found


def uplift_table(outcome: npt.ArrayLike, uplift: npt.ArrayLike, treated: npt.ArrayLike) -> list[UpliftRow]:
    """Return predicted and observed uplift of each tenth of the customers, best first.

    Customers alike in estimated uplift fall into tenths in the order of the rows. Arguments and errors as
    ``qini``; the interval is that of a difference of two means.
    """
    ranked = _Ranked(outcome, uplift, treated, None)
    order = np.argsort(-ranked.uplift, kind="stable")
    return [_tenth(ranked, rows, i + 1) for i, rows in enumerate(np.array_split(order, 10))]


def _tenth(ranked: "_Ranked", rows: Codes, tenth: int) -> UpliftRow:
    given = ranked.treated[rows] == 1
    one, other = ranked.outcome[rows][given], ranked.outcome[rows][~given]
    known = len(one) > 0 and len(other) > 0
    gap = float(one.mean() - other.mean()) if known else None
    half = Z95 * float(np.sqrt(one.var() / len(one) + other.var() / len(other))) if known else 0.0
    return UpliftRow(
        tenth=tenth,
        rows_treated=len(one),
        rows_control=len(other),
        mean_treated=float(one.mean()) if len(one) else None,
        mean_control=float(other.mean()) if len(other) else None,
        predicted=float(ranked.uplift[rows].mean()) if len(rows) else None,
        uplift=gap,
        low=None if gap is None else gap - half,
        high=None if gap is None else gap + half,
    )


class _Ranked:
    """Checked rows with their place in the ranking and in the perfect one."""

    def __init__(self, outcome: Any, uplift: Any, treated: Any, weight: Any) -> None:
        self.outcome, self.uplift, self.treated = (
            np.asarray(each, dtype=np.float64).reshape(-1) for each in (outcome, uplift, treated)
        )
        rows = len(self.outcome)
        self.weight = np.ones(rows) if weight is None else np.asarray(weight, dtype=np.float64).reshape(-1)
        for name in ("uplift", "treated", "weight"):
            if len(getattr(self, name)) != rows:
                raise LengthMismatchError(name=name, found=len(getattr(self, name)), wanted=rows)
        self._check()
        self.place = _places(self.uplift)
        signed = self.outcome * (2 * self.treated - 1)
        self.perfect: dict[_Shape, Codes] = {
            "qini": _places(signed),
            "uplift": _places(self._best_uplift(signed)),
        }

    def _check(self) -> None:
        _refuse("outcome", self.outcome, ~np.isfinite(self.outcome), "a finite number")
        _refuse("uplift", self.uplift, ~np.isfinite(self.uplift), "a finite number")
        _refuse("treated", self.treated, ~np.isin(self.treated, (0, 1)), "0 or 1")
        _refuse("weight", self.weight, ~((self.weight > 0) & np.isfinite(self.weight)), "above 0")
        given = self.treated.sum()
        if not 0 < given < len(self.treated):
            raise MeasureError(name="treated", value=f"{int(given > 0)} everywhere", row=0, wanted="0 and 1")

    def _best_uplift(self, signed: Floats) -> Floats:
        """The order that scikit-uplift calls perfect for the uplift curve of 0/1 outcomes."""
        if not np.isin(self.outcome, (0, 1)).all():
            return signed
        bought_control = np.sum((self.outcome == 1) & (self.treated == 0))
        idle_treated = np.sum((self.outcome == 0) & (self.treated == 1))
        more = self.outcome if bought_control > idle_treated else self.treated
        return np.asarray(2.0 * (self.outcome == self.treated) + more, dtype=np.float64)

    def curve(self, place: Codes, shape: _Shape, weight: Floats) -> tuple[Floats, Floats]:
        levels = int(place.max()) + 1
        given = weight * self.treated
        parts = (given, weight - given, given * self.outcome, (weight - given) * self.outcome)
        t, c, y_t, y_c = (_so_far(place, part, levels) for part in parts)
        qini_extra = y_t - y_c * _ratio(t, c)
        extra = qini_extra if shape == "qini" else (_ratio(y_t, t) - _ratio(y_c, c)) * (t + c)
        return _from_zero(t + c), _from_zero(extra)

    def score(self, shape: _Shape, weight: Floats) -> float:
        perfect = _above_line(*self.curve(self.perfect[shape], shape, weight))
        return _above_line(*self.curve(self.place, shape, weight)) / perfect if perfect > 0 else 0.0


def _so_far(place: Codes, part: Floats, levels: int) -> Floats:
    sums: Floats = np.zeros(levels)
    sums += np.bincount(place, part, levels)
    return np.cumsum(sums, dtype=np.float64)


def _from_zero(sums: Floats) -> Floats:
    return np.append(0.0, sums).astype(np.float64)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Return above / below, 0 where there is nothing below."""
    return np.asarray(np.divide(above, below, out=np.zeros_like(above), where=below > 0), dtype=np.float64)


def _above_line(rows: Floats, extra: Floats) -> float:
    return float(np.trapezoid(extra, rows) - rows[-1] * extra[-1] / 2)


def _places(score: Floats) -> Codes:
    return np.unique(-score, return_inverse=True)[1].astype(np.intp)


def _interval(ranked: _Ranked, shape: _Shape, draws: int, seed: int) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    rows = len(ranked.outcome)
    found = [
        ranked.score(shape, ranked.weight * np.bincount(rng.integers(0, rows, rows), minlength=rows))
        for _ in range(draws)
    ]
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def _refuse(name: str, values: Floats, wrong: npt.NDArray[np.bool_], wanted: str) -> None:
    if wrong.any():
        row = int(wrong.argmax())
        raise MeasureError(name=name, value=f"{values[row]:g}", row=row, wanted=wanted)
