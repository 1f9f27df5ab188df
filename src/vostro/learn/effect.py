"""Effect 成效: what did the choice earn, against the control group and against chance?

Every contactable customer falls into one of three cells of a wave: *chosen*; *alike*,
the control group's customers who would have been chosen; and the *rest*. Chosen against
alike is the effect of contacting. Chosen against "the same number at random" is the
worth of choosing: the random rate weights each cell by its size in the wave, and takes
the rest's rate from customers contacted at random with a known probability, or from all
of them when the campaign replays a history in which everyone was contacted.

Intervals: Wilson and Newcombe for rates and their difference; for ratios a bootstrap of
outcomes within cells (Efron 1979), 10,000 draws, so that the chosen count on both sides.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.learn.intervals import difference, percentile_interval, rate
from vostro.learn.results import EffectResult, Rate
from vostro.words import Money, Text

__all__ = ["DRAWS", "measure_effect", "waiting_effect"]

DRAWS = 10_000
FloatArray: TypeAlias = npt.NDArray[np.float64]
_Interval: TypeAlias = tuple[float | None, float | None, float | None]  # point, low, high
_UNKNOWN: _Interval = (None, None, None)

_METHOD = Text(
    en="Rates: Wilson's 95 % interval; difference: Newcombe's method 10; ratio and extra successes: "
    "bootstrap of outcomes within each wave and cell, 10,000 draws.",
    zh="成功率采用 Wilson 95% 区间；差值采用 Newcombe 方法 10；"
    "比值与增量成功数：在每个批次、每个单元内对结果做自助抽样 10,000 次。",
)
_NOTE_HISTORY = Text(
    en="In this history everyone was contacted, the control group too. Chosen against control therefore says "
    "nothing about the effect of a contact (it should be near zero, and checks the split); chosen against "
    "random says what choosing well is worth.",
    zh="该历史数据中所有客户（包括对照留白组）都被联系过，因此“选中对比对照”不反映触达效果（应接近零，可用于检验分组）；"
    "“选中对比随机”才反映择优的价值。",
)
_NOTE_LIVE = Text(
    en="The control group was drawn by hash before anything was ranked. It is compared only where it would "
    "have been chosen, so that like is compared with like.",
    zh="对照留白组在排序之前按哈希抽取；只比较其中本应被选中的客户，保证同类相比。",
)
_NOTE_WAITING = Text(
    en="The outcomes have not come yet. Put the outcome file into the data folder and run again.",
    zh="业务结果尚未到达。请将结果文件放入数据目录后再次运行。",
)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Counts of shape (n_waves,) behind the figures."""

    chosen: npt.NDArray[np.int64]
    chosen_hits: npt.NDArray[np.int64]
    top: npt.NDArray[np.int64]  # contacted among chosen and alike
    top_hits: npt.NDArray[np.int64]
    rest: npt.NDArray[np.int64]  # contacted among the rest
    rest_hits: npt.NDArray[np.int64]
    top_size: npt.NDArray[np.int64]
    rest_size: npt.NDArray[np.int64]


def waiting_effect(*, replays_history: bool) -> EffectResult:
    """Return the effect of a campaign whose outcomes have not come."""
    none = rate(0, 0)
    return _result(
        "waiting", replays_history, (none, none, none), _UNKNOWN, _UNKNOWN, _UNKNOWN, None, _NOTE_WAITING
    )


def measure_effect(
    answers: pl.DataFrame, *, replays_history: bool, margin: Money, contact_cost: Money, seed: int
) -> EffectResult:
    """Measure what a campaign earned.

    Args:
        answers: one row a contactable customer: wave (int), verdict, would_be_chosen (bool), success (bool).
        replays_history: everyone was contacted.
        margin: earned by one success.
        contact_cost: of one contact.
        seed: of the bootstrap.
    """
    chosen = _rate(answers, pl.col("verdict") == "chosen")
    alike = _rate(answers, (pl.col("verdict") == "control") & pl.col("would_be_chosen"))
    cells = _cells(answers, everyone=replays_history)
    random, ratio, extra = _against_random(cells, chosen, seed)
    gap = difference(chosen, alike)
    net = _net_value(chosen, gap, extra, replays_history, margin, contact_cost)
    note = _NOTE_HISTORY if replays_history else _NOTE_LIVE
    rates = chosen, random, alike
    return _result(
        "measured", replays_history, rates, ratio or _UNKNOWN, gap or _UNKNOWN, extra or _UNKNOWN, net, note
    )


