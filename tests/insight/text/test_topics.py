"""Topics: known ones are found again, in both languages, with words and texts that show them."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from vostro.insight import rand_index
from vostro.insight.errors import ModelFileError
from vostro.insight.text import Topics, find_topics
from vostro.insight.text.errors import TextsKindError, TopicNumberError, TopicTextsError

THEMES = {
    "login": "login password code sms device fingerprint 登录 密码 验证码 短信 设备 指纹",
    "fee": "fee charge refund interest monthly annual 手续费 扣费 退款 利息 月费 年费",
    "crash": "crash freeze update version screen bug 闪退 卡死 更新 版本 黑屏 崩溃",
    "card": "card delivery activate lost stolen replacement 信用卡 寄送 激活 挂失 盗刷 补卡",
}


def _written(rows: int, seed: int) -> tuple[list[str], np.ndarray]:
    draw = np.random.default_rng(seed)
    place = draw.integers(0, 4, rows)
    chinese = draw.integers(0, 2, rows)
    texts = []
    for theme, half in zip(place, chinese, strict=True):
        words = list(THEMES.values())[theme].split(" ")[6 * half : 6 * half + 6]
        others = ["phone", "bank", "today", "手机", "银行", "今天"][3 * half : 3 * half + 3]
        texts.append(" ".join([*draw.choice(words, 4, replace=False), draw.choice(others)]))
    return texts, 2 * place + chinese


@pytest.fixture(scope="module")
def found() -> tuple[Topics, list[str], np.ndarray]:
    texts, place = _written(1200, seed=0)
    return find_topics(texts, 8), texts, place


def test_known_topics_are_found(found: tuple[Topics, list[str], np.ndarray]) -> None:
    topics, texts, place = found
    assert rand_index(topics.predict(texts).to_numpy(), place) > 0.95
    new, of_new = _written(300, seed=9)
    assert rand_index(topics.predict(new).to_numpy(), of_new) > 0.95


def test_names_are_words_of_one_theme(found: tuple[Topics, list[str], np.ndarray]) -> None:
    topics, texts, _ = found
    assert [each.number for each in topics.topics] == list(range(1, 9))
    assert sum(each.texts for each in topics.topics) == len(texts)
    assert [each.texts for each in topics.topics] == sorted((e.texts for e in topics.topics), reverse=True)
    for topic in topics.topics:
        homes = {
            name for name, words in THEMES.items() for word in topic.words[:5] if word in words.split(" ")
        }
        assert len(homes) == 1, topic.words
        assert topic.name.en == ", ".join(topic.words[:3])
        assert len(set(topic.examples)) == 3
        assert set(topics.predict(list(topic.examples))) == {topic.number}


def test_the_number_is_found_and_every_one_tried_is_told() -> None:
    texts, place = _written(1200, seed=0)
    topics = find_topics(texts)
    assert [each.k for each in topics.tried] == [4, 6, 9, 13, 19, 28, 40, 60]
    best = max(topics.tried, key=lambda each: each.coherence)
    chosen = next(each for each in topics.tried if each.k == len(topics.topics))
    assert best.coherence - best.coherence_se <= chosen.coherence <= best.coherence
    assert len(topics.topics) in (6, 9), "8 are there; 6 and 9 are the nearest that are tried"
    assert rand_index(topics.predict(texts).to_numpy(), place) > 0.6


def test_texts_without_words_have_no_topic(found: tuple[Topics, list[str], np.ndarray]) -> None:
    topics, texts, _ = found
    assert topics.predict(["", None, "12", "zzzz"]).to_list() == [0, 0, 0, 0]
    assert topics.predict([]).to_list() == []
    assert find_topics([*texts, None, "!!"], 8).texts_none == 2


def test_the_same_texts_give_the_same_topics(
    found: tuple[Topics, list[str], np.ndarray], tmp_path: Path
) -> None:
    topics, texts, _ = found
    assert find_topics(pl.Series(texts), 8).version == topics.version
    topics.save(tmp_path / "t.json")
    again = Topics.load(tmp_path / "t.json")
    assert again == topics
    assert again.predict(texts).equals(topics.predict(texts))
    (tmp_path / "t.json").write_bytes(b"{}")
    with pytest.raises(ModelFileError):
        Topics.load(tmp_path / "t.json")


def test_the_table_has_a_row_a_topic(found: tuple[Topics, list[str], np.ndarray]) -> None:
    table = found[0].table()
    assert table.height == 8
    assert table["share"].sum() == pytest.approx(1.0)


def test_what_cannot_be_found_is_refused() -> None:
    texts, _ = _written(120, seed=0)
    with pytest.raises(TopicTextsError):
        find_topics(texts[:40])
    with pytest.raises(TopicTextsError):
        find_topics([f"word{i}" for i in range(200)])
    for k in (1, 0, 13):
        with pytest.raises(TopicNumberError, match="2 to 12"):
            find_topics(texts, k)
    with pytest.raises(TextsKindError):
        find_topics("text")
