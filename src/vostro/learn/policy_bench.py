"""Bench of off-policy value 离线策略评估基准: is one policy's click rate found in the other's log?

Open Bandit, campaign "men": 10,000 impressions drawn uniformly and 10,000 of Bernoulli Thompson sampling (bts) in the same
week. Each policy is valued from the other's log and compared with what it earned itself.

The bts policy moved during the week, and its log tells only the probability of the item that was shown. Its mean
probability of an item at a position is the harmonic mean of the logged ones (a time at which the item was likely is seen
more often, so that the plain mean is too high: it sums to about 2 over the items), made to sum to 1. Rewards do not
depend on the customer here: an item's click rate is drawn to that of all (``shrunk_means``), leaving the row out.
"""

from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from time import perf_counter, process_time
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.learn.intervals import rate
from vostro.learn.policy import FloatArray, Method, PolicyValue, off_policy_value
from vostro.learn.policy_rewards import shrunk_means
from vostro.words import VostroError

__all__ = ["BanditFileError", "bench_open_bandit"]

ITEMS, POSITIONS = 34, 3
METHODS: tuple[Method, ...] = ("ips", "snips", "dm", "dr", "switch", "shrunk")
STATED: Method = "dr"  # the method of the figure: the default of off_policy_value with a model
TARGET = 0.93
PROTOCOL = (
    "1,000 bootstrap draws of one policy's log (rows with replacement, reward table and estimate made anew in each); share of "
    "draws whose estimate of the other policy's click rate lies in Wilson's 95 % interval of that policy's own click rate; "
    "method fixed beforehand: dr"
)


class BanditFileError(VostroError):
    """A log of the Open Bandit set is not there."""

    code = "learn.bandit_file"
    status = 404
    en = "{file} is not in {folder}. Give the folder of the Open Bandit set, campaign men: --data FOLDER."
    zh = "{folder} 中没有 {file}。请用 --data 指定 Open Bandit 数据集（men 活动）所在目录。"


@dataclass(frozen=True, slots=True)
class _Log:
    """One policy's impressions."""

    click: FloatArray
    item: npt.NDArray[np.intp]
    place: npt.NDArray[np.intp]  # item and position as one number
    p: FloatArray

    def take(self, rows: npt.NDArray[np.intp]) -> "_Log":
        return _Log(self.click[rows], self.item[rows], self.place[rows], self.p[rows])


def bench_open_bandit(data: Path, *, seed: int = 0, draws: int = 1000) -> dict[str, Any]:
    """Value each policy from the other's log; nothing is chosen on the answer.

    Args:
        data: folder of the set, or the folder above it.
        seed: of the bootstrap.
        draws: count.

    Raises:
        BanditFileError: a log is not there.
    """
    began, worked = perf_counter(), process_time()
    random, bts = _read(data, "random"), _read(data, "bts")
    ways = {
        "bts from the random log": (random, bts, _mean_probability(bts)),
        "random from the bts log": (_averaged(bts), random, np.full(ITEMS * POSITIONS, 1 / ITEMS)),
        "random from the bts log, logged probabilities": (
            bts,
            random,
            np.full(ITEMS * POSITIONS, 1 / ITEMS),
        ),
    }
    found = {name: _way(*way, seed, draws) for name, way in ways.items()}
    stated = list(found)[:2]
    figure = {name: found[name]["methods"][STATED]["share_within"] for name in stated}
    return {
        "figure": figure,
        "target": TARGET,
        "met": all(each >= TARGET for each in figure.values()),
        "ways": found,
        "protocol": PROTOCOL,
        "cpu_seconds": process_time() - worked,
        "seconds": perf_counter() - began,
    }


def _read(data: Path, policy: str) -> _Log:
    file = f"{policy}_men.csv*"
    found = sorted(data.glob(file)) or sorted(data.glob(f"open_bandit_men/{file}"))
    if not found:
        raise BanditFileError(file=file, folder=str(data))
    frame = pl.read_csv(found[0], columns=["item_id", "position", "click", "propensity_score"])
    item, position = frame["item_id"].to_numpy(), frame["position"].to_numpy() - 1
    return _Log(
        frame["click"].cast(pl.Float64).to_numpy(),
        item.astype(np.intp),
        (item * POSITIONS + position).astype(np.intp),
        frame["propensity_score"].to_numpy(),
    )


