"""Real customers: the published sample is met to the last published digit."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from vostro.insight.value import ValueModel
from vostro.insight.value.bench import AS_OF, COLUMNS, bench_cdnow, published_sample, read_cdnow
from vostro.insight.value.errors import PurchasesFileError


@pytest.fixture(scope="module")
def purchases(data_dir: Path) -> pl.DataFrame:
    return read_cdnow(data_dir)


def test_the_published_sample(purchases: pl.DataFrame) -> None:
    sample = purchases.filter(pl.col("users_id").is_in(published_sample()))
    model = ValueModel(one_time=False, weeks=False).fit(sample, as_of=AS_OF, **COLUMNS)
    timing, spending = model.timing, model.spending
    assert timing.customers == 2357
    # Fader, Hardie and Lee (2005), table 2
    assert [round(each, 3) for each in (timing.r, timing.alpha, timing.a, timing.b)] == [
        0.243,
        4.414,
        0.793,
        2.426,
    ]
    assert round(timing.log_likelihood, 1) == -9582.4
    # Fader and Hardie (2013), the gamma-gamma note: p 6.25, q 3.74, gamma 15.44 on 946 customers
    assert spending is not None and spending.customers == 946
    assert [round(each, 2) for each in (spending.p, spending.q, spending.gamma)] == [6.25, 3.74, 15.44]


def test_the_bench_holds(measured_cdnow: dict[str, Any]) -> None:
    found = measured_cdnow
    assert found["sample"]["met"] and found["sample"]["mae"] <= 0.786
    assert found["sample"]["log_likelihood_at_published"] == pytest.approx(-9582.4, abs=0.05)
    every = found["all"]
    assert every["purchases"] == 19_684
    assert every["expected_low"] <= every["purchases"] <= every["expected_high"]
    assert found["met"] == (found["sample"]["met"] and abs(every["total_error"]) <= 0.05)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(PurchasesFileError):
        bench_cdnow(tmp_path)
