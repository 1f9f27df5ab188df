"""Rules and their measures, by hand and by counting."""

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.insight.recommend import Associations

BASKETS = st.lists(st.sets(st.sampled_from("abcde"), min_size=1), min_size=2, max_size=25)


def frame(baskets):
    pairs = [(row, item) for row, basket in enumerate(baskets) for item in sorted(basket)]
    return pl.DataFrame(pairs, schema=["basket", "item"], orient="row")


@settings(max_examples=60, deadline=None)
@given(BASKETS, st.sampled_from([0.0, 0.3, 0.5, 0.8]))
def test_rules_are_those_of_counting(baskets, confidence):
    n = len(baskets)
    rules = Associations(support=2 / n, confidence=confidence).fit(frame(baskets)).rules()
    share = lambda items: sum(items <= basket for basket in baskets) / n  # noqa: E731
    wanted = {}
    every = sorted(set().union(*baskets))
    for size in range(2, len(every) + 1):
        for items in combinations(every, size):
            if share(set(items)) * n < 2:
                continue
            for cut in range(1, size):
                for left in combinations(items, cut):
                    right = tuple(each for each in items if each not in left)
                    sure = share(set(items)) / share(set(left))
                    if sure >= confidence - 1e-12:
                        wanted[left, right] = sure
    found = {
        (tuple(left), tuple(right)): sure
        for left, right, sure in rules.select("antecedent", "consequent", "confidence").rows()
    }
    assert found == pytest.approx(wanted)
    for row in rules.to_dicts():
        left, right = set(row["antecedent"]), set(row["consequent"])
        simpler = [share(right)] + [
            share(set(part) | right) / share(set(part))
            for cut in range(1, len(left))
            for part in combinations(sorted(left), cut)
        ]
        assert row["lift"] == pytest.approx(row["confidence"] / share(right))
        assert row["leverage"] == pytest.approx(row["support"] - share(left) * share(right))
        assert row["improvement"] == pytest.approx(row["confidence"] - max(simpler))
        if row["confidence"] < 1:
            assert row["conviction"] == pytest.approx((1 - share(right)) / (1 - row["confidence"]))
        else:
            assert np.isinf(row["conviction"])


def test_a_redundant_rule_is_pruned():
    """Bread foresees butter always; that salt lies beside it adds nothing."""
    baskets = [{"bread", "butter", "salt"}] * 3 + [{"bread", "butter"}] * 3 + [{"milk"}] * 4
    model = Associations(support=0.2, confidence=0.5).fit(frame(baskets))
    butter = pl.col("consequent") == pl.lit(["butter"])
    every = model.rules().filter(butter)["antecedent"].to_list()
    kept = model.rules(pruned=True).filter(butter)["antecedent"].to_list()
    assert sorted(every) == [["bread"], ["bread", "salt"], ["salt"]]
    assert sorted(kept) == [["bread"], ["salt"]]


def test_q_is_corrected_for_every_split_that_was_looked_at():
    baskets = [{"a", "b", "c"}] * 4 + [{"a"}] * 3 + [{"b"}] * 3
    loose = Associations(support=0.1, confidence=0.0).fit(frame(baskets))
    strict = Associations(support=0.1, confidence=0.9).fit(frame(baskets))
    assert loose.tested == strict.tested == loose.rules().height == 3 * 2 + 6
    joined = strict.rules().join(loose.rules(), on=["antecedent", "consequent"], suffix="_loose")
    assert joined.height == strict.rules().height > 0
    assert joined["q"].to_list() == joined["q_loose"].to_list()
