"""How well and how fast are records linked 关联基准: three public sets with their truth, one door, no settings.

The truth is read after the answer, and only to count.
"""

import time
from pathlib import Path
from typing import Any

import polars as pl

from vostro.engine import memory_peak_mb
from vostro.portrait.identity.linking import link

__all__ = ["SETS", "bench_link", "pairwise", "read_set"]

_FOLDER = "record_linkage"
SETS = ("febrl3", "fake_1000", "historical_50k")


def bench_link(data: Path, sets: tuple[str, ...] = SETS) -> dict[str, Any]:
    """Link each set by the default door, and compare with the truth.

    Args:
        data: the folder that holds ``record_linkage``.
        sets: which ones.

    Returns:
        For each set ``f1``, ``precision`` and ``recall`` over all true pairs (those that were never candidates
        included), ``seconds``, ``cpu_seconds``, ``memory_mb`` (peak of the process so far), ``records`` and ``people``.
    """
    found: dict[str, Any] = {}
    for name in sets:
        records, id, truth = read_set(data, name)
        wall, cpu = time.perf_counter(), time.process_time()
        links = link(records, id=id)
        seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
        precision, recall = pairwise(links.people["person"], truth)
        found[name] = {
            "f1": round(2 * precision * recall / max(precision + recall, 1e-12), 4),
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "seconds": round(seconds, 1),
            "cpu_seconds": round(cpu_seconds, 1),
            "memory_mb": round(memory_peak_mb()),
            "records": records.height,
            "people": links.people["person"].n_unique(),
        }
    return found


def read_set(data: Path, name: str) -> tuple[pl.DataFrame, str, pl.Series]:
    """Return the records of a set without its truth, the column of identifiers, and the truth by itself."""
    folder = data / _FOLDER
    if name == "fake_1000":
        frame = pl.read_csv(folder / "fake_1000.csv.gz", infer_schema=False)
        return frame.drop("cluster"), "unique_id", frame["cluster"]
    if name == "febrl3":
        frame = pl.read_csv(folder / "febrl_dataset3.csv.gz", infer_schema=False)
        frame = frame.rename({column: column.strip() for column in frame.columns})
        return frame, "rec_id", frame["rec_id"].str.extract(r"rec-(\d+)-")
    frame = pl.read_parquet(folder / "historical_50k.parquet")
    return frame.drop("cluster"), "unique_id", frame["cluster"]


def pairwise(people: pl.Series, truth: pl.Series) -> tuple[float, float]:
    """Return precision and recall over pairs of records of one person.

    Args:
        people: which person we say, shape (n_records,).
        truth: which person it is, shape (n_records,).

    >>> pairwise(pl.Series(["a", "a", "b"]), pl.Series([1, 1, 1]))
    (1.0, 0.333...)
    """
    both = pl.DataFrame({"said": people, "true": truth})
    said, true, right = (_pairs(both, each) for each in (["said"], ["true"], ["said", "true"]))
    return right / max(said, 1), right / max(true, 1)


def _pairs(frame: pl.DataFrame, columns: list[str]) -> int:
    size = frame.group_by(columns).len()["len"].cast(pl.Int64)
    return int((size * (size - 1) // 2).sum())
