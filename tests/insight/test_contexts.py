"""Contexts: what others in the same situation answered, never one's own answer."""

import numpy as np
import polars as pl
import pytest

from vostro.insight.columns import Column
from vostro.insight.contexts import context_rates, learn_context, training_rates

BRANCH = (Column("branch", "text"), Column("week", "number"))


def test_the_rate_of_a_situation_is_drawn_to_the_average() -> None:
    frame = pl.DataFrame({"branch": ["a"] * 30 + ["b"] * 30, "week": [1] * 60})
    context = learn_context(frame, BRANCH, np.repeat([1.0, 0.0], 30), None)
    # 30 of 30 and ten more rows at the average of one half: 35 of 40
    rates = context_rates(pl.DataFrame({"branch": ["a", "b", "c"], "week": [1, 1, 1]}), context)
    assert rates[:2] == pytest.approx([35 / 40, 5 / 40])
    assert np.isnan(rates[2])


def test_the_whole_group_of_columns_names_the_situation() -> None:
    frame = pl.DataFrame({"branch": ["a", "a", "b", None] * 20, "week": [1, 2, 1, 1] * 20})
    context = learn_context(frame, BRANCH, np.tile([1.0, 0.0, 0.0, 1.0], 20), None)
    assert len(context.rates) == 4
    assert context_rates(frame, context)[:4] == pytest.approx([25 / 30, 5 / 30, 5 / 30, 25 / 30])


def test_numbers_are_the_same_situation_in_whole_and_in_broken_columns() -> None:
    frame = pl.DataFrame({"branch": ["a"] * 20, "week": [1, 2] * 10})
    context = learn_context(frame, BRANCH, np.tile([1.0, 0.0], 10), None)
    broken = frame.with_columns(pl.col("week").cast(pl.Float32))
    assert np.array_equal(context_rates(broken, context), context_rates(frame, context))


def test_a_training_row_never_sees_its_own_outcome() -> None:
    """Turn one row's outcome around: what that row may know of its situation must not change."""
    draw = np.random.default_rng(0)
    frame = pl.DataFrame({"branch": draw.choice(["a", "b"], 200), "week": draw.integers(0, 3, 200)})
    alone = frame.with_columns(pl.Series("week", np.arange(200)))
    observed = draw.integers(0, 2, 200).astype(float)
    assert np.isnan(training_rates(alone, BRANCH, observed, None, seed=1)).all(), (
        "alone: nobody else to look at"
    )
    known = training_rates(frame, BRANCH, observed, None, seed=1)
    assert np.isnan(known).any(), "some situations are hidden while training"
    assert abs(np.corrcoef(known[~np.isnan(known)], observed[~np.isnan(known)])[0, 1]) < 0.2


def test_weights_count() -> None:
    frame = pl.DataFrame({"branch": ["a", "a"] * 50, "week": [1, 1] * 50})
    context = learn_context(frame, BRANCH, np.tile([1.0, 0.0], 50), np.tile([1.8, 0.2], 50))
    assert context_rates(frame, context)[0] == pytest.approx(0.9)
