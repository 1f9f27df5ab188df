"""Insight, as a stage 洞察阶段: what would each customer answer, learnt from what was known before?

A campaign in waves is estimated wave by wave, each from its own past. Any other is estimated
once, from the outcomes before its moment. Both are judged on the way, and what was learnt is
kept in the lake so that the run can be decided again.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from vostro.bank import Bank
from vostro.capture import current
from vostro.engine import Lake, Workspace
from vostro.insight import (
    NO_WAVE,
    EstimatorDefinition,
    ResponseModel,
    ShuffledEvaluation,
    TimeAwareResponseModel,
    WavesEvaluation,
    evaluate_shuffled,
    evaluate_waves,
    psi_of_inputs,
    score_waves,
)
from vostro.lap import Estimates, Explainer, Lap
from vostro.learn import CalibrationBin, LiftRow, ShuffledResult, WaveResult, WavesResult
from vostro.listen import outcomes_of
from vostro.stages.model_keeping import read_version
from vostro.stages.model_log import read_standing
from vostro.stages.runs import KeptRun
from vostro.stages.tag_words import tag_words
from vostro.stages.training import training_rows
from vostro.words import VostroError, iso, parse_moment

__all__ = ["insight", "keep_models", "read_estimates", "response_model"]

FOLDS = 5
MODELS = "model"  # lake table: one partition a run, one file a wave


class MomentUnknownError(VostroError):
    """Nothing says as of when the campaign is decided."""

    code = "insight.moment_unknown"
    status = 422
    en = (
        "No source of this bank has an event time, so the campaign's moment is not known. "
        "Give it, such as --as-of 2026-03-01T09:00+08:00."
    )
    zh = "本行所有来源都没有发生时间，无法确定活动的决策时点。请用 --as-of 指定，例如 --as-of 2026-03-01T09:00+08:00。"


class OutcomesMissingError(VostroError):
    """Nothing was known that an estimator could learn from."""

    code = "insight.outcomes_missing"
    status = 422
    en = (
        "Estimator '{estimator}' has nothing to learn from: no event '{event}' of a customer whose portrait was "
        "known is older than {as_of}. Load past outcomes; portraits as of a moment see only what was loaded by then."
    )
    zh = (
        "模型“{estimator}”没有可学习的样本：在 {as_of} 之前，没有已知画像客户的“{event}”事件。"
        "请加载历史结果；指定时点的画像只包含该时点前已入库的数据。"
    )


class WavesEmptyError(VostroError):
    """A campaign in waves has no wave to decide."""

    code = "insight.waves_empty"
    status = 422
    en = (
        "Campaign '{campaign}' learns from its first {first:,} customers and decides on those after them, but only "
        "{rows:,} customers with an outcome are loaded. Load more, or lower 'waves.first'."
    )
    zh = (
        "活动“{campaign}”以前 {first:,} 位客户为学习样本、从其后开始决策，但目前只加载了 {rows:,} 位有结果的客户。"
        "请加载更多数据，或调低 waves.first。"
    )


class EstimatorsMissingError(VostroError):
    """The estimators of a run were not kept."""

    code = "insight.estimators_missing"
    status = 409
    en = "Run {run} cannot be decided again: its estimators are not in the lake. Run the campaign again."
    zh = "批次 {run} 无法重放：数据湖中缺少其模型。请重新运行该营销活动。"


class ChampionMissingError(VostroError):
    """A campaign would decide by an estimator that nobody approved."""

    code = "insight.champion_missing"
    status = 409
    en = (
        "Estimator '{estimator}' needs approval, and no approved version reads the tags of its definition. Run 'vostro build', "
        "read 'vostro models show {estimator}', and let a second person approve it."
    )
    zh = (
        "模型“{estimator}”须经复核，且没有适用于当前定义的获批版本。请运行“vostro build”，"
        "查看“vostro models show {estimator}”，并由第二人批准。"
    )


def insight(lap: Lap) -> Lap:
    """Estimate the response of everybody whom the campaign decides on."""
    outcomes = outcomes_of(lap.workspace.store, lap.estimator, lap.bank.contracts)
    estimates = _by_waves(lap, outcomes) if lap.campaign.waves else _at_once(lap, outcomes)
    lap.progress("insight", 1, 1)
    return replace(lap, outcomes=outcomes, estimates=estimates)


def _at_once(lap: Lap, outcomes: pl.DataFrame) -> Estimates:
    """Learn from every outcome before the campaign's moment, and estimate everybody in the segment."""
    assert lap.portraits is not None, "portrait comes before insight"
    as_of = lap.options.as_of or _moment(lap)
    loaded_by = lap.options.as_of or lap.options.load_time  # as the portraits of the campaign
    rows = training_rows(
        lap.workspace, lap.bank, lap.estimator, as_of=as_of, loaded_by=loaded_by, outcomes=outcomes
    )
    if rows.is_empty():
        raise OutcomesMissingError(
            estimator=lap.estimator.estimator, event=lap.estimator.event, as_of=iso(as_of)
        )
    features, target = rows.select(lap.estimator.features), rows["success"].to_numpy()
    lap.progress("insight", 0, FOLDS + 1)
    # No order in time is given: an outcome's moment depends on the outcome (who does not buy is only
    # known at the end of the window), so that folds by it would sort buyers from the others.
    model = _approved(lap)
    if model is None:
        model = response_model(lap.bank, lap.estimator, seed=lap.campaign.seed).fit(features, target=target)
    lap.progress("insight", 1, FOLDS + 1)
    shuffled = evaluate_shuffled(
        features,
        target,
        folds=FOLDS,
        seed=lap.campaign.seed,
        make=lambda seed: response_model(lap.bank, lap.estimator, seed=seed),
        progress=lambda done, _: lap.progress("insight", 1 + done, FOLDS + 1),
    )
    segment = lap.bank.segments[lap.campaign.segment]
    population = lap.portraits.filter(segment.mask(lap.portraits)).with_columns(
        wave=pl.lit(0, pl.Int64), event_time=pl.lit(as_of)
    )
    inputs = population.select(lap.estimator.features)
    keep_models(lap.workspace, lap.run_id, {0: model})
    return Estimates(
        population=population,
        probability=model.predict(inputs),
        as_of={0: as_of},
        versions={0: model.version},
        models={0: model},
        features=lap.estimator.features,
        shuffled=shuffled_result(shuffled),
        drift_psi=model.drift(inputs) if inputs.height else {},
        importance=model.card().importance,
    )


