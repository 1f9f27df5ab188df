"""Blend: known slopes and intercepts are found again."""

import numpy as np
import pytest

from vostro.insight.text.blend import Blend, learn_blend


def _drawn(probability: np.ndarray, seed: int) -> np.ndarray:
    draw = np.random.default_rng(seed)
    place = (draw.random(len(probability))[:, None] > probability.cumsum(axis=1)).sum(axis=1)
    return np.eye(probability.shape[1], dtype=bool)[place]


def test_one_class_a_text() -> None:
    draw = np.random.default_rng(0)
    both = [draw.normal(size=(20_000, 4)), draw.normal(size=(20_000, 4))]
    true = Blend((2.0, 0.7), (0.5, 0.0, -0.5, 0.0), several=False)
    found = learn_blend(both, _drawn(true.probability(both), 1), several=False)
    assert found.slopes == pytest.approx(true.slopes, abs=0.05)
    away = np.array(found.intercepts) - np.array(true.intercepts)
    assert away - away.mean() == pytest.approx(0.0, abs=0.06), "only differences count"
    assert found.probability(both).sum(axis=1) == pytest.approx(1.0)


def test_several_classes_a_text() -> None:
    draw = np.random.default_rng(0)
    margin = [draw.normal(size=(20_000, 3))]
    true = Blend((1.5,), (-1.0, 0.0, 2.0), several=True)
    found = learn_blend(margin, draw.random((20_000, 3)) < true.probability(margin), several=True)
    assert found.slopes == pytest.approx(true.slopes, abs=0.06)
    assert found.intercepts == pytest.approx(true.intercepts, abs=0.08)


def test_a_model_of_noise_gets_no_slope() -> None:
    draw = np.random.default_rng(0)
    good, noise = draw.normal(size=(5000, 3)), draw.normal(size=(5000, 3))
    marked = _drawn(Blend((2.0,), (0.0,) * 3, several=False).probability([good]), 2)
    found = learn_blend([good, noise], marked, several=False)
    assert found.slopes[0] > 1.7
    assert found.slopes[1] < 0.1


def test_a_model_that_is_wrong_is_not_turned_around() -> None:
    margin = np.random.default_rng(0).normal(size=(2000, 2))
    marked = _drawn(Blend((2.0,), (0.0, 0.0), several=False).probability([-margin]), 3)
    assert learn_blend([margin], marked, several=False).slopes == (0.0,)


def test_separated_classes_stay_finite() -> None:
    marked = np.eye(2, dtype=bool)[np.arange(40) % 2]
    blend = learn_blend([np.where(marked, 5.0, -5.0)], marked, several=False)
    said = blend.probability([np.array([[1e6, -1e6], [0.0, 0.0], [5.0, -5.0]])])
    assert ((said > 0) & (said < 1)).all()
    assert said[2, 0] == pytest.approx(41 / 42, abs=0.001), "40 of 40 is no certainty"
