"""The best items are those of a full sort."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.insight.recommend.top import top_of_holdings, top_of_scores

from .test_gram import sparse


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(2, 9), st.integers(1, 12), st.integers(0, 10**6), st.booleans())
def test_top_is_a_full_sort(rows, columns, k, seed, exclude):
    draw = np.random.default_rng(seed)
    held = (draw.random((rows, columns)) < 0.4).astype(float)
    weights = draw.integers(-3, 4, (columns, columns)).astype(np.float32)
    scores = (held @ weights).astype(np.float32)
    for items, said, because in (
        top_of_holdings(sparse(held), weights, k, exclude_held=exclude),
        (*top_of_scores(sparse(held), scores if rows > 1 else scores[:1], k, exclude_held=exclude)[:2], None),
    ):
        for row in range(rows):
            free = [i for i in range(columns) if not (exclude and held[row, i])]
            wanted = sorted(free, key=lambda i, row=row: (-scores[row, i], i))[:k]
            assert items[row].tolist() == wanted + [-1] * (k - len(wanted))
            assert said[row, : len(wanted)].tolist() == [scores[row, i] for i in wanted]
            if because is not None:
                for place, item in enumerate(wanted):
                    reason = because[row, place]
                    adds = weights[:, item] * held[row]
                    assert reason == -1 if adds.max() <= 0 else adds[reason] == adds.max()


def test_weights_of_holdings_count():
    held = np.array([[1.0, 3.0, 0.0]])
    weights = np.array([[0, 0, 2], [0, 0, 1], [0, 0, 0]], dtype=np.float32)
    _, scores, because = top_of_holdings(sparse(held), weights, 1)
    assert scores[0, 0] == pytest.approx(5.0)
    assert because[0, 0] == 1
