"""Deciding: measured as scikit-learn measures, and rare classes get their say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vostro.insight.text.deciding import Decision, accuracy_of, learn_decision, macro_f1_of

MARKS = arrays(np.bool_, (12, 3))
PLACES = arrays(np.int64, 15, elements=st.integers(0, 3))


@settings(deadline=None, max_examples=40)
@given(PLACES, PLACES)
def test_macro_f1_is_that_of_scikit_learn(true: np.ndarray, said: np.ndarray) -> None:
    from sklearn.metrics import accuracy_score, f1_score

    every = np.eye(4, dtype=bool)
    assert macro_f1_of(every[true], every[said]) == pytest.approx(f1_score(true, said, average="macro"))
    assert accuracy_of(every[true], every[said]) == pytest.approx(accuracy_score(true, said))


@settings(deadline=None, max_examples=40)
@given(MARKS, MARKS)
def test_accuracy_of_several_asks_for_all(true: np.ndarray, said: np.ndarray) -> None:
    from sklearn.metrics import accuracy_score

    assert accuracy_of(true, said) == pytest.approx(accuracy_score(true, said))


def test_balance_lifts_the_rare_class() -> None:
    said = np.array([[0.7, 0.3]])
    shares = (0.9, 0.1)
    assert Decision(shares).marks(said).tolist() == [[True, False]]
    assert Decision(shares, balance=1.0).marks(said).tolist() == [[False, True]], "0.3 is three times 0.1"
    assert Decision(shares, balance=1.0).first(said).tolist() == [1]


def test_a_threshold_may_say_none_or_all() -> None:
    decision = Decision((0.5, 0.5), threshold=0.4)
    assert decision.marks(np.array([[0.3, 0.3], [0.4, 0.9]])).tolist() == [[False, False], [True, True]]


@pytest.mark.parametrize("several", [False, True])
def test_the_aim_is_served(several: bool) -> None:
    draw = np.random.default_rng(0)
    said = draw.dirichlet([6, 2, 1], 3000)
    if several:
        marked = draw.random((3000, 3)) < said
    else:
        marked = np.eye(3, dtype=bool)[(draw.random(3000)[:, None] > said.cumsum(axis=1)).sum(axis=1)]
    plain = learn_decision(said, marked, aim="accuracy", several=several)
    fair = learn_decision(said, marked, aim="macro_f1", several=several)
    assert macro_f1_of(marked, fair.marks(said)) > macro_f1_of(marked, plain.marks(said)) + 0.03
    assert accuracy_of(marked, fair.marks(said)) < accuracy_of(marked, plain.marks(said))
