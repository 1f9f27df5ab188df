"""Making a version 训练版本: trained on all rows, tested on what it could not know, with a card that says both."""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version as library_version

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.bank import Bank
from vostro.insight import EstimatorDefinition
from vostro.insight.card import Comparison, EstimatorCard, Figure, ModelCard
from vostro.insight.drift import psi_of_inputs
from vostro.insight.errors import PredictionError
from vostro.insight.fairness import GroupFairness, group_fairness
from vostro.insight.held_out import Split, split_rows
from vostro.insight.kind_measures import compare_versions, kind_figures
from vostro.insight.kinds import TrainedEstimator, model_importance, train_estimator
from vostro.insight.metrics import calibration_bins, lift_table
from vostro.insight.value_of_bank import MOMENT, PAST, past_figures
from vostro.insight.watch import profile_of
from vostro.stages.model_keeping import KeptVersion, MadeVersion
from vostro.stages.tag_words import tag_words
from vostro.words import Text, canonical_json, digest, iso

__all__ = ["make_version", "measured", "own_card", "read_inputs", "recipe_of"]

Floats = npt.NDArray[np.float64]
LIBRARIES = ("lightgbm", "numpy", "polars", "vostro")
POSITIVES_FEW = 200
LEVEL_MOST = 1.25  # what happened over what was said; surely beyond it is told
_SECONDS_A_DAY = 86_400.0
_CHANCES = ("response", "churn", "scorecard")
_COMPARABLE = dict.fromkeys(_CHANCES, _CHANCES) | {"uplift": ("uplift",), "value": ("value",)}


def make_version(
    bank: Bank,
    definition: EstimatorDefinition,
    rows: pl.DataFrame,
    *,
    as_of: datetime,
    champion: KeptVersion | None = None,
    latest: pl.DataFrame | None = None,
    seed: int = 0,
) -> MadeVersion:
    """Train a version on all rows, test its recipe on held-out rows, and write its card.

    Args:
        bank: the definitions.
        definition: of the estimator.
        rows: as ``training_rows`` returns them.
        as_of: the moment of learning.
        champion: is compared on the same held-out rows.
        latest: of value, the inputs as of the moment of learning: pasts are learnt from, not outcomes.
        seed: of the training.

    Raises:
        OutcomesFewError, ClassMissingError: there is too little to learn from.
        VostroError: as ``train_estimator``.
    """
    rows_read = _read_rows(definition, rows)
    whole = rows_read if latest is None else _Rows(latest, np.zeros(latest.height), None, None)
    model = _train(bank, definition, whole, seed)
    split = split_rows(
        rows["customer"],
        rows["event_time"],
        (rows_read.outcome > 0).astype(np.float64),
        horizon=definition.horizon,
        question=definition.estimator,
        treated=rows_read.treated,
    )
    card = _plain_card(bank, definition, rows, model, as_of=as_of, seed=seed)
    if latest is not None:
        card = msgspec.structs.replace(card, known_until=iso(as_of))
    if split is None:
        profile = profile_of(measured(rows_read.inputs), model.predict(rows_read.inputs))
        return MadeVersion(_untested_card(card, model), model, None, profile)
    learn, test = rows_read.take(split.learn), rows_read.take(split.test)
    # of value, the pasts that are known when the test begins are learnt from; they hold no outcome of it
    known = learn if latest is None or not split.in_time else test.at_first()
    held = _train(bank, definition, known, seed)
    said = held.predict(test.inputs)
    if not np.isfinite(said).all():
        row = int(np.flatnonzero(~np.isfinite(said))[0])
        raise PredictionError(row=row, value=said[row], wanted="a number")
    of_test = rows.filter(split.test)
    card = msgspec.structs.replace(
        card,
        fairness=_fairness(
            bank, definition, of_test, None if test.treated is not None else test.outcome, said
        ),
        drift=psi_of_inputs(measured(learn.inputs), measured(test.inputs)),
        comparison=None
        if champion is None
        else _against(definition.kind, champion, of_test, test, said, split),
    )
    tested = _tested_card(card, of_test, split, test, said)
    return MadeVersion(tested, model, held, profile_of(measured(rows_read.inputs), said))


@dataclass(frozen=True)
class _Rows:
    """Training rows as an estimator takes them."""

    inputs: pl.DataFrame
    outcome: Floats  # 0 or 1
    order: pl.Series | None  # moments, where it looks ahead
    treated: Floats | None  # of uplift

    def take(self, mask: npt.NDArray[np.bool_]) -> "_Rows":
        chosen = pl.Series(mask)
        return _Rows(
            self.inputs.filter(chosen),
            self.outcome[mask],
            None if self.order is None else self.order.filter(chosen),
            None if self.treated is None else self.treated[mask],
        )

    def at_first(self) -> "_Rows":
        """Return the rows of the first moment."""
        assert self.order is not None, "there are moments"
        return self.take((self.order == self.order.min()).to_numpy())


