"""Price 价格响应模型: how likely is a customer to accept at another price, and how sure is that?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.errors import FeaturesEmptyError, FeatureTypeError, NotFittedError
from vostro.insight.files import read_state, state_digest, write_state
from vostro.insight.frames import Frame, as_polars
from vostro.insight.outcomes import read_target, require
from vostro.insight.price.errors import (
    InstrumentWeakError,
    PriceChoiceError,
    PriceConfoundedError,
    PriceFixedError,
    PriceValueError,
)
from vostro.insight.price.independence import check_independence
from vostro.insight.price.slope import Slope, learn_slope, strength
from vostro.insight.scorecard.bins import Limits
from vostro.insight.scorecard.learning import Card, Sample, cross_fitted, learn_card

__all__ = ["PriceModel", "PriceState"]

Floats = npt.NDArray[np.float64]
Direction = Literal["decreasing", "increasing"]
OTHER_PRICES_LEAST = 30  # rows with another price than the most usual one
OUTCOMES_LEAST = 10  # rows of either outcome in a segment
F_LEAST = 10.0  # Staiger and Stock (1997), Econometrica 65


class PriceState(msgspec.Struct, frozen=True):
    """All that a trained price model is; the same data, seed and libraries give the same bytes."""

    direction: Direction
    seed: int
    price: str
    segment: str | None
    card: Card  # what the features say of acceptance
    intercept: float  # log-odds; prices count from their mean, where the card stands
    base_weight: float  # of the card's log-odds
    overall: Slope
    segments: dict[str, Slope]
    slopes: dict[str, float]  # kept to the direction, drawn to the overall slope
    slope: float  # kept to the direction
    price_low: float
    price_high: float
    price_r2: float  # share of the price (or instrument) that the features foretell
    instrument_f: float | None
    kind: str = "price"


class PriceModel:
    """Estimates acceptance as a function of the price, monotone, from prices that varied by chance.

    The log-odds are those that the features say (a scorecard), plus a slope in the price for each segment.

    Args:
        direction: "decreasing" (a rate the customer pays) or "increasing" (a rate he earns).
        segment: name of a column of texts, booleans or whole numbers; a slope is learnt for each value.
        features: names of columns; None: all besides target, price and instrument.
        seed: of folds and shuffles.
    """

    def __init__(
        self,
        *,
        direction: Direction = "decreasing",
        segment: str | None = None,
        features: Sequence[str] | None = None,
        seed: int = 0,
    ) -> None:
        self.direction, self.segment, self.seed = direction, segment, seed
        self.features = None if features is None else tuple(features)
        self._state: PriceState | None = None
        self._version = ""

    def fit(self, frame: Frame, *, price: str, target: Any, instrument: str | None = None) -> Self:
        """Learn from offers whose answer is known.

        Args:
            frame: shape (n, columns).
            price: name of a column of numbers, none missing.
            target: name of a column or (n,) values, 1 accepted.
            instrument: name of a column of numbers that moved the price by chance and touches acceptance in
                no other way, such as the random part of a price; None: the price itself varied by chance.

        Raises:
            PriceConfoundedError: the price (or the instrument) depends on the features; names the columns.
            PriceFixedError, PriceValueError, InstrumentWeakError, PriceChoiceError: the prices or settings.
            VostroError: the target or the frame, as ``Scorecard.fit``.
        """
        if self.direction not in ("decreasing", "increasing"):
            raise PriceChoiceError(
                setting="direction", found=f"'{self.direction}'", wanted="decreasing | increasing"
            )
        table = as_polars(frame)
        accepted = read_target(table, target)
        prices = _numbers(table, price)
        _check_varied(price, prices)
        aside = {each for each in (target, price, instrument) if isinstance(each, str)}
        names = sorted(self.features or (name for name in table.columns if name not in aside))
        if not names:
            raise FeaturesEmptyError
        for name in (*names, *([self.segment] if self.segment else [])):
            require(table, name)
        chance = prices if instrument is None else _numbers(table, instrument)
        r2 = self._refuse_confounded(table.select(names), chance, instrument or price)
        sample = Sample(table.select(names), accepted, np.ones(len(accepted)), Limits(), {}, {})
        base = _base(sample, self.seed)
        lever = None if instrument is None else chance
        f = None if lever is None else _strong(prices, lever, base, str(instrument))
        self._learn(table, sample, prices, base, lever, (price, r2, f))
        return self

    def predict(self, frame: Frame) -> Floats:
        """Return the probability of acceptance at the price in the frame, shape (n,), in (0, 1).

        Raises:
            PriceValueError: a price is missing or outside of those that were learnt from.
            VostroError: not trained, or the frame is not like the training's.
        """
        state = self._ready()
        table = as_polars(frame)
        prices = _numbers(table, state.price)
        _check_range(state, prices)
        return _chance(state, *self._parts(state, table), prices)

    def curve(self, frame: Frame, prices: Sequence[float]) -> Floats:
        """Return the probability of acceptance at each of ``prices``, shape (n, len(prices)), monotone.

        Raises:
            PriceValueError: a price lies outside of those that were learnt from.
            VostroError: not trained, or the frame is not like the training's.
        """
        state = self._ready()
        asked = np.asarray(prices, dtype=np.float64).reshape(-1)
        _check_range(state, asked)
        fixed, slope = self._parts(state, as_polars(frame))
        return _chance(state, fixed[:, None], slope[:, None], asked[None, :])

    def elasticity(self, by: str | None = None) -> pl.DataFrame:
        """Return elasticities at the mean price, one row a segment (or one for all), with 95 % intervals.

        Columns segment, rows, accepted, price_mean, slope (log-odds a unit of price), slope_se, elasticity,
        low, high. They are as estimated: not held to the direction. Segments with too few answers or prices
        are left out.

        Raises:
            PriceChoiceError: ``by`` is not the segment that was learnt.
        """
        state = self._ready()
        if by is not None and by != state.segment:
            raise PriceChoiceError(setting="by", found=f"'{by}'", wanted=f"{state.segment}")
        found = {"all": state.overall} if by is None else state.segments
        rows = [{"segment": name} | msgspec.structs.asdict(each) for name, each in found.items()]
        fields = {name: pl.Int64 if name == "rows" else pl.Float64 for name in Slope.__struct_fields__}
        return pl.DataFrame(rows, schema={"segment": pl.String, **fields})

    def save(self, path: Path) -> None:
        """Write the model as one JSON file, whole or not at all."""
        write_state(path, self._ready(), self._version)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a model that ``save`` wrote.

        Raises:
            ModelFileError: the file is absent, damaged, changed or of another version.
        """
        state = read_state(path, PriceState)
        model = cls(direction=state.direction, segment=state.segment, seed=state.seed)
        model._hold(state)
        return model

    @property
    def version(self) -> str:
        """Digest of all that the model is, 64 hexadecimal digits."""
        self._ready()
        return self._version

    def _refuse_confounded(self, features: pl.DataFrame, chance: Floats, name: str) -> float:
        found = check_independence(features, chance, self.seed)
        if found.confounded:
            columns = ", ".join(f"'{each}' ({share:.0%})" for each, share in found.columns if share > 0)
            raise PriceConfoundedError(price=name, r2=f"{found.r2:.1%}", p=f"{found.p:.3f}", columns=columns)
        return found.r2

    def _learn(
        self,
        table: pl.DataFrame,
        sample: Sample,
        prices: Floats,
        base: Floats,
        lever: Floats | None,
        facts: tuple[str, float, float | None],
    ) -> None:
        overall = learn_slope(sample.bad, prices, base, lever)
        segments = {}
        if self.segment is not None:
            values = table[self.segment].cast(pl.String).fill_null("-")
            for value in values.unique().sort():
                rows = np.flatnonzero((values == value).to_numpy())
                if _enough(sample.bad[rows], prices[rows]):
                    part = None if lever is None else lever[rows]
                    segments[value] = learn_slope(sample.bad[rows], prices[rows], base[rows], part)
        slope = self._kept(overall.slope)
        slopes = {name: self._kept(each) for name, each in _shrunk(overall, segments).items()}
        price, r2, f = facts
        own = np.full(len(prices), slope)
        if slopes:
            own = values.replace_strict(slopes, default=slope, return_dtype=pl.Float64).to_numpy()
        intercept, weight = _level(sample.bad, base, own * (prices - overall.price_mean))
        self._hold(
            PriceState(
                self.direction,
                self.seed,
                price,
                self.segment,
                learn_card(sample).card,
                intercept,
                weight,
                overall,
                segments,
                slopes,
                slope,
                float(prices.min()),
                float(prices.max()),
                r2,
                f,
            )
        )

    def _kept(self, slope: float) -> float:
        return min(slope, 0.0) if self.direction == "decreasing" else max(slope, 0.0)

    def _parts(self, state: PriceState, table: pl.DataFrame) -> tuple[Floats, Floats]:
        """Return the log-odds at the mean price and the slope of each row, shapes (n,)."""
        said = -state.card.logodds(state.card.codes(table), table.height)
        slope = np.full(table.height, state.slope)
        if state.segment is not None:
            values = require(table, state.segment).cast(pl.String).fill_null("-")
            if state.slopes:
                slope = values.replace_strict(
                    state.slopes, default=state.slope, return_dtype=pl.Float64
                ).to_numpy()
        return state.intercept + state.base_weight * said, slope

    def _hold(self, state: PriceState) -> None:
        self._state, self._version = state, state_digest(state)

    def _ready(self) -> PriceState:
        if self._state is None:
            raise NotFittedError
        return self._state