def _approved(lap: Lap) -> ResponseModel | None:
    """Return the champion where the estimator needs a person's approval; None: it learns for the campaign.

    Raises:
        ChampionMissingError: nobody approved a version that reads the tags of the definition.
    """
    definition, lake = lap.estimator, lap.workspace.lake
    if definition.approval == "automatic":
        return None
    with lap.workspace.store.begin() as connection:
        champion = read_standing(connection, definition.estimator).champion
    kept = read_version(lake, definition.estimator, champion)
    if kept is None or not set(kept.card.features) <= set(definition.features):
        raise ChampionMissingError(estimator=definition.estimator)
    assert isinstance(kept.model, ResponseModel), "read_bank lets only responses decide"
    return kept.model


def _by_waves(lap: Lap, outcomes: pl.DataFrame) -> Estimates:
    """Estimate each wave from the outcomes of the customers before it; none of its own is seen."""
    waves, definition, seed = lap.campaign.waves, lap.estimator, lap.campaign.seed
    assert waves is not None and lap.portraits is not None, "a campaign in waves"
    rows = _in_order(lap, outcomes)
    if rows.height <= waves.first:
        raise WavesEmptyError(campaign=lap.campaign.campaign, first=waves.first, rows=rows.height)
    features, target = rows.select(definition.features), rows["success"].to_numpy()
    steps = len(range(waves.first, rows.height, waves.size)) + FOLDS
    shuffled = evaluate_shuffled(
        features,
        target,
        folds=FOLDS,
        seed=seed,
        make=lambda each: response_model(lap.bank, definition, seed=each),
        progress=lambda done, _: lap.progress("insight", done, steps),
    )
    scores = score_waves(
        features,
        target,
        size=waves.size,
        first=waves.first,
        seed=seed,
        make=lambda each: TimeAwareResponseModel(
            seed=each, period=max(waves.size, 20), names=tag_words(lap.bank)
        ),
        progress=lambda done, _: lap.progress("insight", FOLDS + done, steps),
    )
    models = dict(enumerate(scores.models))
    keep_models(lap.workspace, lap.run_id, models)
    scored = rows.with_columns(wave=pl.Series(scores.wave), p=pl.Series(scores.response_probability))
    segment = lap.bank.segments[lap.campaign.segment]
    population = scored.filter((pl.col("wave") != NO_WAVE) & pl.Series(segment.mask(rows)))
    starts = (
        scored.filter(pl.col("wave") != NO_WAVE).group_by("wave").agg(pl.col("event_time").min()).sort("wave")
    )
    return Estimates(
        population=population.drop("p", "success"),
        probability=population["p"].to_numpy(),
        as_of=dict(starts.iter_rows()),
        versions=dict(enumerate(scores.version)),
        models=models,
        features=definition.features,
        shuffled=shuffled_result(shuffled),
        waves=_waves_result(evaluate_waves(scores, target, seed=seed)),
        drift_psi=psi_of_inputs(features.head(waves.first), features.slice(waves.first)),
        importance=_importance(scores.models[-1], features.tail(waves.size)),
    )


