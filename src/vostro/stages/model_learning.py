"""Learning 学习: what 'vostro build' does with every estimator.

A version is made from all outcomes that are known, compared with the champion and proposed. The champion is looked at,
and speaks: its estimates are what model tags say. Where a definition says ``approval: automatic``, a
version that is not worse takes over by itself.
"""

from datetime import datetime, timedelta

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.bank import Bank
from vostro.capture.watch import Check, raise_alerts, read_alerts
from vostro.engine import Workspace
from vostro.insight import EstimatorDefinition, ModelCard
from vostro.insight.card import EstimatorCard
from vostro.insight.errors import ModelFileError
from vostro.insight.kinds import TrainedEstimator
from vostro.insight.promotion import AUTOMATIC, Standing, Step, StepKind, Version, may_propose
from vostro.insight.watch import POSITIVES_LEAST, ModelWatch, drift_of, model_checks, performance_of
from vostro.portrait import parse_rule
from vostro.stages.model_keeping import KeptVersion, MadeVersion, keep_version, read_version
from vostro.stages.model_log import lock_estimator, read_standing, say_step, say_watch
from vostro.stages.model_making import make_version, measured, own_card, read_inputs, recipe_of
from vostro.stages.purchases import read_purchases, with_past
from vostro.stages.training import training_rows
from vostro.words import Text, VostroError, iso, parse_moment

__all__ = ["LearntModel", "learn_estimator", "model_tags"]

Floats = npt.NDArray[np.float64]
Estimates = pl.DataFrame | None  # customer and value; None: nobody speaks


class LearntModel(msgspec.Struct, frozen=True, kw_only=True):
    """What a build found of one estimator."""

    estimator: str
    champion: str | None  # version
    proposed: str | None
    tags: tuple[str, ...]  # model tags that it feeds
    verdict: str = ""  # of what was made now, against the champion; empty without one
    new: bool = False  # a version was made that was not known
    note: Text | None = None  # why it does not speak, or was not made
    card: ModelCard | None = None  # of what was made now, by the model itself
    watch: ModelWatch | None = None


def learn_estimator(
    workspace: Workspace,
    bank: Bank,
    definition: EstimatorDefinition,
    portraits: pl.DataFrame,
    *,
    moment: datetime,
    as_of: datetime,
    by: str,
) -> tuple[LearntModel, Estimates]:
    """Make a version, propose it where that is due, look at the champion, and let it speak.

    Args:
        workspace: of the bank.
        bank: the definitions.
        definition: of the estimator.
        portraits: of every customer as of the moment.
        moment: what the clock says.
        as_of: the moment of learning.
        by: the person who builds.

    Returns:
        What was found; and ``customer`` and ``value`` of the customers whom the champion estimates, or
        None where nobody speaks.
    """
    code = definition.estimator
    with workspace.store.begin() as connection:
        now = read_standing(connection, code)
    champion = _readable(workspace, code, now.champion)
    also = champion.card.features if champion else ()
    rows = training_rows(workspace, bank, definition, as_of=as_of, customers=portraits["customer"], also=also)
    latest = None
    if definition.amount is not None:
        past = read_purchases(workspace, bank, definition).filter(pl.col("time") < as_of)
        portraits = with_past(portraits, past, as_of)
        latest = read_inputs(portraits, (), as_of)
    recipe = recipe_of(definition, rows, latest)
    known = _known(workspace, definition, now, recipe, as_of)
    made, note = (None, None) if known else _make(bank, definition, rows, champion, as_of, latest)
    shown = known or made
    found = LearntModel(
        estimator=code,
        champion=now.champion,
        proposed=now.proposed,
        verdict="" if shown is None else _verdict(shown.card),
        note=note,
        card=None if shown is None else own_card(shown.model),
        tags=model_tags(bank, code),
    )
    if now.learnt_until and as_of < parse_moment(now.learnt_until):
        return _look_back(bank, definition, portraits, found, shown, as_of)
    if made is not None:
        now, new = _enter(workspace, definition, made, recipe, moment=moment, by=by)
        found = msgspec.structs.replace(found, champion=now.champion, proposed=now.proposed, new=new)
        champion = _readable(workspace, code, now.champion)
    silent = _silence(bank, definition, now, champion)
    if champion is None or silent is not None:
        return msgspec.structs.replace(found, note=found.note or silent), None
    asked, said = _speak(bank, champion.model, champion.card, portraits, as_of)
    watch = _look_at(champion, asked, said, rows, as_of=as_of)
    _raise(workspace, watch, moment)
    return msgspec.structs.replace(found, watch=watch), _estimates(asked, said)


