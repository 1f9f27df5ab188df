"""Making a version 训练版本: trained, tested on what it could not know, and kept with its card.

A version is two estimators: the one that may speak, trained on all rows, and the one that was tested,
trained on the earlier part. The latter is kept, too: when a later version is compared on outcomes that
the champion has learnt from in the meantime, it stands in for the champion.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from importlib.metadata import version as library_version
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.bank import Bank
from vostro.engine import Lake, Workspace
from vostro.insight import EstimatorDefinition
from vostro.insight.card import Comparison, EstimatorCard
from vostro.insight.card_words import card_markdown
from vostro.insight.drift import psi_of_inputs
from vostro.insight.fairness import GroupFairness, group_fairness
from vostro.insight.files import read_state, state_digest, write_state
from vostro.insight.held_out import Split, figures_of, split_rows
from vostro.insight.kinds import TrainedEstimator, load_estimator, model_importance, train_estimator
from vostro.insight.metrics import calibration_bins, lift_table
from vostro.insight.promotion import compare
from vostro.insight.watch import Profile, profile_of
from vostro.stages.tag_words import tag_words
from vostro.words import Text, iso, parse_moment

__all__ = ["KeptVersion", "MadeVersion", "keep_version", "make_version", "read_inputs", "read_version"]

Floats = npt.NDArray[np.float64]
MODELS = "model"  # lake table, as of runs; versions are in partition "CODE=VERSION"
LIBRARIES = ("lightgbm", "numpy", "polars", "vostro")
POSITIVES_FEW = 200
LEVEL_MOST = 1.25  # what happened over what was said; surely beyond it is told
_HELD, _MODEL, _PROFILE, _CARD = "held.json", "model.json", "profile.json", "card.json"
_SECONDS_A_DAY = 86_400.0


@dataclass(frozen=True)
class KeptVersion:
    """A version in the lake."""

    folder: Path
    card: EstimatorCard

    @cached_property
    def model(self) -> TrainedEstimator:
        """The estimator that may speak."""
        return load_estimator(self.card.kind, self.folder / _MODEL)

    @cached_property
    def profile(self) -> Profile:
        """How inputs and estimates were spread."""
        return read_state(self.folder / _PROFILE, Profile)

    def knowing_nothing_after(self, moment: datetime) -> tuple[TrainedEstimator, bool]:
        """Return the estimator that had not seen outcomes after a moment, and whether it is a stand-in."""
        if parse_moment(self.card.known_until) <= moment or not (self.folder / _HELD).exists():
            return self.model, False
        return load_estimator(self.card.kind, self.folder / _HELD), True


@dataclass(frozen=True)
class MadeVersion:
    """A version that was just made."""

    card: EstimatorCard
    model: TrainedEstimator
    held: TrainedEstimator | None  # None: too few outcomes for a test
    profile: Profile


def make_version(
    bank: Bank,
    definition: EstimatorDefinition,
    rows: pl.DataFrame,
    *,
    as_of: datetime,
    champion: KeptVersion | None = None,
    model: TrainedEstimator | None = None,
    seed: int = 0,
) -> MadeVersion:
    """Train a version on all rows, test its recipe on held-out rows, and write its card.

    Args:
        bank: the definitions.
        definition: of the estimator.
        rows: as ``training_rows`` returns them.
        as_of: the moment of learning.
        champion: is compared on the same held-out rows.
        model: trained on all rows already.
        seed: of the training.

    Raises:
        OutcomesFewError, ClassMissingError: there is too little to learn from.
        VostroError: as ``train_estimator``.
    """
    outcome = rows["success"].to_numpy().astype(np.float64)
    order = None if definition.horizon is None else rows["event_time"]
    inputs = read_inputs(rows, definition.features, rows["event_time"] if order is not None else None)
    names = tag_words(bank)
    if model is None:
        model = train_estimator(definition, inputs, outcome, order=order, names=names, seed=seed)
    split = split_rows(
        rows["customer"],
        rows["event_time"],
        outcome,
        horizon=definition.horizon,
        question=definition.estimator,
    )
    card = _plain_card(bank, definition, rows, model, as_of=as_of, seed=seed)
    if split is None:
        profile = profile_of(inputs, model.predict(inputs))
        return MadeVersion(
            msgspec.structs.replace(card, limits=(_UNTESTED, *card.limits)), model, None, profile
        )
    held = train_estimator(
        definition,
        inputs.filter(split.learn),
        outcome[split.learn],
        order=None if order is None else order.filter(pl.Series(split.learn)),
        names=names,
        seed=seed,
    )
    test = rows.filter(split.test)
    said = held.predict(inputs.filter(split.test))
    comparison = None if champion is None else _against(champion, test, outcome[split.test], said, split)
    changes = {
        "held_rows": test.height,
        "held_positive": int(outcome[split.test].sum()),
        "held_from": iso(test["event_time"].min()) if split.in_time else iso(as_of),  # type: ignore[arg-type]
        "method": split.method,
        "figures": figures_of(outcome[split.test], said),
        "lift": tuple(lift_table(outcome[split.test], said)),
        "calibration": tuple(calibration_bins(outcome[split.test], said)),
        "drift": psi_of_inputs(inputs.filter(split.learn), inputs.filter(split.test)),
        "fairness": _fairness(bank, definition, test, outcome[split.test], said),
        "comparison": comparison,
    }
    tested = msgspec.structs.replace(card, **changes)
    tested = msgspec.structs.replace(tested, limits=(*_level_limits(tested), *card.limits))
    return MadeVersion(tested, model, held, profile_of(inputs, said))


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


def keep_version(workspace: Workspace, made: MadeVersion) -> KeptVersion:
    """Keep a version in the lake, with its card in both languages."""
    lake, card = workspace.lake, made.card
    with (
        lake.stage(MODELS, _partition(card.estimator, card.version)) as stage,
        workspace.store.begin() as connection,
    ):
        made.model.save(stage.path / _MODEL)
        if made.held is not None:
            made.held.save(stage.path / _HELD)
        for name, state in ((_PROFILE, made.profile), (_CARD, card)):
            write_state(stage.path / name, state, state_digest(state))
        (stage.path / "card.md").write_text(card_markdown(card, "en"), encoding="utf-8")
        (stage.path / "card.zh.md").write_text(card_markdown(card, "zh"), encoding="utf-8")
        stage.rows = 1
        lake.publish(connection, stage)
    kept = read_version(lake, card.estimator, card.version)
    assert kept is not None, "it was just kept"
    return kept


def read_version(lake: Lake, estimator: str, version: str | None) -> KeptVersion | None:
    """Return a version from the lake, or None where it is not kept.

    Raises:
        ModelFileError: its card is damaged.
    """
    for part in lake.partitions(MODELS) if version else ():
        if part.partition == _partition(estimator, version or ""):
            return KeptVersion(part.path, read_state(part.path / _CARD, EstimatorCard))
    return None


def _partition(estimator: str, version: str) -> str:
    return f"{estimator}={version[:16]}"


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
    moments = rows["event_time"].unique().sort().to_list() if definition.horizon is not None else []
    last = rows["event_time"].max()
    assert isinstance(last, datetime), "there are rows"
    positive = int(rows["success"].sum())
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
        libraries={name: library_version(name) for name in LIBRARIES},
    )


def _against(
    champion: KeptVersion, test: pl.DataFrame, observed: Floats, said: Floats, split: Split
) -> Comparison | None:
    """Compare with the champion, or None where the bank no longer has what the champion reads."""
    if not set(champion.card.features) <= set(test.columns):
        return None
    first = test["event_time"].min()
    assert isinstance(first, datetime), "the test has rows"
    # held back by customer, every outcome may have been learnt from, whenever it was known
    known_by = first if split.in_time else datetime.min.replace(tzinfo=first.tzinfo)
    model, stand_in = champion.knowing_nothing_after(known_by)
    ahead = test["event_time"] if champion.card.moments else None
    theirs = model.predict(read_inputs(test, champion.card.features, ahead))
    return compare(observed, said, theirs, version=champion.card.version, stand_in=stand_in)


def _fairness(
    bank: Bank, definition: EstimatorDefinition, test: pl.DataFrame, observed: Floats, said: Floats
) -> tuple[GroupFairness, ...]:
    tags: Mapping[str, object] = bank.tags
    return tuple(
        group_fairness(observed, said, test[tag], name=bank.tags[tag].name)
        for tag in definition.protected
        if tag in tags and tag in test.columns
    )


_UNTESTED = Text(
    "Too few outcomes for a test: nothing is known of how good it is.", "结果太少，无法检验：效果未知。"
)


def _level_limits(card: EstimatorCard) -> list[Text]:
    """Warn where the test shows that the level of the estimates moves, even if their order holds."""
    found = card.figures["observed_to_predicted"]
    if found.low is None or found.high is None or (found.low <= LEVEL_MOST and found.high >= 1 / LEVEL_MOST):
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