def _read_rows(definition: EstimatorDefinition, rows: pl.DataFrame) -> _Rows:
    order = None if definition.horizon is None else rows["event_time"]
    return _Rows(
        inputs=read_inputs(rows, definition.features, order),
        outcome=rows["success"].to_numpy().astype(np.float64),
        order=order,
        treated=rows["_treated"].to_numpy().astype(np.float64) if "_treated" in rows.columns else None,
    )


def _train(bank: Bank, definition: EstimatorDefinition, rows: _Rows, seed: int) -> TrainedEstimator:
    return train_estimator(
        definition,
        rows.inputs,
        rows.outcome,
        order=rows.order,
        treated=rows.treated,
        names=tag_words(bank),
        seed=seed,
    )


def _tested_card(
    card: EstimatorCard, rows: pl.DataFrame, split: Split, test: _Rows, said: Floats
) -> EstimatorCard:
    """Return the card with what the test tells."""
    first = rows["event_time"].min()
    assert isinstance(first, datetime), "the test has rows"
    figures = kind_figures(card.kind, test.outcome, said, test.treated)
    chances = card.kind not in ("uplift", "value")
    tested = msgspec.structs.replace(
        card,
        held_rows=rows.height,
        held_positive=int((test.outcome > 0).sum()),
        held_from=iso(first) if split.in_time else card.as_of,
        method=split.method,
        figures=figures,
        lift=tuple(lift_table(test.outcome, said)) if chances else (),
        calibration=tuple(calibration_bins(test.outcome, said)) if chances else (),
    )
    return msgspec.structs.replace(tested, limits=(*_level_limits(tested), *card.limits))


def read_inputs(
    frame: pl.DataFrame, features: tuple[str, ...], moments: pl.Series | datetime | None
) -> pl.DataFrame:
    """Return the columns that an estimator reads.

    Args:
        frame: shape (n, tags).
        features: its tags.
        moments: where it looks ahead: of each row, or of all; dates and moments become days before it,
            so that they mean the same in every year. None: they stay.
    """
    if PAST in frame.columns:
        return frame.select(PAST, pl.lit(moments).cast(pl.Datetime("us", "UTC")).alias(MOMENT))
    chosen = frame.select(features)
    if moments is None:
        return chosen
    asked = moments if isinstance(moments, pl.Series) else pl.Series([moments]).dt.convert_time_zone("UTC")
    now = pl.lit(asked.cast(pl.Datetime("us", "UTC")).to_physical() / 1e6 / _SECONDS_A_DAY)
    columns = []
    for name, dtype in chosen.schema.items():
        column = pl.col(name)
        if dtype in (pl.Date, pl.Datetime):
            days = column.cast(pl.Datetime("us")).to_physical() / 1e6 / _SECONDS_A_DAY
            column = (now - days).alias(name)
        elif dtype.is_decimal():
            column = column.cast(pl.Float64)
        columns.append(column)
    return chosen.select(columns)


def measured(inputs: pl.DataFrame) -> pl.DataFrame:
    """Return the columns whose drift is measured: the inputs, or what is told of purchases."""
    return past_figures(inputs) if PAST in inputs.columns else inputs


def recipe_of(definition: EstimatorDefinition, rows: pl.DataFrame, latest: pl.DataFrame | None = None) -> str:
    """Return digests of all that a version follows from: the definition and the libraries, then the rows.

    The same recipe need not be trained again.
    """
    buffer = io.BytesIO()
    for frame in (rows, latest):
        if frame is not None:
            frame.write_ipc(buffer)
    plain = msgspec.to_builtins(definition, str_keys=True)
    return f"{digest(canonical_json(plain), canonical_json(_libraries()))}:{digest(buffer.getvalue())}"


def _libraries() -> dict[str, str]:
    return {name: library_version(name) for name in LIBRARIES}


def _plain_card(
    bank: Bank,
    definition: EstimatorDefinition,
    rows: pl.DataFrame,
    model: TrainedEstimator,
    *,
    as_of: datetime,
    seed: int,
) -> EstimatorCard:
    """Return the card without what a test tells."""
    ahead = definition.horizon is not None
    chosen = ahead and definition.treatment is None  # moments of our own choice
    moments = rows["event_time"].unique().sort().to_list() if chosen else []
    last = rows["event_time"].max()
    assert isinstance(last, datetime), "there are rows"
    positive = int((rows["success"].cast(pl.Float64) > 0).sum())
    return EstimatorCard(
        estimator=definition.estimator,
        name=definition.name,
        kind=definition.kind,
        version=model.version,
        definitions=bank.version,
        as_of=iso(as_of),
        seed=seed,
        what=definition.what,
        population=definition.population,
        features=definition.features,
        uses=definition.uses,
        protected=definition.protected,
        moments=tuple(map(iso, moments)),
        looks_ahead=ahead,
        rows=rows.height,
        rows_positive=positive,
        customers=rows["customer"].n_unique(),
        known_until=iso(last + (definition.horizon or timedelta())),
        held_rows=0,
        held_positive=0,
        held_from=iso(as_of),
        method=Text("Not tested.", "未检验。"),
        figures={},
        lift=(),
        calibration=(),
        importance=model_importance(model),
        drift={},
        fairness=(),
        comparison=None,
        limits=tuple(_limits(definition, positive, len(moments))),
        libraries=_libraries(),
    )


