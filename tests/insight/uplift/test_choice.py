"""The choice: the first candidate stays unless another is clearly ahead."""

import numpy as np

from vostro.insight.uplift import UpliftModel
from vostro.insight.uplift.choice import choose
from vostro.insight.uplift.learners import Pair
from vostro.insight.uplift.views import learn_space

from .conftest import chance, world


def _pair(rows: int, seed: int, *, moved: bool = True) -> Pair:
    frame, _ = world(rows, seed, moved=moved)
    space = learn_space(frame, ["app", "age", "city", "noise"])
    treated, outcome = (frame[name].cast(float).to_numpy() for name in ("arm", "bought"))
    return Pair(space, space.view(frame), treated, outcome, np.full(rows, 0.5), True, 0)


def test_one_candidate_is_taken_and_still_measured() -> None:
    found = choose(_pair(3000, seed=1), ("dr_linear",))
    assert found.name == "dr_linear"
    assert list(found.qini) == ["dr_linear"]
    assert np.isfinite(found.uplift).all()


def test_without_a_difference_the_first_stays() -> None:
    kept = [
        choose(_pair(1500, seed, moved=False), ("averaged", "t_trees", "x_linear")).name for seed in range(6)
    ]
    assert kept.count("averaged") >= 5


def test_a_poor_first_candidate_loses_its_place() -> None:
    """One odds ratio for all ranks by prognosis, which is no guide to who is moved here."""
    found = choose(_pair(8000, seed=3), ("constant", "averaged"))
    assert found.name == "averaged"
    assert found.qini["averaged"] > found.qini["constant"] + 0.02


def test_trees_win_where_effects_cross() -> None:
    """Only those for whom exactly one of two things holds are moved: no sum of columns sees that."""
    rng = np.random.default_rng(0)
    one, two = rng.random((2, 12_000)) < 0.5
    arm = rng.random(12_000) < 0.5
    bought = rng.random(12_000) < chance(-1.0 + np.where(one != two, 1.5, -0.5) * arm)
    frame = {"one": one, "two": two, "arm": arm, "bought": bought}
    import polars as pl

    model = UpliftModel(learners=("averaged", "s_trees", "t_trees")).fit(
        pl.DataFrame(frame), treatment="arm", outcome="bought", action_probability=0.5
    )
    assert model.card().arms[0].learner in ("s_trees", "t_trees")


def test_what_is_said_of_a_row_was_learnt_without_it() -> None:
    """Outcomes by heart would give a Qini near one; they are noise, and it is near nil."""
    rng = np.random.default_rng(1)
    frame, _ = world(2000, seed=5)
    space = learn_space(frame, ["noise", "age"])
    treated = frame["arm"].cast(float).to_numpy()
    outcome = (rng.random(2000) < 0.3).astype(float)
    pair = Pair(space, space.view(frame), treated, outcome, np.full(2000, 0.5), True, 0)
    found = choose(pair, ("t_trees", "dr_trees"))
    assert max(abs(each) for each in found.qini.values()) < 0.12