def _base(sample: Sample, seed: int) -> Floats:
    chance = cross_fitted(sample, seed)
    return np.asarray(np.log(chance / (1 - chance)), dtype=np.float64)


def _level(accepted: Floats, base: Floats, price_part: Floats) -> tuple[float, float]:
    """Return intercept and weight of the base such that the mean said is the mean that happened."""
    beta = np.array([0.0, 1.0])
    design = np.column_stack([np.ones(len(base)), base])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(design @ beta + price_part, -30, 30)))
        hessian = design.T @ (design * (p * (1 - p))[:, None])
        step = np.linalg.pinv(hessian) @ (design.T @ (accepted - p))
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    return float(beta[0]), float(beta[1])


def _shrunk(overall: Slope, segments: dict[str, Slope]) -> dict[str, float]:
    """Draw the slopes to the overall one, as far as they differ by no more than chance (DerSimonian, Laird 1986)."""
    if len(segments) < 2:
        return {name: each.slope for name, each in segments.items()}
    slope = np.array([each.slope for each in segments.values()])
    variance = np.array([each.slope_se**2 for each in segments.values()])
    weight = 1 / variance
    mean = float(weight @ slope / weight.sum())
    excess = float(weight @ (slope - mean) ** 2) - (len(slope) - 1)
    between = max(0.0, excess / (weight.sum() - (weight**2).sum() / weight.sum()))
    own = between / (between + variance)
    return dict(zip(segments, (own * slope + (1 - own) * mean).tolist(), strict=True))