def _against(
    kind: str, champion: KeptVersion, rows: pl.DataFrame, test: _Rows, said: Floats, split: Split
) -> Comparison | None:
    """Compare with the champion, or None where the bank no longer has what the champion reads or foresees."""
    if champion.card.kind not in _COMPARABLE[kind] or not set(champion.card.features) <= set(rows.columns):
        return None
    first = rows["event_time"].min()
    assert isinstance(first, datetime), "the test has rows"
    # held back by customer, every outcome may have been learnt from, whenever it was known
    known_by = first if split.in_time else datetime.min.replace(tzinfo=first.tzinfo)
    model, stand_in = champion.knowing_nothing_after(known_by)
    ahead = rows["event_time"] if champion.card.looks_ahead else None
    theirs = model.predict(read_inputs(rows, champion.card.features, ahead))
    version = champion.card.version
    return compare_versions(
        kind, test.outcome, said, theirs, test.treated, version=version, stand_in=stand_in
    )


def _fairness(
    bank: Bank, definition: EstimatorDefinition, rows: pl.DataFrame, observed: Floats | None, said: Floats
) -> tuple[GroupFairness, ...]:
    return tuple(
        group_fairness(observed, said, rows[tag], name=bank.tags[tag].name)
        for tag in definition.protected
        if tag in bank.tags and tag in rows.columns
    )


_UNTESTED = Text(
    "Too few outcomes to hold any back: nothing was tested in time, and no challenger can be compared.",
    "结果太少，无法留出检验：未做时间外检验，也无法与挑战者对比。",
)
_CROSS_FITTED = Text(
    "Measured by the estimator itself: each row was estimated by trees that had not seen it (cross-fitted).",
    "由模型自身度量：每一行均由未见过该行的树估计（交叉拟合）。",
)


def _untested_card(card: EstimatorCard, model: TrainedEstimator) -> EstimatorCard:
    """Return the card where no rows could be held back: with what the estimator measured of itself, if it did."""
    limits = (_UNTESTED, *card.limits)
    own = own_card(model)
    if own is None:
        return msgspec.structs.replace(card, limits=limits)
    figures = {
        "auc": Figure(own.auc, own.auc_low, own.auc_high),
        "average_precision": Figure(own.average_precision),
        "log_loss": Figure(own.log_loss),
        "calibration_error": Figure(own.calibration_error),
    }
    return msgspec.structs.replace(card, figures=figures, lift=own.lift, method=_CROSS_FITTED, limits=limits)


def own_card(model: TrainedEstimator) -> ModelCard | None:
    """Return what a model knows of its own training, where it does; importance is largest first."""
    card = model.card() if hasattr(model, "card") else None
    if not isinstance(card, ModelCard):
        return None
    ordered = sorted(card.importance.items(), key=lambda pair: (-pair[1], pair[0]))
    return msgspec.structs.replace(card, importance=dict(ordered))


def _level_limits(card: EstimatorCard) -> list[Text]:
    """Warn where the test shows that the level of the estimates moves, even if their order holds."""
    found = card.figures.get("observed_to_predicted")
    if (
        found is None
        or found.low is None
        or found.high is None
        or (found.low <= LEVEL_MOST and found.high >= 1 / LEVEL_MOST)
    ):
        return []
    return [
        Text(
            f"Trust the order, not the level: in the test, {found.value:.2f} times as much happened as was said.",
            f"可信的是排序而非水平：检验中实际发生为预测的 {found.value:.2f} 倍。",
        )
    ]


def _limits(definition: EstimatorDefinition, positive: int, moments: int) -> list[Text]:
    """Return what must not be concluded from the figures."""
    found = [
        Text(
            "It tells who, not why: the estimate is what follows in such customers, not what an action would change.",
            "估计的是相关性而非因果：不能说明某个动作会改变什么。",
        )
    ]
    if definition.treatment is not None:
        found[:] = [
            Text(
                "It tells what the action changes only as far as who got it was drawn by lot, or depended on nothing "
                "but the tags it reads.",
                "仅当触达对象由随机抽取、或只取决于所读标签时，估计才反映动作带来的改变。",
            )
        ]
    if definition.horizon is not None:
        found.append(
            Text(
                "Tags from sources without a date count as known from the first load on; if such a tag moved with the "
                "outcome, the test is too kind.",
                "无日期来源的标签自首次入库起视为已知；若其随结果变化，检验会偏乐观。",
            )
        )
    if moments > 1:
        found.append(
            Text(
                "The same customer may stand at several moments; intervals take the rows of the test as independent.",
                "同一客户可能出现在多个时点；置信区间按检验样本相互独立计算。",
            )
        )
    if positive < POSITIVES_FEW:
        found.append(Text(f"Learnt from only {positive} positive outcomes.", f"正例仅 {positive} 个。"))
    if "price" not in definition.uses:
        found.append(Text("It must not set a price.", "不得用于定价。"))
    return found
