"""Training: folds that do not know a text by heart, settings that are chosen, noise that is called noise."""

import numpy as np
import polars as pl
import pytest

from vostro.insight.text import training
from vostro.insight.text.deciding import accuracy_of, macro_f1_of
from vostro.insight.text.reading import read_marks
from vostro.insight.text.training import COSTS, WORD_WEIGHTS, TextPlan, learn_text

from .conftest import spoken

PLAN = TextPlan(0, "accuracy", False)


def test_equal_texts_are_not_known_by_heart() -> None:
    # each text is written three times with a class that has nothing to do with it
    draw = np.random.default_rng(0)
    texts = pl.Series([f"text{i} word{i}" for i in range(100)] * 3)
    marks = read_marks(np.tile(draw.integers(0, 2, 100), 3), 300)
    learnt = learn_text(texts, marks, PLAN)
    assert accuracy_of(marks.marked, learnt.heard.said) < 0.65
    assert -np.log(learnt.heard.probability[marks.marked]).mean() > 0.6, "by heart it would be near 0"


def test_noise_is_said_to_be_noise() -> None:
    frame, _ = spoken(600, seed=1)
    marks = read_marks(np.random.default_rng(5).choice(["a", "b", "c"], 600, p=[0.6, 0.3, 0.1]), 600)
    learnt = learn_text(frame["text"], marks, PLAN)
    assert accuracy_of(marks.marked, learnt.heard.said) == pytest.approx(0.6, abs=0.06)
    assert np.abs(learnt.heard.probability.mean(axis=0) - marks.marked.mean(axis=0)).max() < 0.02
    assert learnt.heard.probability.std(axis=0).max() < 0.15


def test_every_setting_is_tried_and_told() -> None:
    frame, _ = spoken(300, seed=1)
    learnt = learn_text(frame["text"], read_marks(frame["topic"], 300), PLAN)
    assert {(each.word_weight, each.cost) for each in learnt.tried} == {
        (word, cost) for word in WORD_WEIGHTS for cost in COSTS
    }
    assert all(0 <= each.measure <= 1 for each in learnt.tried)


def test_many_texts_choose_settings_on_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "CHOICE_TEXTS", 200)
    frame, _ = spoken(900, seed=1)
    marks = read_marks(frame["topic"], 900)
    learnt = learn_text(frame["text"], marks, PLAN)
    assert learnt.heard.said.shape == (900, 4)
    monkeypatch.undo()
    whole = learn_text(frame["text"], marks, PLAN)
    assert accuracy_of(marks.marked, learnt.heard.said) == pytest.approx(
        accuracy_of(marks.marked, whole.heard.said), abs=0.03
    )


def test_the_aim_of_rare_classes_gives_them_more() -> None:
    frame, _ = spoken(1500, seed=3)
    marks = read_marks(frame["topic"], 1500)
    fair = learn_text(frame["text"], marks, TextPlan(0, "macro_f1", False)).heard
    plain = learn_text(frame["text"], marks, PLAN).heard
    assert fair.said[:, 3].sum() > plain.said[:, 3].sum()
    assert macro_f1_of(marks.marked, fair.said) > macro_f1_of(marks.marked, plain.said)


def test_embeddings_that_say_nothing_are_left_out() -> None:
    frame, _ = spoken(400, seed=1)
    marks = read_marks(frame["topic"], 400)
    noise = np.random.default_rng(0).normal(size=(400, 8)).astype(np.float32)
    learnt = learn_text(frame["text"], marks, PLAN, (noise, "v"))
    told = learnt.embeddings_tried
    assert told["embeddings"] < told["words"] - 0.2
    assert (learnt.kernel is None) == (told["both"] <= told["words"])
    assert learnt.kernel is None or learnt.blend.slopes[1] < 0.3 * learnt.blend.slopes[0]


def test_embeddings_that_know_better_are_kept() -> None:
    frame, _ = spoken(400, seed=1)
    marks = read_marks(frame["topic"], 400)
    draw = np.random.default_rng(0)
    knowing = (marks.marked @ draw.normal(size=(4, 8)) + 0.2 * draw.normal(size=(400, 8))).astype(np.float32)
    learnt = learn_text(frame["text"], marks, PLAN, (knowing, "v"))
    assert learnt.kernel is not None
    told = learnt.embeddings_tried
    assert told["both"] > 0.99 > told["words"] + 0.02
