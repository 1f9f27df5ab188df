"""The choice looks at later interactions only, and hits are what a reader counts."""

import numpy as np
import polars as pl
import pytest

from vostro.insight.recommend.choice import Setting, choose, hits, learn_setting, time_split
from vostro.insight.recommend.coding import read_pairs, sparse_rows
from vostro.insight.recommend.gram import gram
from vostro.insight.recommend.reading import read_time

from .test_gram import sparse


def test_hits_and_ndcg_by_hand():
    truth = sparse(np.array([[0, 1, 0, 1], [1, 0, 0, 0], [0, 0, 1, 0]]))
    chosen = np.array([[1, 0], [2, 0], [3, 1]], dtype=np.int32)
    hit, gain = hits(chosen, truth)
    second = 1 / np.log2(3)
    assert hit.tolist() == [1, 1, 0]
    assert gain == pytest.approx([1 / (1 + second), second, 0])


def test_short_lists_are_no_hits():
    truth = sparse(np.array([[1, 0], [0, 1]]))
    assert hits(np.array([[-1, -1], [-1, 1]], dtype=np.int32), truth)[0].tolist() == [0, 1]


def test_the_split_is_in_time(holdings: pl.DataFrame):
    coded, time = read_pairs(holdings, "customer", "item"), read_time(holdings)
    split = time_split(coded, None, time, 0)
    cut = np.quantile(time, 0.9, method="lower")
    early = holdings.filter(pl.col("time") <= cut).unique(["customer", "item"])
    assert len(split.earlier.items) == early.height
    assert split.asked.rows == split.later.rows > 100
    assert (np.diff(split.asked.starts) > 0).all(), "only customers who are known"
    assert (np.diff(split.later.starts) > 0).all()
    for row in range(split.later.rows):
        before = set(split.asked.items[split.asked.starts[row] : split.asked.starts[row + 1]])
        after = set(split.later.items[split.later.starts[row] : split.later.starts[row + 1]])
        assert not before & after, "what was held already is not to be foreseen"


def test_where_kinds_of_customers_differ_likeness_beats_popularity(holdings: pl.DataFrame):
    split = time_split(read_pairs(holdings, "customer", "item"), None, read_time(holdings), 0)
    tried = choose(split, ("ease", "neighbours", "popularity"), 3, 0)
    rate = {each.setting.method: each.hit_rate for each in reversed(tried)}
    assert rate["ease"] > rate["popularity"] + 0.15
    assert rate["neighbours"] > rate["popularity"] + 0.15
    assert tried[0].hit_rate == max(rate.values())


def test_als_is_near_the_others(holdings: pl.DataFrame, extra):
    extra("implicit", "recommend")
    coded = read_pairs(holdings, "customer", "item")
    split = time_split(coded, None, read_time(holdings), 0)
    tried = choose(split, ("als", "ease", "popularity"), 3, 0)
    rate = {each.setting.method: each.hit_rate for each in reversed(tried)}
    assert rate["als"] > rate["popularity"] + 0.1
    held = sparse_rows(coded)
    setting = Setting("als", penalty=30.0, factors=8, confidence=3.0)
    first, again = (learn_setting(setting, held, gram(held), 1)(held, 3) for _ in range(2))
    assert np.array_equal(first[1], again[1]), "the same seed, the same factors"


def test_a_customer_is_solved_as_als_solves_him(holdings: pl.DataFrame, extra):
    """implicit's own recalculation of one customer's factors gives the same scores."""
    extra("implicit", "recommend")
    from implicit.cpu.als import AlternatingLeastSquares
    from scipy.sparse import csr_matrix

    from vostro.insight.recommend.factors import customer_scores, learn_factors

    held = sparse_rows(read_pairs(holdings.head(3_000), "customer", "item"))
    items = learn_factors(held, factors=6, penalty=5.0, confidence=3.0, seed=1)
    matrix = csr_matrix(
        (np.ones(len(held.items), np.float32), held.items, held.starts), (held.rows, held.columns)
    )
    model = AlternatingLeastSquares(factors=6, regularization=5.0, alpha=3.0, num_threads=1, use_cg=False)
    model.item_factors, model.user_factors = items, np.zeros((held.rows, 6), np.float32)
    theirs = model.recalculate_user(np.arange(5), matrix[:5]) @ items.T
    ours = customer_scores(held, items, penalty=5.0, confidence=3.0)[:5]
    assert ours == pytest.approx(theirs, abs=1e-4)