def _known(
    workspace: Workspace, definition: EstimatorDefinition, now: Standing, recipe: str, as_of: datetime
) -> KeptVersion | None:
    """Return the version that follows from a recipe, or from the same definition and is young enough still."""
    version = next((each.version for each in now.versions.values() if each.recipe == recipe), None)
    young = [each for each in now.versions.values() if _is_young(each, definition, recipe, as_of)]
    return _readable(workspace, now.estimator, version or (young[-1].version if young else None))


def _is_young(version: Version, definition: EstimatorDefinition, recipe: str, as_of: datetime) -> bool:
    same = version.recipe.partition(":")[0] == recipe.partition(":")[0]
    age = as_of - parse_moment(version.as_of)
    return same and definition.refresh is not None and timedelta() <= age < definition.refresh


def _readable(workspace: Workspace, estimator: str, version: str | None) -> KeptVersion | None:
    """Return a version whose files can all be read, or None: a build goes on without it, and says so."""
    try:
        kept = read_version(workspace.lake, estimator, version)
        return kept if kept is None or (kept.model and kept.profile) else None
    except ModelFileError:
        return None


def _silence(
    bank: Bank, definition: EstimatorDefinition, now: Standing, champion: KeptVersion | None
) -> Text | None:
    """Return why nobody speaks, or None where the champion does."""
    if champion is None:
        return _UNAPPROVED if now.champion is None else _DAMAGED
    if "value" in (champion.card.kind, definition.kind) and champion.card.what != definition.what:
        return _OTHER  # it would read other purchases than it learnt from
    try:
        asked = parse_rule(champion.card.population, bank.tags, use="segment").tags
    except VostroError:
        return _LOST_TAGS
    return None if {*champion.card.features, *asked} <= set(bank.tags) else _LOST_TAGS


def _make(
    bank: Bank,
    definition: EstimatorDefinition,
    rows: pl.DataFrame,
    champion: KeptVersion | None,
    as_of: datetime,
    latest: pl.DataFrame | None,
) -> tuple[MadeVersion | None, Text | None]:
    """Make a version, or say why nothing can be learnt; the other estimators of the bank go on."""
    if rows.is_empty():
        return None, _NO_OUTCOMES
    try:
        return make_version(bank, definition, rows, as_of=as_of, champion=champion, latest=latest), None
    except VostroError as error:
        if not error.code.startswith("insight."):
            raise
        return None, Text(error.say("en"), error.say("zh"))


_NO_OUTCOMES = Text("no outcome is known to learn from", "没有可学习的结果")
_UNAPPROVED = Text("no version is approved: its model tags are unknown", "尚无获批版本，其模型标签为未知")
_DAMAGED = Text(
    "the champion's files cannot be read: restore them, or approve a new version",
    "冠军的模型文件无法读取，请恢复文件或批准新版本",
)
_OTHER = Text(
    "the champion foresees something else than the definition; approve a new version",
    "冠军的预测目标与定义不同，请批准新版本",
)
_LOST_TAGS = Text(
    "the champion reads tags that the bank no longer defines; approve a new version",
    "冠军读取的标签已不在定义中，请批准新版本",
)
_PAST = Text(
    "looking back: nothing is proposed, and the champion does not speak of moments before it learnt",
    "回看过去时点：不提出新版本，冠军不对其学习之前的时点作估计",
)


def _look_back(
    bank: Bank,
    definition: EstimatorDefinition,
    portraits: pl.DataFrame,
    found: LearntModel,
    made: MadeVersion | KeptVersion | None,
    as_of: datetime,
) -> tuple[LearntModel, Estimates]:
    """Build as of a moment before the last learning: what was made now speaks if it needs nobody's approval."""
    if made is None or definition.approval == "person":
        return msgspec.structs.replace(found, note=_PAST), None
    asked, said = _speak(bank, made.model, made.card, portraits, as_of)
    return msgspec.structs.replace(found, note=_PAST), _estimates(asked, said)