def _chance(state: PriceState, fixed: Floats, slope: Floats, prices: Floats) -> Floats:
    return np.asarray(
        1 / (1 + np.exp(-np.clip(fixed + slope * (prices - state.overall.price_mean), -30, 30))),
        dtype=np.float64,
    )


def _numbers(table: pl.DataFrame, name: str) -> Floats:
    series = require(table, name)
    if not series.dtype.is_numeric():
        raise FeatureTypeError(column=name, found=str(series.dtype), wanted="number")
    values = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    if not np.isfinite(values).all():
        raise PriceValueError(price=name, value="missing", low="-inf", high="inf")
    return np.asarray(values, dtype=np.float64)


def _check_varied(name: str, prices: Floats) -> None:
    levels, counts = np.unique(prices, return_counts=True)
    others = len(prices) - int(counts.max(initial=0))
    if others < OTHER_PRICES_LEAST:
        raise PriceFixedError(
            price=name, rows=others, usual=f"{levels[counts.argmax()]:g}", least=OTHER_PRICES_LEAST
        )


def _check_range(state: PriceState, prices: Floats) -> None:
    wrong = ~((prices >= state.price_low) & (prices <= state.price_high))
    if wrong.any():
        value = f"{prices[int(wrong.argmax())]:g}"
        raise PriceValueError(
            price=state.price, value=value, low=f"{state.price_low:g}", high=f"{state.price_high:g}"
        )


def _strong(prices: Floats, lever: Floats, base: Floats, name: str) -> float:
    f = strength(prices, lever, base)
    if not f >= F_LEAST:
        raise InstrumentWeakError(instrument=name, f=f"{f:.1f}", least=F_LEAST)
    return f


def _enough(accepted: Floats, prices: Floats) -> bool:
    _, counts = np.unique(prices, return_counts=True)
    few = min(accepted.sum(), len(accepted) - accepted.sum())
    return bool(few >= OUTCOMES_LEAST and len(prices) - counts.max() >= OTHER_PRICES_LEAST)
