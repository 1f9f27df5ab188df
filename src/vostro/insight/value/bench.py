"""Bench of value 客户价值基准: published parameters, and purchases of 39 weeks after 39.

How the settings came about: on the published sample the model is the published one, plain BG/NBD. On
all customers it is ``ValueModel()`` as it stands: which of its four forms is used, and the width of
the weeks' effects, are chosen by the likelihood (BIC, empirical Bayes) of the first 39 weeks alone.
That weeks and one-time buyers should be candidates at all was decided after plain BG/NBD had been
seen to miss the holdout's total by 14 %; so the total is no blind result. An inner split of the first
39 weeks (``inner``, same rule of choice on the first 19) is told beside it: there the weeks' form says
20 % too much and plain BG/NBD 0.4 %. Which of the two is nearer hangs on the weeks that follow.
"""

from importlib.resources import files
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl

from vostro.insight.value.errors import PurchasesFileError
from vostro.insight.value.holdout import ValueHoldout, evaluate_value
from vostro.insight.value.model import ValueModel
from vostro.insight.value.purchases import read_histories
from vostro.insight.value.timing import clock_of, log_likelihood, pasts_of

__all__ = ["bench_cdnow", "published_sample", "read_cdnow"]

AS_OF, WEEKS = "1997-09-30", 39
INNER_AS_OF, INNER_DAYS = "1997-05-16", 137  # the middle of the first 39 weeks, to their end
PUBLISHED = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "log_likelihood": -9582.4}
MAE_MOST, TOTAL_MOST = 0.786, 0.05
FIELDS = (
    "purchases",
    "expected",
    "total_error",
    "mae",
    "rmse",
    "mae_nobody_changes",
    "inside",
    "value_inside",
)
REDRAWN = 2000
COLUMNS: dict[str, Any] = {"customer": "users_id", "time": "date", "amount": "amt"}


def bench_cdnow(data: Path, *, seed: int = 0) -> dict[str, Any]:
    """Fit the published sample and foresee 39 weeks of all customers.

    Args:
        data: folder that holds ``cdnow/purchases.csv.gz``, or that folder itself.
        seed: of the intervals.

    Raises:
        PurchasesFileError: the file is not there.
    """
    began = perf_counter()
    purchases = read_cdnow(data)
    sample = purchases.filter(pl.col("users_id").is_in(published_sample()))
    plain = {"one_time": False, "weeks": False}
    row: dict[str, Any] = {"sample": _sample(sample, seed, **plain)}
    for name, settings in (("all", {}), ("all_plain", plain)):
        found = _evaluate(purchases, AS_OF, 7 * WEEKS, seed, **settings)
        inner = _evaluate(purchases.drop("amt"), INNER_AS_OF, INNER_DAYS, seed, **settings)
        row[name] = _told(found) | {"inner": _told(inner)}
    met = row["sample"]["met"] and abs(row["all"]["total_error"]) <= TOTAL_MOST
    return row | {
        "target": f"sample as published with MAE <= {MAE_MOST}; total of all within {TOTAL_MOST:.0%}",
        "met": bool(met),
        "protocol": "learnt until 1997-09-30, measured on the 39 weeks after; form of the model by BIC of the past",
        "caveat": (
            "the forms beyond plain BG/NBD became candidates after it was seen to miss this total by 14 %; on the "
            "inner split of the first 39 weeks it is plain BG/NBD that is nearer"
        ),
        "seconds": perf_counter() - began,
    }


def read_cdnow(data: Path) -> pl.DataFrame:
    """Return the purchases: users_id, date, cds, amt (USD).

    Raises:
        PurchasesFileError: the file is not there.
    """
    for path in (data / "cdnow" / "purchases.csv.gz", data / "purchases.csv.gz"):
        if path.is_file():
            return pl.read_csv(path, try_parse_dates=True)
    raise PurchasesFileError(folder=str(data))


def published_sample() -> list[int]:
    """Return the 2,357 customers of the published 1/10 sample."""
    text = files("vostro.insight.value").joinpath("cdnow_sample.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return [int(number) for number in " ".join(lines).split()]


def _evaluate(purchases: pl.DataFrame, as_of: str, days: int, seed: int, **settings: bool) -> ValueHoldout:
    def make() -> ValueModel:
        return ValueModel(seed=seed, **settings)

    columns = COLUMNS | ({} if "amt" in purchases.columns else {"amount": None})
    return evaluate_value(purchases, as_of=as_of, days=days, make=make, **columns)


def _told(found: ValueHoldout) -> dict[str, Any]:
    told = {name: getattr(found, name) for name in FIELDS}
    return told | {"expected_low": found.total.low, "expected_high": found.total.high}


def _sample(sample: pl.DataFrame, seed: int, **plain: bool) -> dict[str, Any]:
    model = ValueModel(seed=seed, **plain).fit(sample, as_of=AS_OF, **COLUMNS)
    said = {name: getattr(model.timing, name) for name in PUBLISHED}
    close = all(round(said[name], 3) == PUBLISHED[name] for name in ("r", "alpha", "a", "b"))
    close = close and round(said["log_likelihood"], 1) == PUBLISHED["log_likelihood"]
    found = _evaluate(sample, AS_OF, 7 * WEEKS, seed, **plain)
    spending = model.spending
    low, high = _mae_interval(sample, model, seed)
    told = said | _told(found) | {"mae_low": low, "mae_high": high}
    told |= {"log_likelihood_at_published": _at_published(sample), "as_published": close}
    if spending is not None:
        told |= {"p": spending.p, "q": spending.q, "gamma": spending.gamma}
    return told | {"met": bool(close and found.mae <= MAE_MOST)}


def _at_published(sample: pl.DataFrame) -> float:
    """Log-likelihood of the sample at the published parameters, whatever our climb finds."""
    histories = read_histories(sample, as_of=AS_OF, **COLUMNS)
    theta = np.append(np.log([PUBLISHED[name] for name in ("r", "alpha", "a", "b")]), -40.0)
    pasts, clock = pasts_of(histories), clock_of(histories, 7.0)
    clocked = clock.exposure.sum(axis=1)
    return log_likelihood(theta, pasts, clocked[pasts.first_ago], clocked[pasts.last_ago])[0]


def _mae_interval(sample: pl.DataFrame, model: ValueModel, seed: int) -> tuple[float, float]:
    """95 % interval of the mean absolute error, customers redrawn."""
    later = pl.col("date").is_between(pl.date(1997, 10, 1), pl.date(1998, 6, 30))
    came = sample.filter(later).group_by(customer="users_id").agg(came=pl.col("date").n_unique())
    table = model.predict(days=7 * WEEKS, intervals=False).join(came, on="customer", how="left")
    wrong = (table["purchases"] - table["came"].fill_null(0)).abs().to_numpy()
    draws = np.random.default_rng(seed).integers(0, len(wrong), (REDRAWN, len(wrong)))
    low, high = np.quantile(wrong[draws].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)
