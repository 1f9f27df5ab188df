"""Reject inference 拒绝推断: what would have become of the applicants who were refused?

Nobody knows; each method is an assumption, said in its name, and off unless asked for:

* *fuzzy*: each refused applicant enters twice, as bad and as good, weighted by the chance that the card of
  the approved gives him, his odds of being bad taken ``reject_odds`` times as high.
* *parcel*: as fuzzy, with the observed bad rate of the approved in his band of the score.
* *reweigh*: the refused do not enter; the approved in each band of the score stand for the refused of it.
  Right when approval depends on nothing but what the card sees.

Source: Siddiqi (2017), "Intelligent Credit Scoring", chapter 9; Crook and Banasik (2004), Journal of
Banking and Finance 28, who find that such methods help little: they cannot create knowledge.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["REJECT_METHODS", "RejectMethod", "bad_odds", "parcel_chance", "reweigh"]

Floats = npt.NDArray[np.float64]
RejectMethod = Literal["off", "fuzzy", "parcel", "reweigh"]

REJECT_METHODS: tuple[RejectMethod, ...] = ("off", "fuzzy", "parcel", "reweigh")
BANDS = 10  # tenths of the approved
SHRINK_ROWS = 20.0  # rows; the rate of a band is drawn to the average as by so many average rows


def bad_odds(chance: Floats, times: float) -> Floats:
    """Return chances whose odds are ``times`` as high.

    >>> bad_odds(np.array([0.5, 0.2]), 2.0).round(4)
    array([0.6667, 0.3333])
    """
    odds = times * chance / (1 - chance)
    return np.asarray(odds / (1 + odds), dtype=np.float64)


def parcel_chance(approved: Floats, bad: Floats, weight: Floats, refused: Floats) -> Floats:
    """Return the bad rate of the approved in each refused applicant's band, shape (refused,).

    Args:
        approved: shape (n,), chance of the approved by the card.
        bad: shape (n,), 0 or 1.
        weight: shape (n,).
        refused: shape (m,), chance of the refused by the card.
    """
    edges = _edges(approved)
    band = np.searchsorted(edges, approved, side="right")
    rows = np.bincount(band, weights=weight, minlength=BANDS)
    bads = np.bincount(band, weights=weight * bad, minlength=BANDS)
    average = float(bads.sum() / rows.sum())
    rate = (bads + SHRINK_ROWS * average) / (rows + SHRINK_ROWS)
    return np.asarray(rate[np.searchsorted(edges, refused, side="right")], dtype=np.float64)


def reweigh(approved: Floats, weight: Floats, refused: Floats) -> Floats:
    """Return weights of the approved that stand for all applicants of their band, shape (n,)."""
    edges = _edges(approved)
    band = np.searchsorted(edges, approved, side="right")
    mine = np.bincount(band, weights=weight, minlength=BANDS)
    theirs = np.bincount(np.searchsorted(edges, refused, side="right"), minlength=BANDS)
    return np.asarray(weight * (1 + theirs / np.maximum(mine, 1e-300))[band], dtype=np.float64)


def _edges(approved: Floats) -> Floats:
    return np.asarray(np.unique(np.quantile(approved, np.arange(1, BANDS) / BANDS)), dtype=np.float64)
