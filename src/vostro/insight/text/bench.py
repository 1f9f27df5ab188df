"""Bench of texts 文本基准: intents, complaints and comments, against the usual way of doing it.

Every model sees the same five folds, and chooses its settings inside the training part. What was decided
while this was written (kinds of n-grams, grids, kernel widths) was decided on a random half of each set;
``*_unseen`` are the figures on the other half of the test rows.
"""

from collections.abc import Callable
from pathlib import Path
from statistics import mean
from time import perf_counter, process_time
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.folds import stratified_folds
from vostro.insight.text.deciding import Aim, accuracy_of, macro_f1_of
from vostro.insight.text.embedding import Embedder
from vostro.insight.text.errors import TextBenchFileError
from vostro.insight.text.model import TextModel

__all__ = ["bench_comments_zh", "bench_complaints", "bench_intents"]

Integers = npt.NDArray[np.int64]
Say = Callable[[pl.Series, Integers, pl.Series], Integers]
Measure = Callable[[npt.NDArray[np.bool_], npt.NDArray[np.bool_]], float]

FOLDS = 5
T_95 = 2.776  # two-sided 95 % of Student's t with 4 degrees of freedom
DECIDED_ON = 20260  # seed of the half that choices were made on
TEXTS_EACH = 10  # a class with fewer texts cannot be told in five folds


class _Remembering(Embedder):
    """An embedder that embeds a text once, however many folds ask for it."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, npt.NDArray[np.float32]] = {}

    def embed(self, texts: pl.Series) -> npt.NDArray[np.float32]:
        plain = texts.fill_null("").to_list()
        new = sorted(set(plain) - self._known.keys())
        self._known |= dict(zip(new, super().embed(pl.Series(new, dtype=pl.String)), strict=True))
        return np.stack([self._known[each] for each in plain])


def bench_intents(data: Path, *, seed: int = 0, embeddings: bool = True) -> dict[str, Any]:
    """Measure the accuracy of 77 intents, fast and with embeddings.

    Args:
        data: folder with ``banking77_intents/train.csv.gz`` (Casanueva and others, 2020).
        seed: of folds and models.
        embeddings: False leaves the slower half out; no embedding model is then needed.

    Raises:
        TextBenchFileError: the file is not there.
        ExtraMissingError, EmbeddingModelAbsentError: the embeddings are not installed.
    """
    frame = pl.read_csv(_file(data, "banking77_intents", "train.csv.gz"))
    texts, place = frame["text"], _places(frame["category"])
    say = {"fast": _ours("accuracy"), "tfidf_logistic": _logistic(None)}
    if embeddings:
        say["embeddings"] = _ours("accuracy", _Remembering())
    found = _measured(texts, place, say, accuracy_of, seed)
    reached = {name: found[name]["mean"] for name in ("fast", "embeddings") if name in found}
    return {
        **found,
        "target": {"fast": 0.88, "embeddings": 0.92},
        "met": reached["fast"] >= 0.88 and reached.get("embeddings", 0.0) >= 0.92,
        "protocol": f"accuracy, {FOLDS}-fold stratified on {len(texts)} texts; settings chosen inside training",
    }


def bench_complaints(data: Path, *, seed: int = 0, embeddings: bool = False) -> dict[str, Any]:
    """Measure macro-F1 of the product of complaints, above TF-IDF with logistic regression.

    Products with fewer than 10 narratives (names given up in 2017) are left out.

    Args:
        data: folder with ``cfpb_complaints/complaints_2015_2020.csv.gz``.
        seed: of folds and models.
        embeddings: True measures the model with sentence embeddings beside (5 to 10 minutes).

    Raises:
        TextBenchFileError: the file is not there.
    """
    text, product = "Consumer complaint narrative", "Product"
    frame = pl.read_csv(_file(data, "cfpb_complaints", "complaints_2015_2020.csv.gz"))
    told = frame.filter(pl.col(text).is_not_null())
    kept = told.filter(pl.len().over(product) >= TEXTS_EACH)
    return _against_logistic(
        kept[text],
        _places(kept[product]),
        seed=seed,
        target=0.02,
        left_out=told.height - kept.height,
        embedder=_Remembering() if embeddings else None,
    )


def bench_comments_zh(data: Path, *, seed: int = 0) -> dict[str, Any]:
    """Measure macro-F1 of the feeling of Chinese comments, above TF-IDF with jieba and logistic regression.

    Args:
        data: folder with ``bank_comments_zh/bank_comments_labelled.csv.gz``.
        seed: of folds and models.

    Raises:
        TextBenchFileError: the file is not there.
    """
    import rjieba

    frame = pl.read_csv(_file(data, "bank_comments_zh", "bank_comments_labelled.csv.gz"))
    return _against_logistic(
        frame["text"], _places(frame["class"]), seed=seed, target=0.03, cut=rjieba.cut, left_out=0
    )


def _against_logistic(
    texts: pl.Series,
    place: Integers,
    *,
    seed: int,
    target: float,
    left_out: int,
    cut: Callable[[str], list[str]] | None = None,
    embedder: Embedder | None = None,
) -> dict[str, Any]:
    say = {
        "ours": _ours("macro_f1"),
        "tfidf_logistic": _logistic(cut),
        "tfidf_logistic_tuned": _tuned_logistic(cut, seed),
    }
    if embedder is not None:
        say["ours_embeddings"] = _ours("macro_f1", embedder)
    found = _measured(texts, place, say, macro_f1_of, seed)
    above = _difference(found["ours"]["folds"], found["tfidf_logistic"]["folds"])
    return {
        **found,
        "above_tfidf_logistic": above,
        "above_tfidf_logistic_tuned": _difference(
            found["ours"]["folds"], found["tfidf_logistic_tuned"]["folds"]
        ),
        "rows": len(texts),
        "rows_left_out": left_out,
        "target": target,
        "met": above["mean"] >= target,
        "protocol": f"macro-F1, {FOLDS}-fold stratified on {len(texts)} texts, the same folds for all; "
        "logistic regression with C 1, and with C and class weights chosen by inner folds",
    }


def _measured(
    texts: pl.Series, place: Integers, say: dict[str, Say], measure: Measure, seed: int
) -> dict[str, Any]:
    """Return what each model reaches in each fold, on all its rows and on those no choice was made on."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    began, began_cpu = perf_counter(), process_time()
    every = np.eye(int(place.max()) + 1, dtype=np.bool_)
    unseen = np.random.default_rng(DECIDED_ON).random(len(place)) >= 0.5
    folds = stratified_folds(place.astype(np.float64), FOLDS, seed)
    found: dict[str, Any] = {}
    for name, each in say.items():
        whole, part, cpu = [], [], process_time()
        for fold in folds:
            rows = np.setdiff1d(np.arange(len(place)), fold)
            with threadpool_limits(1):  # the same for all
                said = each(texts.gather(rows), place[rows], texts.gather(fold))
            whole.append(measure(every[place[fold]], every[said]))
            new = unseen[fold]
            part.append(measure(every[place[fold][new]], every[said[new]]))
        found[name] = {
            **_interval(whole),
            "folds": whole,
            "mean_unseen": mean(part),
            "cpu_seconds": process_time() - cpu,
        }
    return found | {"seconds": perf_counter() - began, "cpu_seconds": process_time() - began_cpu}


