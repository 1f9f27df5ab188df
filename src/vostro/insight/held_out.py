"""Held-out rows 留出检验: which rows does a test keep back, and how good is what was said of them?

A bank decides tomorrow by what it learnt yesterday, so the test is in time: the last moments are held
back, and learnt is only from moments whose outcomes were all known by then. Where the past is too
short for that, whole customers are held back instead, and the card says so.

Source of the interval of the average precision: Boyd, Eng and Page (2013), ECML PKDD, section 3.2 (logit).
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.card import Figure
from vostro.insight.metrics import (
    auc,
    auc_interval,
    average_precision,
    best_share_lift,
    calibration_error,
    log_loss,
)
from vostro.portrait import draw
from vostro.words import Text

__all__ = ["Split", "figures_of", "split_rows"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
POSITIVES_LEAST = 20  # outcomes of either kind, in the test and in what is learnt before it
HELD_SHARE = 0.25  # of the customers, where there is no test in time
MOMENTS_MANY = 150  # more than these are moments of events, not of our choice
_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Split:
    """Which rows are learnt from, and which are tested on; both masks of shape (n,)."""

    learn: Mask
    test: Mask
    in_time: bool
    method: Text


def split_rows(
    customers: pl.Series,
    moments: pl.Series,
    outcome: Floats,
    *,
    horizon: timedelta | None,
    question: str,
    treated: Floats | None = None,
) -> Split | None:
    """Split rows for an honest test.

    Args:
        customers: shape (n,), text.
        moments: shape (n,), moments with a zone.
        outcome: shape (n,), 0 or 1; of value, whether anything was spent.
        horizon: after a moment, until the outcome is known; None: rows have no moments of their own choice.
        question: names the draw of the customers that are held back.
        treated: shape (n,), 1 or 0; of uplift, where both arms must have outcomes of either kind.

    Returns:
        The split, or None where there are too few outcomes of either kind for any.
    """
    if horizon is not None:
        for first in _beginnings(moments):
            test = (moments >= first).to_numpy()
            learn = (moments + horizon <= first).to_numpy()
            if not _enough(outcome, learn, treated):
                break
            if _enough(outcome, test, treated):
                return Split(learn, test, in_time=True, method=_in_time(first.isoformat()[:10]))
    test = draw(customers, f"held:{question}") < HELD_SHARE
    if _enough(outcome, test, treated) and _enough(outcome, ~test, treated):
        return Split(~test, test, in_time=False, method=_BY_CUSTOMER)
    return None


def figures_of(observed: Floats, said: Floats) -> dict[str, Figure]:
    """Return how well probabilities rank and how true they are, with 95 % intervals where one is known.

    Args:
        observed: shape (n,), 0 or 1; both among them.
        said: shape (n,), probabilities of rows that were not learnt from.
    """
    ranked, precise = auc(observed, said), average_precision(observed, said)
    loss = -np.where(observed == 1, np.log(_cut(said)), np.log1p(-_cut(said)))
    spread = _Z * float(loss.std(ddof=1)) / math.sqrt(len(loss))
    mean_loss = log_loss(observed, said)
    return {
        "auc": Figure(ranked, *auc_interval(observed, said)),
        "average_precision": Figure(precise, *_logit_interval(precise, int(observed.sum()))),
        "best_tenth": _lift(observed, said),
        "log_loss": Figure(mean_loss, mean_loss - spread, mean_loss + spread),
        "observed_to_predicted": _ratio(observed, said),
        "calibration_error": Figure(calibration_error(observed, said)),
    }


def _beginnings(moments: pl.Series) -> list[datetime]:
    """Return when a test may begin, the latest first: at a moment, or at the last quarter of many moments."""
    distinct = moments.unique().sort(descending=True)
    if len(distinct) > MOMENTS_MANY:
        return [moments.sort()[int((1 - HELD_SHARE) * len(moments))]]
    return distinct.to_list()[:-1]


def _enough(outcome: Floats, rows: Mask, treated: Floats | None) -> bool:
    """Tell whether rows have enough outcomes of either kind, in each arm where there are arms."""
    arms = [rows] if treated is None else [rows & (treated == arm) for arm in (0, 1)]
    counts = [(float(outcome[each].sum()), int(each.sum())) for each in arms]
    return all(min(positive, size - positive) >= POSITIVES_LEAST for positive, size in counts)


def _in_time(day: str) -> Text:
    return Text(
        f"Tested in time: moments from {day} on were held back, and learnt was only from moments whose outcomes "
        "were known by then. The version that may speak is then trained on all rows.",
        f"时间外检验：{day} 起的时点全部留出，仅用此前结果已全部揭晓的时点训练；上线版本再用全部样本训练。",
    )


_BY_CUSTOMER = Text(
    "Tested on a quarter of the customers, held back by lot, not in time: later customers may differ. The version "
    "that may speak is then trained on all rows.",
    "按客户随机留出四分之一检验，非时间外检验：未来客户可能不同；上线版本再用全部样本训练。",
)


def _cut(said: Floats) -> Floats:
    return np.clip(said, 1e-15, 1 - 1e-15)


def _lift(observed: Floats, said: Floats) -> Figure:
    """Return the rate of the best tenth over that of all, with Wilson's interval of the former."""
    value, base = best_share_lift(observed, said, share=0.1), float(observed.mean())
    rate, rows = value * base, 0.1 * len(observed)
    centre = (rate + _Z**2 / (2 * rows)) / (1 + _Z**2 / rows)
    half = _Z / (1 + _Z**2 / rows) * float(np.sqrt(rate * (1 - rate) / rows + _Z**2 / (4 * rows**2)))
    return Figure(value, max(0.0, centre - half) / base, min(1.0, centre + half) / base)


def _logit_interval(value: float, positive: int) -> tuple[float | None, float | None]:
    if not 0 < value < 1:
        return None, None
    middle, half = math.log(value / (1 - value)), _Z / math.sqrt(positive * value * (1 - value))
    low, high = (1 / (1 + math.exp(-each)) for each in (middle - half, middle + half))
    return low, high


def _ratio(observed: Floats, said: Floats) -> Figure:
    """Return what happened over what was said; the interval takes what was said as given."""
    total = float(said.sum())
    half = _Z * float(np.sqrt(len(said) * np.var(observed - said, ddof=1))) / total
    value = float(observed.sum()) / total
    return Figure(value, max(0.0, value - half), value + half)
