"""The map from portraits is ridge regression, and unknown tags do not stop it."""

import numpy as np
import polars as pl
import pytest

from vostro.insight.recommend.cold import PENALTY, learn_portrait_map
from vostro.words import VostroError

from .test_gram import sparse


def test_the_map_is_a_ridge_regression():
    draw = np.random.default_rng(1)
    frame = pl.DataFrame({"age": draw.normal(40, 9, 400), "city": draw.choice(["n", "s"], 400)})
    held = (draw.random((400, 5)) < 0.3).astype(float)
    found = learn_portrait_map(frame, sparse(held), ["age", "city"], seed=0)
    columns = found.space.matrix(frame)
    design = np.column_stack([np.ones(400), columns])
    ridge = PENALTY * np.diag([0.0] + [1.0] * columns.shape[1])
    wanted = design @ np.linalg.solve(design.T @ design + ridge, design.T @ held)
    assert found.scores(frame) == pytest.approx(wanted, abs=1e-5)


def test_what_a_portrait_tells_is_found():
    draw = np.random.default_rng(2)
    old = draw.random(1_000) < 0.5
    frame = pl.DataFrame({"age": np.where(old, 65.0, 30.0) + draw.normal(0, 3, 1_000)})
    held = np.column_stack([draw.random(1_000) < np.where(old, 0.6, 0.1), draw.random(1_000) < 0.3]).astype(
        float
    )
    scores = learn_portrait_map(frame, sparse(held), ["age"], seed=0).scores(
        pl.DataFrame({"age": [65.0, 30.0, None]})
    )
    assert scores[0, 0] == pytest.approx(0.6, abs=0.08)
    assert scores[1, 0] == pytest.approx(0.1, abs=0.08)
    assert np.isfinite(scores).all()


def test_a_missing_tag_is_told():
    frame = pl.DataFrame({"age": [20.0, 30.0, 40.0] * 10})
    found = learn_portrait_map(frame, sparse(np.eye(30)[:, :3]), ["age"], seed=0)
    with pytest.raises(VostroError):
        found.scores(pl.DataFrame({"city": ["n"]}))
