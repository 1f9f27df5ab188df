"""Lookalikes 相似人群扩展: who else is like the customers of a seed, and how sure is that?

Seed and others are told apart by a model of their tags; those of the others that look most like
seed customers are the audience. Everyone is scored by a model that did not learn from him: in each
of four rounds a quarter of the seed *and* a quarter of the others are held back. So the held-back
seed shows honestly what the audience is worth: how much of it would have been found (recall),
against the share that chance finds (lift), with intervals. Precision counts held-back seed customers
among all that are picked; as others may be like the seed without being in it, it is a lower bound.

With 400 seed customers or more the model is boosted trees (``ResponseModel``), else a logistic
regression on the columns of ``mixed``. Tags that define the seed, or give it away, are left out
(see ``leakage``).

Source: Elkan and Noto (2008), "Learning Classifiers from Only Positive and Unlabeled Data", KDD;
Wilson (1927) for the intervals.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.cluster_words import Trait, traits_of
from vostro.insight.errors import FeaturesEmptyError, LookalikeSizeError, SeedError
from vostro.insight.frames import Frame, as_polars
from vostro.insight.leakage import related_tags, telling_tags
from vostro.insight.mixed import blocks_of, learn_space
from vostro.insight.response import ResponseModel
from vostro.portrait import TagInfo

__all__ = ["Lookalikes", "Measured", "find_lookalikes"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
LookalikeMethod = Literal["trees", "logistic"]
ROUNDS = 4
SEED_LEAST = 40  # seed customers, and others
TREES_SEED_LEAST = 400  # seed customers; below, trees learn the noise
OTHERS_EACH = 20  # others that are learnt from for each seed customer, drawn
_Z = 1.959964  # 95 %


class Measured(msgspec.Struct, frozen=True):
    """A share with its 95 % interval (Wilson)."""

    value: float
    low: float
    high: float
    hits: int
    rows: int


class Lookalikes(msgspec.Struct, frozen=True):
    """A lookalike audience, and what is known of its worth."""

    size: int
    seed: int  # customers
    others: int  # customers outside of the seed
    method: LookalikeMethod
    customers: tuple[str, ...]  # the most alike first
    scores: tuple[float, ...]  # share of the others who are less alike, ties one half: 1 is most alike
    recall: Measured  # of the held-back seed, found at the audience's share of the others
    precision: Measured  # held-back seed among all picked then: a lower bound
    lift: float  # recall against chance
    lift_low: float
    lift_high: float
    features: tuple[str, ...]
    left_out: dict[
        str, float | None
    ]  # tag -> how well it gives the seed away, 0.95 to 1; null: part of its rule
    shared: tuple[Trait, ...]  # what sets the audience apart from the other customers


def find_lookalikes(
    frame: Frame,
    seed: npt.ArrayLike,
    *,
    size: int,
    features: Sequence[str] | None = None,
    tags: Mapping[str, TagInfo] | None = None,
    defined_by: Sequence[str] = (),
    made_of: Mapping[str, Sequence[str]] | None = None,
    random_seed: int = 0,
) -> Lookalikes:
    """Find the customers that look most like those of a seed.

    Args:
        frame: shape (n, tags), with ``customer`` (text).
        seed: shape (n,), boolean: who is in the seed.
        size: how many are wanted.
        features: tags to compare; all but ``customer`` by default.
        tags: what is known of the tags: their names, and which are made of which.
        defined_by: tags of the rule that made the seed; with all that hangs together with them they are left out.
        made_of: estimators and clusters -> the tags that they read, so that their model tags do not leak.
        random_seed: of every draw.

    Raises:
        SeedError: fewer than 40 customers in the seed, or outside of it.
        LookalikeSizeError: ``size`` is below 1 or above the number of others.
        FeaturesEmptyError: no tag is left to compare.
        FeatureMissingError, FeatureTypeError, TagsFlatError: a tag cannot be compared.
    """
    table, chosen = as_polars(frame), np.asarray(seed, dtype=np.bool_)
    assert len(chosen) == table.height, "one truth a customer"
    others = int((~chosen).sum())
    if chosen.sum() < SEED_LEAST or others < SEED_LEAST:
        raise SeedError(seed=int(chosen.sum()), others=others, least=SEED_LEAST)
    if not 1 <= size <= others:
        raise LookalikeSizeError(size=size, others=others)
    named = list(features) if features is not None else [n for n in table.columns if n != "customer"]
    related = related_tags(defined_by, tags or {}, made_of) if defined_by else frozenset()
    left_out = _left_out(table, chosen, named, related)
    kept = [name for name in named if name not in left_out]
    if not kept:
        raise FeaturesEmptyError
    method: LookalikeMethod = "trees" if chosen.sum() >= TREES_SEED_LEAST else "logistic"
    rank = _held_back_ranks(table, chosen, kept, method, random_seed)
    return _audience(table, chosen, rank, size, method, kept, left_out, tags or {})


def wilson(hits: int, rows: int) -> Measured:
    """Return a share with Wilson's 95 % interval.

    >>> wilson(8, 10).low
    0.4901...
    """
    if rows == 0:
        return Measured(0.0, 0.0, 1.0, 0, 0)
    share, squared = hits / rows, _Z**2
    centre = (share + squared / (2 * rows)) / (1 + squared / rows)
    half = _Z / (1 + squared / rows) * np.sqrt(share * (1 - share) / rows + squared / (4 * rows**2))
    return Measured(share, float(max(centre - half, 0.0)), float(min(centre + half, 1.0)), hits, rows)


def _left_out(
    table: pl.DataFrame, chosen: Mask, named: list[str], related: frozenset[str]
) -> dict[str, float | None]:
    found: dict[str, float | None] = {name: None for name in named if name in related}
    return found | telling_tags(table, chosen, [name for name in named if name not in found])


def _held_back_ranks(
    table: pl.DataFrame, chosen: Mask, features: list[str], method: LookalikeMethod, random_seed: int
) -> Floats:
    """Return each customer's rank among the others, 0 to 1 (most alike), by a model that did not learn from him."""
    rng = np.random.default_rng(random_seed)
    place = np.empty(len(chosen), dtype=np.int64)
    for part in (np.flatnonzero(chosen), np.flatnonzero(~chosen)):
        place[rng.permutation(part)] = np.arange(len(part)) % ROUNDS
    scores = np.zeros(len(chosen))
    for number in range(ROUNDS):
        held = place == number
        drawn = _thinned(np.flatnonzero(~held), chosen, rng)
        rows = table.filter(pl.Series(held))
        scores[held] = _scores(table[drawn], chosen[drawn], rows, features, method, random_seed)
    others = np.sort(scores[~chosen])
    below = np.searchsorted(others, scores, side="left") + np.searchsorted(others, scores, side="right")
    return np.asarray(below / (2 * len(others)), dtype=np.float64)