def _difference(ours: list[float], theirs: list[float]) -> dict[str, float]:
    """Return the mean difference over folds with a 95 % interval."""
    return _interval(np.subtract(ours, theirs).tolist())


def _interval(values: list[float]) -> dict[str, float]:
    """Return the mean over folds with a 95 % interval.

    The folds share training rows; the variance is corrected for it (Nadeau and Bengio, 2003).
    """
    half = T_95 * float(np.sqrt(np.var(values, ddof=1) * (1 / FOLDS + 1 / (FOLDS - 1))))
    return {"mean": mean(values), "low": mean(values) - half, "high": mean(values) + half}


def _ours(aim: Aim, embedder: Embedder | None = None) -> Say:
    def say(texts: pl.Series, place: Integers, new: pl.Series) -> Integers:
        model = TextModel(aim=aim, embeddings=embedder or False).fit(texts, place)
        return model.predict(new).to_numpy()

    return say


def _logistic(cut: Callable[[str], list[str]] | None) -> Say:
    def say(texts: pl.Series, place: Integers, new: pl.Series) -> Integers:
        from sklearn.linear_model import LogisticRegression

        return np.asarray(
            _pipeline(cut, LogisticRegression(max_iter=1000))
            .fit(texts.to_list(), place)
            .predict(new.to_list())
        )

    return say


def _tuned_logistic(cut: Callable[[str], list[str]] | None, seed: int) -> Say:
    """Return logistic regression whose C and class weights are chosen by inner folds for macro-F1."""

    def say(texts: pl.Series, place: Integers, new: pl.Series) -> Integers:
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GridSearchCV, StratifiedKFold

        grid = {"model__C": [1, 10, 100], "model__class_weight": [None, "balanced"]}
        search = GridSearchCV(
            _pipeline(cut, LogisticRegression(max_iter=1000)),
            grid,
            scoring="f1_macro",
            cv=StratifiedKFold(3, shuffle=True, random_state=seed),
        )
        return np.asarray(search.fit(texts.to_list(), place).predict(new.to_list()))

    return say


def _pipeline(cut: Callable[[str], list[str]] | None, model: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import Pipeline

    words = TfidfVectorizer() if cut is None else TfidfVectorizer(tokenizer=cut, token_pattern=None)
    return Pipeline([("words", words), ("model", model)])


def _places(values: pl.Series) -> Integers:
    return (values.rank("dense").to_numpy() - 1).astype(np.int64)


def _file(data: Path, name: str, file: str) -> Path:
    for folder in (data / name, data):
        if (folder / file).is_file():
            return folder / file
    raise TextBenchFileError(file=file, folder=str(data), set=name)