def _enter(
    workspace: Workspace,
    definition: EstimatorDefinition,
    made: MadeVersion,
    recipe: str,
    *,
    moment: datetime,
    by: str,
) -> tuple[Standing, bool]:
    """Keep a version, and write what follows for it into the log; return the standing and whether it is new."""
    card, verdict = made.card, _verdict(made.card)

    def step(name: StepKind, who: str) -> Step:
        return Step(
            step=name,
            estimator=card.estimator,
            version=card.version,
            by=who,
            as_of=card.as_of,
            verdict=verdict,
            recipe=recipe,
        )

    with workspace.store.begin() as connection:
        new = card.version not in read_standing(connection, card.estimator).versions
    if new or _readable(workspace, card.estimator, card.version) is None:  # lost files are made again, too
        keep_version(workspace, made)
    with workspace.store.begin() as connection:
        lock_estimator(connection, card.estimator)
        now = read_standing(connection, card.estimator)
        if card.version not in now.versions:
            now = say_step(connection, step("trained", by), moment)
        if may_propose(now, card.version, verdict):
            now = say_step(connection, step("proposed", by), moment)
            if definition.approval == "automatic":
                now = say_step(connection, step("approved", AUTOMATIC), moment)
    return now, new


def _speak(
    bank: Bank, model: TrainedEstimator, card: EstimatorCard, portraits: pl.DataFrame, as_of: datetime
) -> tuple[pl.DataFrame, Floats]:
    """Return the customers of the population, and what is foreseen of them."""
    asked = portraits.filter(pl.Series(parse_rule(card.population, bank.tags, use="segment").mask(portraits)))
    if not asked.height:
        return asked, np.zeros(0)
    return asked, model.predict(read_inputs(asked, card.features, as_of if card.looks_ahead else None))


def _estimates(asked: pl.DataFrame, said: Floats) -> pl.DataFrame:
    return asked.select("customer").with_columns(value=pl.Series(said, dtype=pl.Float64))


def _verdict(card: EstimatorCard) -> str:
    return "" if card.comparison is None else card.comparison.verdict


def _look_at(
    champion: KeptVersion, asked: pl.DataFrame, said: Floats, rows: pl.DataFrame, *, as_of: datetime
) -> ModelWatch:
    """Measure a champion's drift against today's customers, and its performance on outcomes that it had not seen."""
    card = champion.card
    inputs: dict[str, float] = {}
    score: float | None = None
    if asked.height:
        ahead = as_of if card.looks_ahead else None
        inputs, score = drift_of(champion.profile, measured(read_inputs(asked, card.features, ahead)), said)
    unseen = rows.filter(pl.col("event_time") >= parse_moment(card.known_until))
    performance = None
    if (
        unseen.height >= 2 * POSITIVES_LEAST
        and "auc" in card.figures
        and set(card.features) <= set(rows.columns)
    ):
        first = unseen["event_time"].min()
        assert isinstance(first, datetime), "there are rows"
        ahead_of = unseen["event_time"] if card.looks_ahead else None
        performance = performance_of(
            unseen["success"].to_numpy().astype(np.float64),
            champion.model.predict(read_inputs(unseen, card.features, ahead_of)),
            card.figures["auc"],
            since=iso(first),
        )
    return ModelWatch(
        estimator=card.estimator,
        version=card.version,
        as_of=iso(as_of),
        customers=asked.height,
        score=score,
        inputs=inputs,
        performance=performance,
    )


def _raise(workspace: Workspace, watch: ModelWatch, moment: datetime) -> None:
    """Write the look into the log, raise what is wrong, and settle alerts of what is no longer looked at."""
    with workspace.store.begin() as connection:
        say_watch(connection, watch, moment)
    checks = list(model_checks(watch, moment))
    subjects = {check.subject for check in checks}
    for alert in read_alerts(workspace.store):
        if checks and alert.source == checks[0].source and alert.subject not in subjects:
            checks.append(
                Check(
                    source=alert.source,
                    check=alert.check,
                    subject=alert.subject,
                    unit="psi",
                    value=None,
                    verdict="ok",
                    words=Text("no longer measured", "不再监测"),
                    measured=moment,
                )
            )
    raise_alerts(workspace.store, checks, moment)


def model_tags(bank: Bank, estimator: str) -> tuple[str, ...]:
    """Return the model tags that an estimator feeds."""
    return tuple(code for code, tag in bank.tags.items() if tag.model and tag.model.estimator == estimator)
