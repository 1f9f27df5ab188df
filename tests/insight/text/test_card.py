"""Card: the calibration error of sure, unsure and wrong words."""

import numpy as np
import pytest

from vostro.insight.text.card import sureness_error


@pytest.mark.parametrize(
    ("said", "true", "error"),
    [(1.0, 1.0, 0.0), (0.9, 0.5, 0.4), (0.5, 0.5, 0.0), (0.6, 1.0, 0.4)],
)
def test_one_class_a_text(said: float, true: float, error: float) -> None:
    probability = np.tile([said, 1 - said], (200, 1))
    right = np.arange(200) % 2 == 0 if true == 0.5 else np.ones(200, dtype=bool)
    marked = np.stack([right, ~right], axis=1)
    assert sureness_error(probability, marked, several=False) == pytest.approx(error)


def test_several_classes_a_text_are_all_looked_at() -> None:
    probability = np.tile([0.9, 0.1], (100, 1))
    marked = np.tile([True, True], (100, 1))
    assert sureness_error(probability, marked, several=True) == pytest.approx((0.1 + 0.9) / 2)


def test_opposite_errors_in_different_bins_do_not_cancel() -> None:
    said = np.repeat([0.6, 0.9], 100)
    right = np.concatenate([np.ones(100, bool), np.arange(100) % 2 == 0])
    marked = np.stack([right, ~right], axis=1)
    error = sureness_error(np.stack([said, 1 - said], axis=1), marked, several=False)
    assert error == pytest.approx(0.4)
