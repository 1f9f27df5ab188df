"""Sentiment: one number from angry to content."""

from pathlib import Path

import numpy as np
import pytest

from vostro.insight.errors import NotFittedError
from vostro.insight.text import SentimentModel
from vostro.insight.text.errors import UnknownClassError

GOOD = ["很好用", "great service", "效率高 开心", "love it", "客服不错"]
BAD = ["太坑了", "terrible app", "垃圾 闪退", "hate the fee", "恶心 降额"]
PLAIN = ["请问额度多少", "where is the branch", "怎么申请", "what is the rate", "分期几期"]
TEXTS = [f"{text} {i}号" for i in range(12) for text in GOOD + BAD + PLAIN]
FEELINGS = (["positive"] * 5 + ["negative"] * 5 + ["neutral"] * 5) * 12


@pytest.fixture(scope="module")
def model() -> SentimentModel:
    return SentimentModel().fit(TEXTS, FEELINGS)


def test_the_score_orders_feelings(model: SentimentModel) -> None:
    good, plain, bad = model.score(["很好用 开心", "请问怎么申请", "垃圾 太坑了"])
    assert 1 > good > 0.5 > plain > -0.5 > bad > -1
    assert model.score(["great love", "terrible hate"]) == pytest.approx([0.9, -0.9], abs=0.3)
    assert model.score(["", None]) == pytest.approx([0.0, 0.0], abs=0.01), "as many good as bad in training"


def test_it_is_a_text_model_besides(model: SentimentModel, tmp_path: Path) -> None:
    assert model.classes == ("negative", "neutral", "positive")
    assert model.predict(["太坑了", "love it"]).to_list() == ["negative", "positive"]
    assert model.reasons(["太坑了 5号"])[0][0].word in ("太", "坑", "太坑", "了")
    assert model.card().aim == "macro_f1"
    model.save(tmp_path / "s.json")
    again = SentimentModel.load(tmp_path / "s.json")
    assert again.version == model.version == model.card().version
    assert np.array_equal(again.score(TEXTS), model.score(TEXTS))


def test_classes_have_their_own_names() -> None:
    numbers = [{"positive": 1, "negative": 0, "neutral": 2}[each] for each in FEELINGS]
    model = SentimentModel(positive=1, negative=0).fit(TEXTS, numbers)
    assert model.score(["很好用 开心"])[0] > 0.5
    with pytest.raises(UnknownClassError):
        SentimentModel().fit(TEXTS, numbers)


def test_nothing_is_said_before_training() -> None:
    with pytest.raises(NotFittedError):
        SentimentModel().score(["x"])
    with pytest.raises(UnknownClassError):
        unlucky = SentimentModel(positive="happy")
        unlucky.fit(TEXTS, FEELINGS)
