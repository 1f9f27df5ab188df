"""Tags of all kinds become one space in which none counts more than another."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.insight.errors import FeatureMissingError, FeaturesEmptyError, TagsFlatError
from vostro.insight.mixed import BLOCK_ROWS, CLIP, encode_mixed, learn_space

from .groups import three_groups

FEATURES = ["age", "balance", "city", "card", "same"]


def test_every_tag_has_variance_one_and_what_is_the_same_is_dropped() -> None:
    frame, _ = three_groups()
    space = learn_space(frame, FEATURES)
    assert space.features == ("age", "balance", "city", "card") and space.dropped == ("same",)
    matrix = space.matrix(frame)
    assert np.allclose(matrix.mean(axis=0), 0, atol=1e-12)
    place = 0
    for column in space.columns:
        assert matrix[:, place : place + column.width].var(axis=0).sum() == pytest.approx(1), column.name
        place += column.width
    assert place == matrix.shape[1]


def test_axes_are_orthonormal_and_keep_what_is_said() -> None:
    frame, _ = three_groups()
    space = learn_space(frame, FEATURES)
    axes = np.asarray(space.axes)
    assert np.allclose(axes @ axes.T, np.eye(len(axes)), atol=1e-10)
    scores, matrix = space.scores(frame), space.matrix(frame)
    assert scores.var(axis=0).sum() / matrix.var(axis=0).sum() == pytest.approx(space.kept)
    singular = np.linalg.svd(matrix, compute_uv=False)[: len(axes)] ** 2 / frame.height
    assert np.allclose(np.sort(scores.var(axis=0))[::-1], singular), "a second opinion by singular values"


def test_an_unknown_number_is_the_median_and_a_column_of_its_own() -> None:
    frame = pl.DataFrame({"a": [1.0, 2.0, 3.0, None, 100.0]})
    (column,) = learn_space(frame, ["a"]).columns
    block = encode_mixed(frame, column) / column.weight
    assert column.nulls and column.width == 2
    assert block[:, 1].tolist() == [0, 0, 0, 1, 0]
    assert block[3, 0] == 0 and block[1, 0] < block[2, 0] <= block[4, 0] <= CLIP


def test_levels_that_were_never_seen_are_among_the_rest() -> None:
    frame = pl.DataFrame({"w": ["a"] * 60 + ["b"] * 39 + ["rare"] + [None] * 20})
    (column,) = learn_space(frame, ["w"]).columns
    assert column.levels == ("a", "b") and column.rest and column.nulls
    block = encode_mixed(pl.DataFrame({"w": ["new", "a", None]}), column) / column.weight
    assert np.round(block, 9).tolist() == [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]]


def test_dates_are_places_in_time() -> None:
    frame = pl.DataFrame({"d": [date(2020, 1, 1), date(2021, 1, 1), None, date(2024, 1, 1)]})
    scores = learn_space(frame, ["d"]).matrix(frame)[:, 0]
    assert scores[0] < scores[1] < scores[3]


def test_what_cannot_be_a_space_is_told() -> None:
    frame, _ = three_groups(200)
    for features, error in (
        ([], FeaturesEmptyError),
        (["nosuch"], FeatureMissingError),
        (["same"], TagsFlatError),
    ):
        with pytest.raises(error):
            learn_space(frame, features)


def test_large_frames_are_scored_in_parts() -> None:
    frame, _ = three_groups(300)
    space = learn_space(frame, FEATURES)
    large = pl.concat([frame] * (BLOCK_ROWS // 300 + 2))
    assert np.allclose(space.scores(large)[-300:], space.scores(frame))
    assert space.scores(frame.clear()).shape == (0, len(space.axes))


@settings(max_examples=60, deadline=None)
@given(
    numbers=st.lists(
        st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)), min_size=2, max_size=30
    ),
    words=st.lists(st.one_of(st.none(), st.sampled_from("abc")), min_size=2, max_size=30),
)
def test_any_values_give_finite_places(numbers: list[float | None], words: list[str | None]) -> None:
    rows = min(len(numbers), len(words))
    frame = pl.DataFrame(
        {"n": numbers[:rows], "w": words[:rows]}, schema={"n": pl.Float64, "w": pl.String}, strict=False
    )
    try:
        space = learn_space(frame, ["n", "w"])
    except TagsFlatError:
        return
    assert np.isfinite(space.scores(frame)).all()
