"""Significance 显著性: could chance alone have put these items together so often?

One-sided Fisher's exact test of each pair of item sets, and the correction of Benjamini and
Hochberg over all pairs that were looked at: not only over those that look good.

Source: Fisher (1935), "The logic of inductive inference"; Benjamini and Hochberg (1995),
"Controlling the false discovery rate", JRSS B 57.
"""

from math import exp, lgamma
from typing import Any

import numpy as np
import numpy.typing as npt

from vostro.insight.recommend.kernels import compiled

__all__ = ["chance_p", "false_discovery"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def chance_p(both: Integers, left: Integers, right: Integers, total: int) -> Floats:
    """Return the chance that independent sets meet in at least ``both`` baskets, shape (n,), in [0, 1].

    Args:
        both: shape (n,), baskets that hold both sets.
        left: shape (n,), baskets that hold the first set.
        right: shape (n,), baskets that hold the second set.
        total: all baskets.

    Two of four baskets hold bread, the same two hold butter: one way in six.

    >>> chance_p(np.array([2]), np.array([2]), np.array([2]), 4).round(4)
    array([0.1667])
    """
    both, left, right = (np.asarray(each, dtype=np.int64) for each in (both, left, right))
    return np.asarray(_tails(both, left, right, total), dtype=np.float64)


def false_discovery(p: Floats) -> Floats:
    """Return for each p the smallest false discovery rate at which it would be called significant.

    Args:
        p: shape (n,), in [0, 1], of every test that was made.

    >>> false_discovery(np.array([0.01, 0.5, 0.03])).round(3)
    array([0.03 , 0.5  , 0.045])
    """
    order = np.argsort(p, kind="stable")
    rates = p[order] * len(p) / np.arange(1, len(p) + 1)
    rates = np.minimum(np.minimum.accumulate(rates[::-1])[::-1], 1.0)
    found = np.empty(len(p))
    found[order] = rates
    return found


@compiled
def _log_choose(n: float, k: float) -> float:
    """The logarithm of n over k."""
    return lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0)


@compiled
def _log_chance(k: float, left: float, right: float, total: float) -> float:
    """The logarithm of the hypergeometric probability of k."""
    top = _log_choose(left, k) + _log_choose(total - left, right - k)
    return top - _log_choose(total, right)


@compiled
def _tails(both: Any, left: Any, right: Any, total: int) -> Any:
    """Upper tails; terms fall away from the mean, so each tail is summed on its falling side."""
    tails = np.empty(len(both), dtype=np.float64)
    for i in range(len(both)):
        a, b, n, k = float(left[i]), float(right[i]), float(total), float(both[i])
        low, high = max(0.0, a + b - n), min(a, b)
        upper = k > a * b / n
        at = k if upper else k - 1.0
        share, term = 0.0, 1.0
        if at >= low:
            while term > 1e-17 * share:
                share += term
                if upper:
                    if at >= high:
                        break
                    term *= (a - at) * (b - at) / ((at + 1.0) * (n - a - b + at + 1.0))
                    at += 1.0
                else:
                    if at <= low:
                        break
                    term *= at * (n - a - b + at) / ((a - at + 1.0) * (b - at + 1.0))
                    at -= 1.0
            start = k if upper else k - 1.0
            share *= exp(_log_chance(start, a, b, n))
        share = min(max(share, 0.0), 1.0)
        tails[i] = share if upper else 1.0 - share
    return tails