def _result(
    status: Literal["measured", "waiting"],
    replays_history: bool,
    rates: tuple[Rate, Rate, Rate],
    ratio: _Interval,
    gap: _Interval,
    extra: _Interval,
    net_value: str | None,
    note: Text,
) -> EffectResult:
    return EffectResult(
        status=status,
        replays_history=replays_history,
        chosen=rates[0],
        random=rates[1],
        control=rates[2],
        ratio=ratio[0],
        ratio_low=ratio[1],
        ratio_high=ratio[2],
        difference=gap[0],
        difference_low=gap[1],
        difference_high=gap[2],
        extra_successes=extra[0],
        extra_successes_low=extra[1],
        extra_successes_high=extra[2],
        net_value=net_value,
        method=_METHOD,
        note=note,
    )


def _rate(answers: pl.DataFrame, where: pl.Expr) -> Rate:
    found = answers.filter(where)["success"]
    return rate(int(found.sum()), found.len())


def _cells(answers: pl.DataFrame, *, everyone: bool) -> _Cells:
    chosen = pl.col("verdict") == "chosen"
    top = pl.col("would_be_chosen")
    contacted = pl.lit(True) if everyone else pl.col("verdict").is_in(["chosen", "explored"])

    def both(name: str, where: pl.Expr) -> list[pl.Expr]:
        return [where.sum().alias(name), (where & pl.col("success")).sum().alias(f"{name}_hits")]

    table = answers.group_by("wave", maintain_order=True).agg(
        *both("chosen", chosen),
        *both("top", top & contacted),
        *both("rest", ~top & contacted),
        top.sum().alias("top_size"),
        (~top).sum().alias("rest_size"),
    )
    return _Cells(**{name: table[name].cast(pl.Int64).to_numpy() for name in table.columns if name != "wave"})


def _against_random(
    cells: _Cells, chosen: Rate, seed: int
) -> tuple[Rate, tuple[float, float, float] | None, tuple[float, float, float] | None]:
    """Return the random rate, the ratio chosen / random, and the extra successes, with intervals."""
    known = (cells.rest_size == 0) | (cells.rest > 0) | (cells.chosen == 0)  # no chosen: no weight
    if chosen.rate is None or not known.all():
        return rate(0, 0), None, None
    rng = np.random.default_rng(seed)
    others = cells.top - cells.chosen, cells.top_hits - cells.chosen_hits
    hits = _redraw(rng, cells.chosen, cells.chosen_hits)
    top_hits = hits + _redraw(rng, *others)
    rest_hits = _redraw(rng, cells.rest, cells.rest_hits)
    seen = cells.top_hits[None, :].astype(np.float64), cells.rest_hits[None, :].astype(np.float64)
    point = _random_rate(cells, *seen)[0]
    random_draws = _random_rate(cells, top_hits, rest_hits)
    chosen_draws = hits.sum(axis=1) / chosen.rows
    low, high = percentile_interval(random_draws)
    contacted = int(cells.top.sum() + cells.rest.sum())
    random = Rate(contacted, int(cells.top_hits.sum() + cells.rest_hits.sum()), float(point), low, high)
    if point == 0:
        return random, None, None
    positive = np.where(random_draws > 0, random_draws, np.nan)
    ratio = (chosen.rate / float(point), *percentile_interval(chosen_draws / positive))
    gap = (chosen_draws - random_draws) * chosen.rows
    extra = ((chosen.rate - float(point)) * chosen.rows, *percentile_interval(gap))
    return random, ratio, extra


def _redraw(rng: np.random.Generator, rows: npt.NDArray[np.int64], hits: npt.NDArray[np.int64]) -> FloatArray:
    """Return bootstrap counts of shape (DRAWS, n_waves): resampling binary outcomes is a binomial draw."""
    share = np.divide(hits, rows, out=np.zeros(rows.size), where=rows > 0)
    return rng.binomial(rows, share, size=(DRAWS, rows.size)).astype(np.float64)


def _random_rate(cells: _Cells, top_hits: FloatArray, rest_hits: FloatArray) -> FloatArray:
    """Return the rate of a random choice with as many contacts in each wave as were chosen, shape (n,)."""
    size = cells.top_size + cells.rest_size
    top = np.divide(cells.top_size, cells.top * size, out=np.zeros(size.size), where=cells.top > 0)
    rest = np.divide(cells.rest_size, cells.rest * size, out=np.zeros(size.size), where=cells.rest > 0)
    per_wave = top_hits * top + rest_hits * rest
    return np.asarray(per_wave @ cells.chosen / cells.chosen.sum(), dtype=np.float64)


def _net_value(
    chosen: Rate,
    gap: tuple[float, float, float] | None,
    extra: tuple[float, float, float] | None,
    replays_history: bool,
    margin: Money,
    contact_cost: Money,
) -> str | None:
    """Return what was earned: against random in a history (equal contact cost), else against control."""
    if replays_history:
        return None if extra is None else _money(extra[0] * float(margin.amount), margin.currency)
    if gap is None:
        return None
    earned = chosen.rows * (gap[0] * float(margin.amount) - float(contact_cost.amount))
    return _money(earned, margin.currency)


def _money(amount: float, currency: str) -> str:
    return f"{amount:.2f} {currency}"
