"""Topics 主题发现: what do many texts talk about, when nobody has labelled them?

Texts become weighed words, a few dozen directions of meaning (latent semantic analysis, or sentence
embeddings), and groups of near texts (k-means). A topic is named by the words that set it apart and shown
by the texts nearest to its centre. The number of topics is the smallest whose coherence (do the words of a
topic meet in the same texts?) lies within one standard error of the best: fewer topics say as much.

Source: Deerwester and others (1990), "Indexing by Latent Semantic Analysis"; see ``topic_words``.
"""

from pathlib import Path
from typing import Any, Literal, Self

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from vostro.insight.files import read_state, state_digest, write_state
from vostro.insight.text.embedding import Embedder
from vostro.insight.text.errors import TopicNumberError, TopicTextsError
from vostro.insight.text.pieces import clean
from vostro.insight.text.reading import as_texts
from vostro.insight.text.topic_words import (
    coherence,
    count_words,
    distinct_words,
    diversity,
    known_words,
    word_frame,
)
from vostro.words import Text

__all__ = ["Topic", "Topics", "TopicsTried", "find_topics"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

TEXTS_LEAST = 50
TEXTS_EACH = 10
NUMBERS = (4, 6, 9, 13, 19, 28, 40, 60)
DIRECTIONS = 60
LEARN_TEXTS = 20_000  # that topics are learnt from; all are counted
WORDS, NAME_WORDS = 10, 3
STARTS = 3


class TopicsTried(msgspec.Struct, frozen=True):
    """A number of topics and what spoke for it."""

    k: int
    coherence: float  # -1 to 1; mean over topics; do the words of a topic meet in the same texts
    coherence_se: float  # one standard error, over topics
    diversity: float  # 0 to 1; share of different words


class Topic(msgspec.Struct, frozen=True):
    """One topic."""

    number: int  # from 1, the largest
    name: Text  # its three strongest words
    words: tuple[str, ...]  # that set it apart, strongest first
    texts: int  # count
    share: float  # of the texts with any known word
    examples: tuple[str, ...]  # different texts nearest to its centre


class Topics(msgspec.Struct, frozen=True):
    """Topics of texts, and what finds them in new ones."""

    topics: tuple[Topic, ...]
    tried: tuple[TopicsTried, ...]
    texts_none: int  # count of texts without any known word; their topic is 0
    seed: int
    words: tuple[str, ...]
    rarity: tuple[float, ...]
    directions: bytes  # float32, shape (words, directions); empty with embeddings
    centres: bytes  # float32, shape (topics, directions)
    embedder: str  # version of the embedding model; empty: not used

    def predict(self, texts: Any) -> pl.Series:
        """Return the number of each text's topic, shape (n,), from 1; 0 without any known word.

        Raises:
            TextsKindError: no column of texts.
        """
        given = as_texts(texts)
        counts = _counts(clean(given), self.words)
        places = self._places(given, counts)
        centres = np.frombuffer(self.centres, dtype="<f4").reshape(len(self.topics), -1)
        nearest = _nearest(places, centres.astype(np.float64)) + 1
        return pl.Series("topic", np.where(counts.getnnz(axis=1) > 0, nearest, 0))

    def save(self, path: Path) -> None:
        """Write the topics as one JSON file, whole or not at all."""
        write_state(path, self, self.version)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read topics that ``save`` wrote.

        Raises:
            ModelFileError: the file is absent, damaged, changed or of another version.
        """
        return read_state(path, cls)

    @property
    def version(self) -> str:
        """Digest of all that the topics are, 64 hexadecimal digits."""
        return state_digest(self)

    def table(self) -> pl.DataFrame:
        """Return one row a topic: number, name_en, name_zh, texts, share, words, example."""
        return pl.DataFrame(
            {
                "number": [each.number for each in self.topics],
                "name_en": [each.name.en for each in self.topics],
                "name_zh": [each.name.zh for each in self.topics],
                "texts": [each.texts for each in self.topics],
                "share": [each.share for each in self.topics],
                "words": [list(each.words) for each in self.topics],
                "example": [each.examples[0] if each.examples else None for each in self.topics],
            }
        )

    def _places(self, texts: pl.Series, counts: sparse.csr_matrix) -> Floats:
        if self.embedder:
            return _embedded(texts, None)[0]
        directions = np.frombuffer(self.directions, dtype="<f4").reshape(len(self.words), -1)
        return _unit(_weighed(counts, np.asarray(self.rarity)) @ directions.astype(np.float64))


def find_topics(
    texts: Any,
    k: int | Literal["auto"] = "auto",
    *,
    seed: int = 0,
    examples: int = 3,
    embeddings: bool | Path = False,
) -> Topics:
    """Find what texts talk about.

    Args:
        texts: shape (n,): a list, array, series, or frame of one column; null is an empty text.
        k: how many topics, or "auto".
        seed: the same seed, texts and libraries give the same topics.
        examples: count of texts shown for each topic.
        embeddings: True, or a path, groups by sentence embeddings (English; see ``Embedder``).

    Raises:
        TextsKindError, TopicTextsError, TopicNumberError: they cannot be found.
        ExtraMissingError, EmbeddingModelAbsentError, EmbeddingModelError: the embeddings that were asked for.
    """
    given = as_texts(texts)
    frame = word_frame(clean(given))
    words = known_words(frame, len(given))
    counts = count_words(frame, words, len(given))
    some = np.flatnonzero(counts.getnnz(axis=1) > 0)
    _check(k, len(some))
    path = embeddings if isinstance(embeddings, Path) else None
    rarity, directions, places, embedder = _space(
        given, counts, some, seed, embed=bool(embeddings), path=path
    )
    learn = _drawn(some, seed)
    centres, tried = _learn(places[learn], counts[learn], k, seed)
    group = _nearest(places[some], centres)
    order = np.argsort(-np.bincount(group, minlength=len(centres)), kind="stable")
    centres, group = centres[order], np.argsort(order)[group]
    best = words.gather(distinct_words(counts[some], group, len(centres), WORDS).ravel()).to_list()
    shown = _examples(given.gather(some), places[some], group, centres, examples)
    return Topics(
        topics=_topics(group, best, shown),
        tried=tuple(tried),
        texts_none=len(given) - len(some),
        seed=seed,
        words=tuple(words.to_list()),
        rarity=tuple(rarity.tolist()),
        directions=directions.astype("<f4").tobytes(),
        centres=centres.astype("<f4").tobytes(),
        embedder=embedder,
    )


def _check(k: int | Literal["auto"], rows: int) -> None:
    if rows < TEXTS_LEAST:
        raise TopicTextsError(rows=rows, least=TEXTS_LEAST)
    most = rows // TEXTS_EACH
    if k != "auto" and not 2 <= k <= most:
        raise TopicNumberError(k=k, rows=rows, most=most)


def _counts(texts: pl.Series, words: tuple[str, ...]) -> sparse.csr_matrix:
    return count_words(word_frame(texts), pl.Series(list(words), dtype=pl.String), len(texts))


def _space(
    texts: pl.Series, counts: sparse.csr_matrix, some: Integers, seed: int, *, embed: bool, path: Path | None
) -> tuple[Floats, Floats, Floats, str]:
    """Return rarity of words, directions of meaning, the place of each text, and the embedder's version."""
    held = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log((1 + counts.shape[0]) / (1 + held)) + 1
    if embed:
        places, version = _embedded(texts, path)
        return rarity, np.zeros((0, 0)), places, version
    directions = _directions(_weighed(counts[_drawn(some, seed)], rarity), seed)
    return rarity, directions, _unit(_weighed(counts, rarity) @ directions), ""


def _drawn(some: Integers, seed: int) -> Integers:
    """Return the texts that are learnt from, in their order."""
    if len(some) <= LEARN_TEXTS:
        return some
    return np.sort(np.random.default_rng(seed).choice(some, LEARN_TEXTS, replace=False))


def _weighed(counts: sparse.csr_matrix, rarity: Floats) -> sparse.csr_matrix:
    """Return counts weighed by rarity, rows of length 1."""
    values = (1 + np.log(counts.data)) * rarity[counts.indices]
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    length = np.sqrt(np.bincount(row, values**2, minlength=counts.shape[0]))
    return sparse.csr_matrix((values / length[row], counts.indices, counts.indptr), shape=counts.shape)


def _directions(rows: sparse.csr_matrix, seed: int) -> Floats:
    """Return the strongest directions of meaning, shape (words, directions)."""
    from sklearn.utils.extmath import randomized_svd
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    size = min(DIRECTIONS, min(rows.shape) - 1)
    with threadpool_limits(1):  # so that sums have one order
        _, _, turned = randomized_svd(rows, size, random_state=seed)
    return np.asarray(turned.T.astype(np.float32), dtype=np.float64)


def _embedded(texts: pl.Series, path: Path | None) -> tuple[Floats, str]:
    embedder = Embedder(path)
    return embedder.embed(texts).astype(np.float64), embedder.version


def _unit(places: Floats) -> Floats:
    length = np.linalg.norm(places, axis=1, keepdims=True)
    return np.asarray(np.divide(places, length, out=np.zeros_like(places), where=length > 0))


def _learn(
    places: Floats, counts: sparse.csr_matrix, k: int | Literal["auto"], seed: int
) -> tuple[Floats, list[TopicsTried]]:
    """Return centres of the best number of topics, shape (k, directions), and what was tried."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    numbers = [each for each in NUMBERS if each * TEXTS_EACH <= len(places)] if k == "auto" else [k]
    tried, centres = [], {}
    for number in numbers:
        with threadpool_limits(1):
            found = KMeans(number, n_init=STARTS, random_state=seed).fit(places)
        centres[number] = _unit(found.cluster_centers_.astype(np.float32).astype(np.float64))
        words = distinct_words(counts, _nearest(places, centres[number]), number, WORDS)
        each = coherence(counts, words)
        error = float(each.std(ddof=1) / np.sqrt(number))
        tried.append(TopicsTried(number, float(each.mean()), error, diversity(words)))
    return centres[_best(tried)], tried


def _best(tried: list[TopicsTried]) -> int:
    """Return the smallest number whose coherence is within one standard error of the best."""
    best = max(tried, key=lambda each: each.coherence)
    return min(each.k for each in tried if each.coherence >= best.coherence - best.coherence_se)


def _nearest(places: Floats, centres: Floats) -> Integers:
    """Return the place of the centre with the largest cosine, shape (n,); of two equal ones the first."""
    return np.asarray((places @ centres.T).argmax(axis=1), dtype=np.int64)


def _examples(
    texts: pl.Series, places: Floats, group: Integers, centres: Floats, k: int
) -> dict[int, list[str]]:
    """Return for each topic the different texts nearest to its centre."""
    near = (places * centres[group]).sum(axis=1)
    frame = pl.DataFrame({"topic": group, "near": near, "text": texts})
    frame = frame.group_by("topic", "text").agg(pl.col("near").max())
    ranked = frame.sort(["topic", "near", "text"], descending=[False, True, False])
    return dict(ranked.group_by("topic", maintain_order=True).agg(pl.col("text").head(k)).iter_rows())


def _topics(group: Integers, words: list[str], shown: dict[int, list[str]]) -> tuple[Topic, ...]:
    """Return topics from the group of each text, ten words a topic, and examples."""
    sizes = np.bincount(group, minlength=len(words) // WORDS)
    found = []
    for i, size in enumerate(sizes.tolist()):
        own = tuple(words[i * WORDS : (i + 1) * WORDS])
        name = Text(en=", ".join(own[:NAME_WORDS]), zh="、".join(own[:NAME_WORDS]))
        found.append(Topic(i + 1, name, own, size, size / len(group), tuple(shown.get(i, ()))))
    return tuple(found)
