"""HyperLogLog: the registers from the text alone, the error that the books promise."""

import ibis
import numpy as np
import polars as pl
import pytest

from vostro.portrait.aggregate.sketch import (
    RANK_MAX,
    REGISTERS,
    engine_rank,
    engine_register,
    estimate,
    place,
    registers,
)


def guess(texts):
    found = registers(texts)
    return estimate(len(found), sum(2 ** (RANK_MAX - rank) for rank in found.values()))


@pytest.mark.parametrize("size", [1_100, 5_000, 12_000, 60_000])
def test_the_error_is_that_of_the_books(size):
    off = [guess(f"{go}/{i}" for i in range(size)) / size - 1 for go in range(12)]
    assert abs(np.mean(off)) < 0.016, "three standard errors of a mean of twelve"
    assert np.std(off) < 2 * 0.0163


def test_what_is_seen_again_changes_nothing():
    assert registers(["a", "b", "a"]) == registers(["b", "a"])


def test_the_engine_places_like_python():
    texts = [str(i) for i in range(3_000)] + ["", "市", "😀"]
    table = ibis.memtable(pl.DataFrame({"text": texts}))
    digest = table["text"].hexdigest("md5")
    found = table.select("text", register=engine_register(digest), rank=engine_rank(digest)).to_polars()
    for text, register, rank in found.iter_rows():
        assert (int(register, 16), rank) == place(text)
    assert found["rank"].max() > 9, "long runs of zeros were among them"


def test_nothing_and_everything():
    assert estimate(0, 0) == 0
    assert estimate(REGISTERS, REGISTERS) > 10**13, "all ranks at their largest"
