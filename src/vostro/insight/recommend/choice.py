"""Choice of method 方法选择: which of them would have foreseen what customers took next?

The interactions are cut in time: methods learn from the earlier ones and are asked for the later ones
of customers they know. What they had not to foresee, because it was held already, does not count.
Without times a tenth of the interactions, drawn by the seed, stands for the later ones.
"""

from collections.abc import Callable
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from vostro.insight.recommend.coding import Coded, Sparse, sparse_rows
from vostro.insight.recommend.factors import can_factor, customer_scores, learn_factors, some_rows
from vostro.insight.recommend.gram import ease_weights, gram, neighbour_weights
from vostro.insight.recommend.top import Top, top_of_holdings, top_of_scores

__all__ = [
    "METHODS",
    "Method",
    "Setting",
    "Split",
    "Tried",
    "choose",
    "hits",
    "learn_setting",
    "settings",
    "time_split",
]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Weights = npt.NDArray[np.float32]
Method = Literal["ease", "neighbours", "als", "popularity"]
METHODS: tuple[Method, ...] = ("ease", "neighbours", "als", "popularity")
LATER_SHARE = 0.1  # of the interactions, the last ones
ASKED_MOST = 20_000  # customers that methods are compared on
FACTOR_ROWS = 20_000  # customers that factors are learnt from
EASE_PENALTIES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)  # times the mean number of holders of an item
NEIGHBOUR_POWERS = (0.5, 0.3, 0.7)
FACTORS = 32
FACTOR_PENALTIES = (30.0, 300.0)


class Setting(msgspec.Struct, frozen=True):
    """A method with its settings."""

    method: Method
    penalty: float = 0.0  # ease: customers; als: of the squares of factors
    power: float = 0.5  # neighbours
    shrink: float = 0.0  # neighbours
    factors: int = 0  # als
    confidence: float = 1.0  # als


class Tried(msgspec.Struct, frozen=True):
    """A setting, and how well it foresaw the later interactions."""

    setting: Setting
    hit_rate: float  # share of customers with a later item among the best k
    ndcg: float
    customers: int  # asked
    k: int


class Split(msgspec.Struct, frozen=True):
    """Earlier holdings, and what was taken later by some who had any."""

    earlier: Sparse  # of every customer
    asked: Sparse  # earlier holdings of the customers asked
    later: Sparse  # what they took afterwards and did not hold


def settings(methods: tuple[Method, ...], sums: Floats) -> list[Setting]:
    """Return the settings to try."""
    holders = float(np.diag(sums).mean())
    found = []
    if "ease" in methods:
        found += [Setting("ease", penalty=share * holders) for share in EASE_PENALTIES]
    if "neighbours" in methods:
        found += [Setting("neighbours", power=power, shrink=0.01 * holders) for power in NEIGHBOUR_POWERS]
    if "als" in methods and can_factor():
        found += [
            Setting("als", penalty=penalty, factors=FACTORS, confidence=3.0) for penalty in FACTOR_PENALTIES
        ]
    if "popularity" in methods:
        found.append(Setting("popularity"))
    return found


def time_split(coded: Coded, weights: Floats | None, time: Floats | None, seed: int) -> Split:
    """Cut the interactions in time (or by lot), and draw the customers who are asked."""
    draw = np.random.default_rng(seed)
    if time is None:
        late = draw.random(len(coded.rows)) < LATER_SHARE
    else:
        late = time > np.quantile(time, 1 - LATER_SHARE, method="lower")
    earlier = sparse_rows(_some(coded, ~late), None if weights is None else weights[~late])
    later = sparse_rows(_some(coded, late))
    known = np.flatnonzero((np.diff(earlier.starts) > 0) & (np.diff(later.starts) > 0))
    if len(known) > ASKED_MOST:
        known = np.sort(draw.choice(known, ASKED_MOST, replace=False))
    asked, truth = some_rows(earlier, known), _without(some_rows(later, known), some_rows(earlier, known))
    fresh = np.flatnonzero(np.diff(truth.starts) > 0)
    return Split(earlier, some_rows(asked, fresh), some_rows(truth, fresh))


