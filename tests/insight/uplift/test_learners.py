"""Every learner on worlds whose uplift is known, and their reasons to the last digit."""

import numpy as np
import pytest

from vostro.insight.uplift.effects import pair_parts
from vostro.insight.uplift.learners import LEARNERS, Pair, learn_effect
from vostro.insight.uplift.views import learn_space

from .conftest import Floats, chance, world

FEATURES = ["app", "age", "city", "noise"]


@pytest.fixture(scope="module")
def learnt() -> tuple[Pair, Pair, Floats]:
    """A pair to learn from, another to predict for, and its true uplift."""
    frame, _ = world(6000, seed=1)
    fresh, truth = world(3000, seed=2)
    space = learn_space(frame, FEATURES)
    pairs = [
        Pair(
            space,
            space.view(each),
            each["arm"].cast(float).to_numpy(),
            each["bought"].cast(float).to_numpy(),
            np.full(each.height, 0.5),
            True,
            0,
        )
        for each in (frame, fresh)
    ]
    return pairs[0], pairs[1], truth


@pytest.mark.parametrize("name", list(LEARNERS))
def test_a_learner_finds_who_is_moved_and_says_why(name: str, learnt: tuple[Pair, Pair, Floats]) -> None:
    pair, fresh, truth = learnt
    effect = learn_effect(name, pair)
    said = effect.uplift(fresh.view)
    assert said.shape == (3000,)
    assert said.mean() == pytest.approx(truth.mean(), abs=0.03)
    correlation = np.corrcoef(said, truth)[0, 1]
    assert correlation > 0.7 or name == "constant"
    base, parts = effect.parts(fresh.view)
    assert parts.shape == (3000, 4)
    assert base + parts.sum(axis=1) == pytest.approx(said, abs=1e-9)
    if name != "constant":
        strongest = np.abs(parts).mean(axis=0).argmax()
        assert pair.space.names[strongest] == "app"
    assert np.array_equal(learn_effect(name, pair).uplift(fresh.view), said), "the same seed, the same model"


@pytest.mark.parametrize("name", list(LEARNERS))
def test_a_number_as_outcome(name: str) -> None:
    rng = np.random.default_rng(0)
    frame, _ = world(3000, seed=6)
    app = frame["app"].to_numpy()
    treated = frame["arm"].cast(float).to_numpy()
    spent = 100 + 20 * rng.normal(size=3000) + treated * np.where(app, 40.0, 0.0)
    space = learn_space(frame, FEATURES)
    pair = Pair(space, space.view(frame), treated, spent, np.full(3000, 0.5), False, 0)
    effect = learn_effect(name, pair)
    said = effect.uplift(pair.view)
    assert said.mean() == pytest.approx(40 * app.mean(), abs=3)
    if name != "constant":
        assert said[app].mean() - said[~app].mean() > 15
    base, parts = effect.parts(pair.view)
    assert base + parts.sum(axis=1) == pytest.approx(said, abs=1e-8)


@pytest.mark.parametrize("name", [each for each in LEARNERS if each != "constant"])
def test_who_was_chosen_for_the_action_does_not_count_as_its_effect(name: str) -> None:
    """The better prospects were treated; the true effect is nil, the naive difference is not.

    Trees for each arm are too coarse to take all of it out; that is why they are not the first candidates.
    """
    rng = np.random.default_rng(3)
    frame, _ = world(8000, seed=7)
    age = frame["age"].fill_null(45).to_numpy()
    lean = chance(0.06 * (age - 45))
    treated = (rng.random(8000) < lean).astype(float)
    bought = (rng.random(8000) < chance(-1 + 0.05 * (age - 45))).astype(float)
    naive = bought[treated == 1].mean() - bought[treated == 0].mean()
    assert naive > 0.1
    space = learn_space(frame, FEATURES)
    pair = Pair(space, space.view(frame), treated, bought, np.clip(lean, 0.02, 0.98), True, 0)
    left = abs(learn_effect(name, pair).uplift(pair.view).mean())
    assert left < naive / (2 if name in ("t_trees", "x_trees") else 4)


def test_parts_of_a_logistic_pair_are_exact_and_fair() -> None:
    rng = np.random.default_rng(0)
    without, given = rng.normal(size=(2, 50, 3))
    without[0] = given[0] = 0.0  # a row on which no column says anything
    base, parts = pair_parts((-1.0, 0.5), without, given, logistic=True)
    truth = chance(0.5 + given.sum(axis=1)) - chance(-1.0 + without.sum(axis=1))
    assert base + parts.sum(axis=1) == pytest.approx(truth)
    assert parts[0] == pytest.approx(np.zeros(3))
    without[:, 1] = given[:, 1] = 0.0
    assert pair_parts((-1.0, 0.5), without, given, logistic=True)[1][:, 1] == pytest.approx(np.zeros(50))