def _mean_probability(log: _Log) -> FloatArray:
    """Return the mean probability of each item at each position over the week, shape (items x positions,)."""
    cells = ITEMS * POSITIONS
    rows = np.bincount(log.place, minlength=cells)
    inverse = np.bincount(log.place, 1 / log.p, minlength=cells)
    mean = np.divide(rows, inverse, out=np.zeros(cells), where=inverse > 0).reshape(ITEMS, POSITIONS)
    return np.asarray((mean / mean.sum(axis=0)).reshape(-1), dtype=np.float64)


def _averaged(log: _Log) -> _Log:
    """The log with the mean probability of each item at its position instead of that of the moment.

    Where the reward does not depend on the moment either is right, and the mean is steadier: the logged
    probabilities go down to 0.0002.
    """
    return _Log(log.click, log.item, log.place, _mean_probability(log)[log.place])


def _way(log: _Log, own: _Log, target: FloatArray, seed: int, draws: int) -> dict[str, Any]:
    truth = rate(int(own.click.sum()), len(own.click))
    assert truth.low is not None and truth.high is not None and truth.rate is not None
    full = _estimates(log, target)
    rng = np.random.default_rng(seed)
    size = len(log.click)
    drawn = [_estimates(log.take(rng.integers(0, size, size)), target) for _ in range(draws)]
    methods = {}
    for method in METHODS:
        means = np.array([each[method].reward_mean for each in drawn])
        covers = [each[method].reward_low <= truth.rate <= each[method].reward_high for each in drawn]
        low, high = np.quantile(means, [0.025, 0.975])
        within = (means >= truth.low) & (means <= truth.high)
        methods[method] = {
            "estimate": full[method].reward_mean,
            "low": float(low),
            "high": float(high),
            "share_within": float(within.mean()),
            "share_covering": float(np.mean(covers)),  # of draws whose own interval holds the truth
            "gap_in_errors": _gap(full[method].reward_mean, means, truth.rate, len(own.click)),
        }
    return {
        "truth": truth.rate,
        "truth_low": truth.low,
        "truth_high": truth.high,
        "clicks_truth": truth.successes,
        "clicks_log": int(log.click.sum()),
        "decisions": size,
        "decisions_effective": full["ips"].decisions_effective,
        "share_within_at_best": _best_share(truth.low, truth.high, full["ips"].decisions_effective),
        "methods": methods,
    }


def _gap(estimate: float, means: FloatArray, truth: float, rows: int) -> float:
    """Estimate less truth, in standard errors of their difference."""
    return float((estimate - truth) / np.sqrt(means.var() + truth * (1 - truth) / rows))


def _best_share(low: float, high: float, effective: float) -> float:
    """Share of draws within the interval of an unbiased estimate from so many effective decisions, at its middle."""
    middle = (low + high) / 2
    spread = float(np.sqrt(middle * (1 - middle) / effective))
    law = NormalDist(middle, spread)
    return law.cdf(high) - law.cdf(low)


def _estimates(log: _Log, target: FloatArray) -> dict[str, PolicyValue]:
    """Return the value of the target policy by each method."""
    table = shrunk_means(log.click, log.item, ITEMS)
    seen = np.bincount(log.place % POSITIONS, minlength=POSITIONS) / len(log.place)
    by_position = table @ target.reshape(ITEMS, POSITIONS)
    given: dict[str, Any] = {
        "p_logged": log.p,
        "p_target": target[log.place],
        "predicted": shrunk_means(log.click, log.item, ITEMS, leave_out=True),
        "predicted_target": np.full(len(log.click), float(by_position @ seen)),
    }
    return {method: off_policy_value(log.click, method=method, **given) for method in METHODS}
