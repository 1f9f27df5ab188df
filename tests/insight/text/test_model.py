"""The text model on texts whose class is known exactly, and on texts as bad as they come."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.insight.errors import ModelFileError, NotFittedError
from vostro.insight.text import TextModel
from vostro.insight.text.card import sureness_error
from vostro.insight.text.errors import EmbeddingModelError, TextsKindError, UnknownClassError
from vostro.words import VostroError

from .conftest import CLASSES, SHARES, spoken


def _both(rows: int, seed: int) -> tuple[pl.DataFrame, np.ndarray]:
    """Texts of either language, one after the other."""
    (en, of_en), (zh, of_zh) = spoken(rows, seed), spoken(rows, seed + 100, "zh")
    return pl.concat([en, zh]), np.vstack([of_en, of_zh])


@pytest.fixture(scope="module")
def model() -> TextModel:
    frame, _ = _both(2000, seed=1)
    return TextModel().fit(frame["text"], frame["topic"])


@pytest.fixture(scope="module")
def new() -> tuple[pl.DataFrame, np.ndarray]:
    return _both(2000, seed=2)


def _columns(model: TextModel) -> list[int]:
    return [CLASSES.index(str(each)) for each in model.classes]


def test_it_is_nearly_as_good_as_the_truth(model: TextModel, new: tuple[pl.DataFrame, np.ndarray]) -> None:
    frame, truth = new
    best = np.array(CLASSES)[truth.argmax(axis=1)]
    topic = frame["topic"].to_numpy()
    said = model.predict(frame["text"]).to_numpy()
    for half in (slice(0, 2000), slice(2000, 4000)):  # English, Chinese
        ours, theirs = (said == topic)[half].mean(), (best == topic)[half].mean()
        assert theirs - 0.03 < ours < theirs + 0.01, "nobody can beat the truth"


def test_probabilities_come_true(model: TextModel, new: tuple[pl.DataFrame, np.ndarray]) -> None:
    frame, truth = new
    said = model.probabilities(frame.select("text"))
    assert said.sum(axis=1) == pytest.approx(1.0)
    marked = np.stack([(frame["topic"] == each).to_numpy() for each in model.classes], axis=1)
    assert sureness_error(said, marked, several=False) < 0.03
    assert np.abs(said - truth[:, _columns(model)]).mean() < 0.04


def test_the_card_says_what_new_texts_confirm(model: TextModel, new: tuple[pl.DataFrame, np.ndarray]) -> None:
    frame, card = new[0], model.card()
    right = (model.predict(frame["text"]) == frame["topic"]).mean()
    assert card.accuracy == pytest.approx(right, abs=0.02)
    assert card.calibration_error < 0.03
    assert card.accuracy_commonest == pytest.approx(0.5, abs=0.03)
    assert card.texts_language == {"en": 2000, "zh": 2000}
    assert card.texts == sum(line.texts for line in card.classes) == 4000
    assert card.version == model.version
    assert card.macro_f1 == pytest.approx(np.mean([line.f1 for line in card.classes]))


def test_top_words_are_those_that_the_class_prefers(model: TextModel) -> None:
    from .conftest import WORDS

    shares = np.random.default_rng(7).dirichlet(np.full(16, 0.5), size=4)
    preferred = WORDS["en"][int((shares[0] / shares.mean(axis=0) * shares[0]).argmax())]
    assert preferred in model.top_words("account", 5)
    assert len(model.top_words("loan", 3)) == 3
    with pytest.raises(UnknownClassError, match="nearest: account"):
        model.top_words("acount")


def test_reasons_are_words_of_the_text(model: TextModel, new: tuple[pl.DataFrame, np.ndarray]) -> None:
    texts = new[0]["text"].gather_every(400)
    for text, reasons in zip(texts, model.reasons(texts, k=2), strict=True):
        assert 1 <= len(reasons) <= 2
        assert all(each.word in text and each.effect_logodds > 0 for each in reasons)
        assert [each.effect_logodds for each in reasons] == sorted(
            (each.effect_logodds for each in reasons), reverse=True
        )
        assert reasons[0].say.en.startswith(f"'{reasons[0].word}' speaks for '")
    assert model.reasons(["zzzz", "", None]) == [[], [], []]


def test_effects_explain_the_odds(model: TextModel) -> None:
    texts, of = ["card fee loan", "card fee"], np.array([0, 0])
    effects = model.word_effects(texts, of=of)
    assert effects.columns == ["row", "word", "effect_logodds"]
    assert effects.filter(pl.col("row") == 0)["word"].to_list() == ["card", "fee", "loan"]


def test_without_a_known_word_the_shares_are_said(model: TextModel) -> None:
    said = model.probabilities(["", None, "?!", "ξένος", "   "])
    shares = np.array([line.texts for line in model.card().classes]) / 4000
    assert said == pytest.approx(np.tile(shares, (5, 1)))
    assert shares == pytest.approx(SHARES[_columns(model)], abs=0.03)
    assert model.predict([None]).to_list() == ["account"]


@settings(deadline=None, max_examples=40)
@given(texts=st.lists(st.one_of(st.none(), st.text(max_size=40)), max_size=5))
def test_any_text_is_told(model: TextModel, texts: list[str | None]) -> None:
    said = model.probabilities(texts)
    assert said.shape == (len(texts), 4)
    assert ((said > 0) & (said < 1)).all()
    assert model.predict(texts).is_in(list(CLASSES)).all()
    assert len(model.reasons(texts)) == len(texts)


def test_a_text_is_told_alone_as_among_others(model: TextModel, new: tuple[pl.DataFrame, np.ndarray]) -> None:
    texts = new[0]["text"][1990:2010]
    said = model.probabilities(texts)
    assert np.array_equal(model.probabilities(texts.reverse())[::-1], said)
    for row in (0, 7, 19):
        assert np.array_equal(model.probabilities(texts[row : row + 1])[0], said[row])


def test_the_same_texts_give_the_same_model_and_file(tmp_path: Path) -> None:
    frame, _ = spoken(300, seed=4)
    one, same = (TextModel().fit(frame["text"], frame["topic"]) for _ in range(2))
    assert one.version == same.version
    one.save(tmp_path / "one.json")
    loaded = TextModel.load(tmp_path / "one.json")
    assert loaded.version == one.version
    assert np.array_equal(loaded.probabilities(frame["text"]), one.probabilities(frame["text"]))
    assert loaded.reasons(frame["text"][:3]) == one.reasons(frame["text"][:3])
    loaded.save(tmp_path / "two.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body[: len(body) // 2],
        lambda body: body.replace(b'"threshold":null', b'"threshold":0.5', 1),
        lambda body: b"{}",
    ],
    ids=["half", "changed", "another"],
)
def test_a_spoilt_file_is_refused(spoil: Any, tmp_path: Path) -> None:
    frame, _ = spoken(100, seed=4)
    path = tmp_path / "model.json"
    TextModel().fit(frame["text"], frame["topic"]).save(path)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(ModelFileError):
        TextModel.load(path)


def test_several_classes_a_text() -> None:
    (one, truth), (other, of_other) = spoken(3000, seed=5), spoken(3000, seed=6)
    joined = pl.DataFrame({"text": one["text"] + " " + other["text"], "a": one["topic"], "b": other["topic"]})
    targets = joined.select(pl.concat_list("a", "b").list.unique().list.set_difference(["other"]))["a"]
    model = TextModel().fit(joined["text"][:2000], targets[:2000])
    assert model.classes == ("account", "app", "loan")
    said = model.probabilities(joined["text"][2000:])
    either = 1 - (1 - truth[2000:]) * (1 - of_other[2000:])  # one of the halves is of the class
    assert np.abs(said - either[:, _columns(model)]).mean() < 0.12
    marked = np.stack([targets[2000:].list.contains(each).to_numpy() for each in model.classes], axis=1)
    assert sureness_error(said, marked, several=True) < 0.04
    predicted = model.predict(joined["text"][2000:])
    assert predicted.dtype == pl.List(pl.String)
    exact = (predicted.list.sort().list.join(",") == targets[2000:].list.sort().list.join(",")).mean()
    assert exact == pytest.approx(model.card().accuracy, abs=0.04)
    assert exact > model.card().accuracy_commonest + 0.15
    assert model.predict([""]).list.len().to_list() == [int((model.probabilities([""]) >= 0.5).sum())]


@pytest.mark.parametrize(
    ("targets", "dtype"), [([1, 2], pl.Int64), ([True, False], pl.Boolean), (["x", "y"], pl.String)]
)
def test_classes_come_back_in_their_own_type(targets: list[Any], dtype: pl.DataType) -> None:
    texts = [f"{word} number{i}" for i in range(30) for word in ("fee", "app")]
    said = TextModel().fit(texts, targets * 30).predict(["fee", "app"])
    assert said.dtype == dtype
    assert said.to_list() == targets


def test_a_class_of_one_text_does_no_harm() -> None:
    frame, _ = spoken(200, seed=7)
    targets = ["unique", *frame["topic"][1:].to_list()]
    model = TextModel(aim="macro_f1").fit(frame["text"], targets)
    lonely = model.card().classes[model.classes.index("unique")]
    assert (lonely.texts, lonely.recall) == (1, 0.0)
    assert np.isfinite(model.probabilities(frame["text"])).all()


@pytest.mark.parametrize(
    ("texts", "targets"),
    [
        ("text", ["a"]),
        (["x"] * 30, ["a", "b"] * 15),
        ([f"t{i}" for i in range(30)], ["a"] * 30),
        ([f"t{i}" for i in range(30)], ["a", "b"]),
        ([f"t{i}" for i in range(30)], [None] + ["a"] * 29),
        (list(range(30)), ["a", "b"] * 15),
        (pl.DataFrame({"a": ["x"], "b": ["y"]}), ["a"]),
    ],
)
def test_bad_training_is_refused_in_words(texts: Any, targets: Any) -> None:
    with pytest.raises(VostroError) as found:
        TextModel().fit(texts, targets)
    assert found.value.say("en")
    assert found.value.say("zh")


@pytest.mark.parametrize("act", ["predict", "probabilities", "reasons"])
def test_nothing_is_said_before_training(act: str) -> None:
    with pytest.raises(NotFittedError):
        getattr(TextModel(), act)(["text"])
    with pytest.raises(NotFittedError):
        _ = TextModel().version


def test_a_single_text_is_no_column(model: TextModel) -> None:
    with pytest.raises(TextsKindError):
        model.predict("one text")


class _Meaning:
    """An embedder that knows one thing: whether a text speaks of money, whatever the word."""

    def __init__(self, version: str = "v1") -> None:
        self.version, self.path = version, Path("meaning")

    def embed(self, texts: pl.Series) -> np.ndarray:
        money = texts.fill_null("").str.contains("fee|price|cost|charge").to_numpy()
        return np.stack([money, ~money, np.ones(len(texts))], axis=1).astype(np.float32)


def test_embeddings_carry_over_to_words_never_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from vostro.insight.text import model as module

    monkeypatch.setattr(module, "Embedder", _Meaning)
    words = ["fee", "price", "cost", "login", "crash", "queue", "door", "staff"]
    texts = [f"{words[i % 8]} w{i} x{i}" for i in range(160)]
    targets = ["money" if i % 8 < 3 else "other" for i in range(160)]
    model = TextModel(embeddings=True).fit(texts, targets)
    told = model.card().embeddings
    assert set(told) == {"words", "embeddings", "both"}
    assert told["embeddings"] == 1.0
    if model.card().embeddings_used:
        model.save(tmp_path / "model.json")
        again = TextModel.load(tmp_path / "model.json")
        assert np.array_equal(again.probabilities(texts), model.probabilities(texts))
        monkeypatch.setattr(module, "Embedder", lambda _: _Meaning("v2"))
        with pytest.raises(EmbeddingModelError):
            TextModel.load(tmp_path / "model.json").predict(texts)


def test_log_loss_of_the_card_is_that_of_new_texts(
    model: TextModel, new: tuple[pl.DataFrame, np.ndarray]
) -> None:
    frame, _ = new
    said = model.probabilities(frame["text"])
    place = [model.classes.index(each) for each in frame["topic"]]
    loss = -np.log(said[np.arange(len(place)), place]).mean()
    assert model.card().log_loss == pytest.approx(loss, abs=0.05)
    assert loss < -sum(share * math.log(share) for share in SHARES)