def _found(rank: Floats, chosen: Mask, picked: npt.NDArray[np.int64]) -> int:
    """Return how many seed customers would be picked, too; where the last picked are tied, as many in part."""
    cut = rank[picked[-1]]
    part = (rank[picked] == cut).sum() / (rank[~chosen] == cut).sum()
    return int((rank[chosen] > cut).sum() + part * (rank[chosen] == cut).sum())


def _thinned(rows: npt.NDArray[np.int64], chosen: Mask, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return all seed rows and at most twenty others for each, drawn."""
    seed, others = rows[chosen[rows]], rows[~chosen[rows]]
    most = OTHERS_EACH * len(seed)
    if len(others) > most:
        others = rng.choice(others, most, replace=False)
    return np.sort(np.concatenate([seed, others]))


def _scores(
    learn: pl.DataFrame,
    chosen: Mask,
    held: pl.DataFrame,
    features: list[str],
    method: LookalikeMethod,
    seed: int,
) -> Floats:
    """Learn seed against others, and score those held back; higher is more alike."""
    if method == "trees":
        model = ResponseModel(seed=seed).fit(learn.select(features), target=chosen)
        return model.predict(held.select(features))
    from sklearn.linear_model import LogisticRegression

    space = learn_space(learn, features)
    model = LogisticRegression(C=0.1, class_weight="balanced", max_iter=2_000).fit(
        space.matrix(learn), chosen
    )
    blocks = [model.decision_function(space.matrix(block)) for block in blocks_of(held)]
    return np.concatenate(blocks) if blocks else np.zeros(0)


def _audience(
    table: pl.DataFrame,
    chosen: Mask,
    rank: Floats,
    size: int,
    method: LookalikeMethod,
    features: list[str],
    left_out: dict[str, float | None],
    tags: Mapping[str, TagInfo],
) -> Lookalikes:
    names = (
        table["customer"].cast(pl.String) if "customer" in table.columns else pl.Series(range(table.height))
    )
    outside = np.flatnonzero(~chosen)
    order = outside[np.lexsort((names.cast(pl.String).to_numpy()[outside], -rank[outside]))]
    picked = order[:size]
    share = size / len(outside)
    hits, rows = _found(rank, chosen, picked), int(chosen.sum())
    recall = wilson(hits, rows)
    mask = np.zeros(len(chosen), dtype=np.bool_)
    mask[picked] = True
    apart = pl.Series(~chosen)
    return Lookalikes(
        size=size,
        seed=rows,
        others=len(outside),
        method=method,
        customers=tuple(names.cast(pl.String)[picked.tolist()].to_list()),
        scores=tuple(rank[picked].tolist()),
        recall=recall,
        precision=wilson(hits, hits + size),
        lift=recall.value / share,
        lift_low=recall.low / share,
        lift_high=recall.high / share,
        features=tuple(features),
        left_out=left_out,
        shared=traits_of(table.filter(apart).select(features), mask[~chosen], tags),
    )