def choose(split: Split, methods: tuple[Method, ...], k: int, seed: int) -> list[Tried]:
    """Return every setting tried, the best hit rate first, then the best NDCG."""
    sums = gram(split.earlier)
    tried = []
    for setting in settings(methods, sums):
        ask = learn_setting(setting, split.earlier, sums, seed)
        hit, gain = hits(ask(split.asked, k)[0], split.later)
        asked = split.later.rows
        tried.append(
            Tried(
                setting, float(hit.mean()) if asked else 0.0, float(gain.mean()) if asked else 0.0, asked, k
            )
        )
    return sorted(tried, key=lambda each: (-each.hit_rate, -each.ndcg))


def learn_setting(setting: Setting, held: Sparse, sums: Floats, seed: int) -> Callable[[Sparse, int], Top]:
    """Learn one setting from all holdings; return what proposes items for holdings."""
    learnt = item_part(setting, held, sums, seed)
    return lambda asked, k: propose(setting, learnt, asked, k)


def item_part(setting: Setting, held: Sparse, sums: Floats, seed: int) -> Weights:
    """Return what a setting learns of items: weights, factors, or the share of customers who hold each."""
    match setting.method:
        case "ease":
            return ease_weights(sums, setting.penalty)
        case "neighbours":
            return neighbour_weights(sums, setting.power, setting.shrink)
        case "als":
            rows = np.arange(held.rows)
            if held.rows > FACTOR_ROWS:
                rows = np.sort(np.random.default_rng(seed).choice(rows, FACTOR_ROWS, replace=False))
            return learn_factors(
                some_rows(held, rows),
                factors=setting.factors,
                penalty=setting.penalty,
                confidence=setting.confidence,
                seed=seed,
            )
        case "popularity":
            return popularity(held)[None, :]


def propose(setting: Setting, learnt: Weights, asked: Sparse, k: int, *, exclude_held: bool = True) -> Top:
    """Return the best items of each customer by what a setting learnt."""
    match setting.method:
        case "als":
            scores = customer_scores(asked, learnt, penalty=setting.penalty, confidence=setting.confidence)
            return top_of_scores(asked, scores, k, exclude_held=exclude_held)
        case "popularity":
            return top_of_scores(asked, learnt, k, exclude_held=exclude_held)
    return top_of_holdings(asked, learnt, k, exclude_held=exclude_held)


def popularity(held: Sparse) -> Weights:
    """Return the share of customers who hold each item, shape (items,)."""
    counts = np.bincount(held.items, minlength=held.columns) / max(1, held.rows)
    return np.asarray(counts, dtype=np.float32)


def hits(chosen: npt.NDArray[np.int32], truth: Sparse) -> tuple[Floats, Floats]:
    """Return of each customer whether a true item is among the proposed (0 or 1), and the NDCG, shape (n,).

    NDCG: gains of 1 a true item, discounted by log2(rank + 1), over the best that can be had.
    """
    rows = np.repeat(np.arange(truth.rows), np.diff(truth.starts))
    keys = rows * np.int64(truth.columns) + truth.items  # sorted, as rows and items are
    asked = np.arange(len(chosen))[:, None] * np.int64(truth.columns) + chosen
    place = np.minimum(np.searchsorted(keys, asked), max(0, len(keys) - 1))
    hit = (keys[place] == asked) & (chosen >= 0) if len(keys) else np.zeros(chosen.shape, dtype=bool)
    discount = 1 / np.log2(np.arange(2, chosen.shape[1] + 2))
    ideal = np.concatenate([[0.0], np.cumsum(discount)])
    best = ideal[np.minimum(np.diff(truth.starts), chosen.shape[1])]
    gain = (hit * discount).sum(axis=1) / np.where(best > 0, best, 1.0)
    found = hit.any(axis=1)
    return np.asarray(found, dtype=np.float64), np.asarray(gain, dtype=np.float64)


def _some(coded: Coded, wanted: Flags) -> Coded:
    return Coded(coded.rows[wanted], coded.items[wanted], coded.keys, coded.names)


def _without(one: Sparse, other: Sparse) -> Sparse:
    """Return the entries of one matrix that are not in another of the same shape."""
    mine, theirs = _keys(one), _keys(other)
    keep = ~np.isin(mine, theirs, assume_unique=True)
    sizes = np.bincount(np.repeat(np.arange(one.rows), np.diff(one.starts))[keep], minlength=one.rows)
    starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
    return Sparse(starts, one.items[keep], np.zeros(0, dtype=np.float32), one.columns)


def _keys(held: Sparse) -> npt.NDArray[np.int64]:
    rows = np.repeat(np.arange(held.rows, dtype=np.int64), np.diff(held.starts))
    return rows * held.columns + held.items
