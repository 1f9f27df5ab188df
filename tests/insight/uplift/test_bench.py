"""The bench on the e-mail experiment: the same halves for all, and a file that is absent is told."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from vostro.insight.uplift.bench import _columns, _numbers, _summary, read_hillstrom
from vostro.words import VostroError


def test_an_absent_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(VostroError) as caught:
        read_hillstrom(tmp_path)
    assert caught.value.code == "insight.bench_file"


def test_the_real_file_has_the_published_rates(hillstrom: pl.DataFrame, data_dir: Path) -> None:
    frame = read_hillstrom(data_dir)
    assert frame.equals(hillstrom)
    rates = dict(frame.group_by("segment").agg(pl.col("visit").mean()).iter_rows())
    assert rates["Mens E-Mail"] == pytest.approx(0.1828, abs=5e-5)
    assert rates["Womens E-Mail"] == pytest.approx(0.1514, abs=5e-5)
    assert rates["No E-Mail"] == pytest.approx(0.1062, abs=5e-5)


def test_being_ahead_is_judged_against_everything_that_ran_beside() -> None:
    ours = [0.06, 0.08]
    beside = {"a": [0.05, 0.07], "column x": [0.02, 0.02], "column y": [0.09, 0.07]}
    found = _summary({"ours": list(ours), **beside}, ["averaged", "averaged"])
    assert not found["ahead_of_all"], "a column is ahead by its mean, 0.08"
    assert found["rivals"]["a"]["ours_ahead"] == pytest.approx(0.01)
    assert found["chosen"] == {"averaged": 2}
    assert next(iter(found["columns"])) == "column y"
    assert _summary({"ours": list(ours), "a": [0.05, 0.07]}, [])["ahead_of_all"]
    assert not _summary({"ours": list(ours)}, [])["ahead_of_all"], "alone it is ahead of nobody"


def test_columns_are_tried_both_ways() -> None:
    frame = pl.DataFrame({"x": [1, 2, 3], "city": ["a", "b", "a"]})
    found = _columns(frame)
    assert set(found) == {
        f"column {name}{way}" for name in ("x", "city=a", "city=b") for way in ("", ", reversed")
    }
    assert found["column x, reversed"].tolist() == [-1, -2, -3]
    assert np.isfinite(_numbers(frame)).all()
    assert _numbers(frame).shape == (3, 3)
