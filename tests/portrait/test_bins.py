"""Bins: every number in one, in order, at most eight, with edges one can read."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vostro.portrait.bins import BINS_MAX, numeric_bins
from vostro.words import Text

NUMBERS = st.lists(
    st.integers(-1000, 1000).map(float) | st.floats(-1e9, 1e9, allow_subnormal=False),
    min_size=1,
    max_size=300,
)


@given(NUMBERS, st.booleans())
def test_bins_hold_every_number_once_and_are_at_most_eight(numbers, whole):
    values = np.floor(np.array(numbers)) if whole else np.array(numbers)
    labels, codes = numeric_bins(values, whole=whole)
    assert len(labels) <= BINS_MAX
    assert codes.min() >= 0 and codes.max() < len(labels)
    # In order: a higher number is never in a lower bin.
    assert (np.diff(codes[np.argsort(values)]) >= 0).all()
    if len(np.unique(values)) > 1:
        assert len(np.unique(codes)) > 1


def test_bins_of_ages_are_readable():
    ages = np.random.default_rng(0).integers(18, 90, 50_000).astype(float)
    labels, codes = numeric_bins(ages, whole=True)
    words = [label if isinstance(label, str) else label.en for label in labels]
    assert words[0].startswith("under ") and words[-1].endswith(" and over")
    shares = np.bincount(codes) / len(ages)
    assert len(labels) == 8 and shares.min() > 0.06 and shares.max() < 0.2


def test_a_pile_at_zero_is_split_from_the_rest():
    values = np.array([0.0] * 990 + list(range(1, 11)))
    labels, codes = numeric_bins(values, whole=True)
    assert np.bincount(codes).tolist()[0] == 990
    assert labels[0] == "0" or isinstance(labels[0], Text)


def test_small_decimals_have_short_edges():
    rates = np.round(np.random.default_rng(0).uniform(0.6, 5.0, 10_000), 3)
    labels, _ = numeric_bins(rates, whole=False)
    for label in labels:
        text = label if isinstance(label, str) else label.en
        assert all(
            len(part) <= 4
            for part in text.replace("under", "").replace("and over", "").split()
            if part != "–"
        )
