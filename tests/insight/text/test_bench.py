"""Bench: the promised figures on the real comments, and what stands in a row."""

import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from threadpoolctl import threadpool_limits

from vostro.insight.text import TextModel
from vostro.insight.text.bench import (
    _difference,
    _logistic,
    bench_comments_zh,
    bench_complaints,
    bench_intents,
)
from vostro.insight.text.deciding import macro_f1_of
from vostro.insight.text.errors import TextBenchFileError

from .conftest import spoken


def _write(folder: Path, name: str, frame: pl.DataFrame) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(gzip.compress(frame.write_csv().encode()))


def test_a_row_of_complaints(tmp_path: Path) -> None:
    frame, _ = spoken(300, seed=1)
    frame = frame.rename({"text": "Consumer complaint narrative", "topic": "Product"})
    rare = pl.DataFrame({"Consumer complaint narrative": ["old name"], "Product": ["Payday loan"]})
    none = pl.DataFrame({"Consumer complaint narrative": [None], "Product": ["loan"]})
    _write(tmp_path, "cfpb_complaints/complaints_2015_2020.csv.gz", pl.concat([frame, rare, none]))
    found = bench_complaints(tmp_path)
    assert (found["rows"], found["rows_left_out"]) == (300, 1)
    assert found["met"] == (found["above_tfidf_logistic"]["mean"] >= 0.02)
    assert len(found["ours"]["folds"]) == 5
    assert found["ours"]["mean"] == pytest.approx(np.mean(found["ours"]["folds"]))
    above = found["above_tfidf_logistic"]
    assert above["low"] < above["mean"] < above["high"]


def test_a_row_of_intents_without_embeddings(tmp_path: Path) -> None:
    frame, truth = spoken(600, seed=1, words=12)
    _write(tmp_path, "train.csv.gz", frame.rename({"topic": "category"}))
    found = bench_intents(tmp_path, embeddings=False)
    assert found["fast"]["mean"] == pytest.approx(truth.max(axis=1).mean(), abs=0.05)
    assert found["met"] is False, "without embeddings one of two targets was not measured"


def test_equal_folds_have_no_difference() -> None:
    assert _difference([0.5, 0.6, 0.7, 0.5, 0.6], [0.4, 0.5, 0.6, 0.4, 0.5]) == pytest.approx(
        {"mean": 0.1, "low": 0.1, "high": 0.1}
    )
    # by hand: differences 0, 0, 0, 0, 1 have mean 0.2 and variance 0.2; 2.776 * sqrt(0.2 * 0.45) = 0.8328
    found = _difference([1, 1, 1, 1, 2], [1, 1, 1, 1, 1])
    assert found == pytest.approx({"mean": 0.2, "low": -0.6328, "high": 1.0328}, abs=1e-4)


@pytest.mark.parametrize("bench", [bench_intents, bench_complaints, bench_comments_zh])
def test_a_file_that_is_absent_is_named(bench: object, tmp_path: Path) -> None:
    with pytest.raises(TextBenchFileError, match=r"csv\.gz"):
        bench(tmp_path)  # type: ignore[operator]


def test_real_comments_are_told_better_than_by_logistic_regression(data_dir: Path) -> None:
    import rjieba

    path = data_dir / "bank_comments_zh" / "bank_comments_labelled.csv.gz"
    if not path.is_file():
        pytest.skip(f"{path} is absent: set VOSTRO_DATA")
    frame = pl.read_csv(path)
    held = np.random.default_rng(0).random(frame.height) < 0.25
    train, test = frame.filter(~pl.Series(held)), frame.filter(pl.Series(held))
    every = np.eye(3, dtype=bool)
    place = train["class"].to_numpy()
    ours = TextModel(aim="macro_f1").fit(train["text"], train["class"]).predict(test["text"]).to_numpy()
    with threadpool_limits(1):
        plain = _logistic(rjieba.cut)(train["text"], place, test["text"])
    true = every[test["class"].to_numpy()]
    assert macro_f1_of(true, every[ours]) >= macro_f1_of(true, every[plain]) + 0.03
