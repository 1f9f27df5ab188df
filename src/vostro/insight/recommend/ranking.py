"""Ranking measures 推荐评估: do customers take what is proposed, and is it always the same?

Hit rate and NDCG with bootstrap intervals over customers; coverage, novelty and diversity say whether
the good figures come from proposing the same few items to everyone.

Source: NDCG: Järvelin and Kekäläinen (2002); bootstrap: Efron (1979); diversity within lists:
Ziegler et al. (2005), WWW; novelty: Vargas and Castells (2011), RecSys.
"""

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.frames import Frame, as_polars
from vostro.insight.recommend.choice import hits
from vostro.insight.recommend.coding import Coded, Sparse, known_codes, require_columns, sparse_rows
from vostro.insight.recommend.gram import gram, neighbour_weights
from vostro.insight.recommend.proposals import asked_customers, check_count

__all__ = ["RankingMeasures", "lists_of", "measure_ranking", "split_in_time", "truth_of"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]
DRAWS = 2_000


class RankingMeasures(msgspec.Struct, frozen=True):
    """How good lists of ``k`` items are; intervals hold 95 %."""

    k: int
    customers: int  # who took something
    hit_rate: float  # share of them with a taken item in the list
    hit_rate_low: float
    hit_rate_high: float
    ndcg: float  # 0 to 1
    ndcg_low: float
    ndcg_high: float
    coverage: float  # share of the items that stand in any list
    novelty_bits: float  # mean of -log2(share of customers who hold the item)
    diversity: float | None  # mean of 1 - cosine of holders over pairs in a list; None: no pairs


def measure_ranking(
    proposed: Frame, taken: Frame, history: Frame, *, k: int = 10, seed: int = 0
) -> RankingMeasures:
    """Measure lists against what was taken afterwards.

    Args:
        proposed: columns customer, item, rank.
        taken: columns customer, item: what was taken after the lists were made; customers who took
            nothing are not measured, customers without a list count as misses.
        history: columns customer, item: what was held when the lists were made.
        k: length of the lists.
        seed: of the bootstrap, 2,000 draws of customers.

    Raises:
        FeatureMissingError, KeyMissingError, FrameKindError, RecommendationCountError: the tables.
    """
    check_count(k)
    lists, later, held = as_polars(proposed), as_polars(taken), as_polars(history)
    require_columns(lists, "customer", "item", "rank")
    require_columns(later, "customer", "item")
    require_columns(held, "customer", "item")
    parts = [each["item"].cast(pl.String) for each in (lists, later, held)]
    names = tuple(pl.concat(parts).unique().sort())
    customers = later["customer"].unique().sort()
    chosen = lists_of(lists, customers, names, k)
    hit, gain = hits(chosen, truth_of(later, customers, names))
    past = truth_of(held, held["customer"].unique().sort(), names)
    low, high = zip(_bootstrap(hit, seed), _bootstrap(gain, seed), strict=True)
    return RankingMeasures(
        k=k,
        customers=len(customers),
        hit_rate=float(hit.mean()) if len(hit) else 0.0,
        hit_rate_low=low[0],
        hit_rate_high=high[0],
        ndcg=float(gain.mean()) if len(gain) else 0.0,
        ndcg_low=low[1],
        ndcg_high=high[1],
        coverage=len(np.unique(chosen[chosen >= 0])) / max(1, len(names)),
        novelty_bits=_novelty(chosen, past),
        diversity=_diversity(chosen, past),
    )


def split_in_time(interactions: Frame, *, share: float = 0.2) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the earlier interactions, and the last ``share`` of them, by column ``time``.

    Raises:
        FeatureMissingError, KeyMissingError, FrameKindError: the table.
    """
    table = as_polars(interactions)
    require_columns(table, "time")
    cut = table["time"].to_physical().sort()[max(0, int(np.ceil(table.height * (1 - share))) - 1)]
    late = table["time"].to_physical() > cut
    return table.filter(~late), table.filter(late)


def lists_of(proposed: pl.DataFrame, customers: pl.Series, names: tuple[str, ...], k: int) -> Codes:
    """Return the items of each customer by rank, shape (customers, k); -1 where there is none."""
    _, rows = asked_customers(proposed["customer"], customers)
    ranks = proposed["rank"].cast(pl.Int64).to_numpy()
    keep = (rows >= 0) & (ranks >= 1) & (ranks <= k)
    chosen = np.full((len(customers), k), -1, dtype=np.int32)
    chosen[rows[keep], ranks[keep] - 1] = known_codes(proposed["item"], names)[keep]
    return chosen


def truth_of(pairs: pl.DataFrame, customers: pl.Series, names: tuple[str, ...]) -> Sparse:
    """Return the distinct items of each customer."""
    _, rows = asked_customers(pairs["customer"], customers)
    items = known_codes(pairs["item"], names)
    keep = (rows >= 0) & (items >= 0)
    return sparse_rows(Coded(rows[keep].astype(np.int32), items[keep], customers, names))


def _bootstrap(values: Floats, seed: int) -> tuple[float, float]:
    """Return the middle 95 % of the means of resampled customers; customers with one value are one kind."""
    if not len(values):
        return 0.0, 1.0
    kinds, counts = np.unique(values, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(len(values), counts / len(values), size=DRAWS)
    low, high = np.quantile(drawn @ kinds / len(values), [0.025, 0.975])
    return float(low), float(high)


def _novelty(chosen: Codes, history: Sparse) -> float:
    shown = chosen[chosen >= 0]
    if not len(shown):
        return 0.0
    holders = np.bincount(history.items, minlength=history.columns)
    share = np.maximum(holders, 1) / max(1, history.rows)
    return float(-np.log2(share[shown]).mean())


def _diversity(chosen: Codes, history: Sparse) -> float | None:
    """Mean over customers of the mean over pairs of what two items have not in common."""
    alike = neighbour_weights(gram(history), 0.5, 0.0)
    sums, pairs = np.zeros(len(chosen)), np.zeros(len(chosen))
    for i in range(chosen.shape[1]):
        for j in range(i):
            both = (chosen[:, i] >= 0) & (chosen[:, j] >= 0)
            sums += np.where(both, 1 - alike[chosen[:, i], chosen[:, j]], 0.0)
            pairs += both
    known = pairs > 0
    return float((sums[known] / pairs[known]).mean()) if known.any() else None