def _in_order(lap: Lap, outcomes: pl.DataFrame) -> pl.DataFrame:
    """Return portraits with event_time and success, in the order in which the customers came."""
    assert lap.campaign.waves is not None and lap.portraits is not None
    contract = lap.bank.contracts[lap.campaign.waves.order]
    assert contract.customer is not None, "check_campaign refuses others"
    came = current(lap.workspace.lake, contract).select(
        pl.col(contract.customer).cast(pl.String).alias("customer"), "event_time", "_line"
    )
    first = outcomes.filter("learnable").unique("customer", keep="first", maintain_order=True)
    return (
        came.collect()
        .join(lap.portraits, on="customer", how="inner")
        .join(first.select("customer", "success"), on="customer", how="inner")
        .sort("event_time", "_line", "customer")  # two files may share moment and line
        .drop("_line")
    )


def _importance(model: TimeAwareResponseModel, rows: pl.DataFrame) -> dict[str, float]:
    """Return each tag's share of what moves the last wave's log-odds (mean absolute effect)."""
    _, effects = model.effects(rows)
    size = np.abs(effects).mean(axis=0)
    share = size / size.sum() if size.sum() else size
    found = dict(zip(model.feature_names, share.tolist(), strict=True))
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _moment(lap: Lap) -> datetime:
    """Return the moment just after the last thing that was known before the campaign."""
    last = [
        current(lap.workspace.lake, each).select(pl.col("event_time").max()).collect().item()
        for each in lap.bank.contracts.values()
        if each.event_time is not None and not each.awaited
    ]
    known: list[datetime] = [each for each in last if each is not None]
    if not known:
        raise MomentUnknownError
    return max(known) + timedelta(microseconds=1)


def response_model(bank: Bank, definition: EstimatorDefinition, *, seed: int) -> ResponseModel:
    """Return the model of a definition, not yet fitted; it names tags as the bank does."""
    return ResponseModel(
        seed=seed,
        features=definition.features,
        contexts=definition.contexts,
        names=tag_words(bank),
    )


def keep_models(workspace: Workspace, partition: str, models: Mapping[int, Explainer]) -> None:
    """Keep the estimator of each wave in the lake, under a run's or an estimator's name."""
    lake = workspace.lake
    with lake.stage(MODELS, partition) as stage, workspace.store.begin() as connection:
        for wave, model in models.items():
            model.save(stage.path / f"wave-{wave:05d}.json")
        stage.rows = len(models)
        lake.publish(connection, stage)


def read_estimates(
    lake: Lake, bank: Bank, kept: KeptRun, stored: pl.DataFrame, portraits: pl.DataFrame
) -> Estimates:
    """Estimate a kept run again, from its kept estimators and portraits.

    Args:
        lake: holds the estimators.
        bank: the definitions of that run.
        kept: the run.
        stored: its decisions; they say who was in which wave, and as of when.
        portraits: its portraits.

    Raises:
        EstimatorsMissingError: the estimators are not in the lake.
    """
    campaign = bank.campaign(kept.campaign)
    estimator = bank.estimators[bank.catalogue.actions[campaign.action].response.model]
    folder = next((part.path for part in lake.partitions(MODELS) if part.partition == kept.id), None)
    if folder is None:
        raise EstimatorsMissingError(run=kept.id)
    population = stored.select("customer", "wave", "as_of").join(
        portraits, on="customer", how="left", maintain_order="left"
    )
    as_of = {
        wave: parse_moment(text)
        for wave, text in population.select("wave", "as_of").unique().sort("wave").iter_rows()
    }
    kind = TimeAwareResponseModel if campaign.waves else ResponseModel
    models = {wave: kind.load(folder / f"wave-{wave:05d}.json") for wave in as_of}
    probability = np.full(population.height, np.nan)
    for wave, model in models.items():
        here = (population["wave"] == wave).to_numpy()
        probability[here] = model.predict(population.filter(here).select(estimator.features))
    return Estimates(
        population=population.drop("as_of"),
        probability=probability,
        as_of=as_of,
        versions={wave: model.version for wave, model in models.items()},
        models=dict(models),
        features=estimator.features,
    )


def shuffled_result(found: ShuffledEvaluation) -> ShuffledResult:
    """Return an evaluation in the form of the run's report."""
    return ShuffledResult(
        folds=found.folds,
        rows=found.rows,
        auc=found.auc,
        auc_low=found.auc_low,
        auc_high=found.auc_high,
        average_precision=found.average_precision,
        calibration_error=found.calibration_error,
        best_half=found.best_half,
        best_tenth=found.best_tenth,
        lift=[LiftRow(each.tenth, each.rows, each.rate, each.lift) for each in found.lift],
        calibration=[CalibrationBin(each.predicted, each.observed, each.rows) for each in found.calibration],
    )


def _waves_result(found: WavesEvaluation) -> WavesResult:
    rows = [
        WaveResult(each.wave, each.rows, each.rate, each.rate_best_fifth, each.ratio, each.auc)
        for each in found.waves
    ]
    return WavesResult(
        found.size, found.first, found.best_fifth, found.best_fifth_low, found.best_fifth_high, rows
    )
