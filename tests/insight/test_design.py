"""The design: the same matrix from every kind and order of columns, and row by row."""

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.insight.checks import frame_kinds
from vostro.insight.design import learn_design
from vostro.insight.errors import FeaturesEmptyError

from .conftest import people


def test_kinds_and_orders_of_columns_give_one_matrix(small: pl.DataFrame) -> None:
    observed = small["responded"].cast(float).to_numpy()
    inputs = small.drop("responded")
    design = learn_design(inputs, inputs.columns, observed, contexts=[("job", "card")])
    matrix = design.matrix(inputs)
    assert matrix.shape == (600, 6)
    assert design.names == ("age", "balance", "card", "job", "opened", "context:card+job")
    for kind, frame in frame_kinds(inputs.select(inputs.columns[::-1])):
        from vostro.insight.frames import as_polars

        assert np.array_equal(design.matrix(as_polars(frame)), matrix, equal_nan=True), kind
        again = learn_design(as_polars(frame), inputs.columns, observed, contexts=[("card", "job")])
        assert again == design, kind


def test_without_a_moment_ages_count_from_the_latest_date_of_the_training() -> None:
    frame = pl.DataFrame({"opened": [date(2026, 1, 1), date(2026, 1, 11), None]})
    design = learn_design(frame, ["opened"], np.zeros(3))
    assert design.matrix(frame)[:2, 0].tolist() == [10.0, 0.0]
    assert design.matrix(pl.DataFrame({"opened": [date(2026, 1, 12)]}))[0, 0] == -1.0


def test_with_a_moment_a_date_is_an_age_as_of_the_row() -> None:
    frame = pl.DataFrame(
        {
            "opened": [date(2026, 1, 1), date(2026, 1, 1)],
            "asked": [datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 2, 1, 12, tzinfo=UTC)],
        }
    )
    design = learn_design(frame, ["opened"], np.zeros(2), moment="asked")
    assert design.matrix(frame)[:, 0].tolist() == [1.0, 31.5]


def test_no_feature_is_refused() -> None:
    with pytest.raises(FeaturesEmptyError):
        learn_design(pl.DataFrame({"x": [1]}), [], np.zeros(1))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 299))
def test_a_row_is_encoded_alone_as_among_others(seed: int, row: int) -> None:
    frame, _ = people(300, seed)
    observed = frame["responded"].cast(float).to_numpy()
    inputs = frame.drop("responded")
    design = learn_design(inputs, inputs.columns, observed)
    assert np.array_equal(design.matrix(inputs[row : row + 1])[0], design.matrix(inputs)[row], equal_nan=True)
