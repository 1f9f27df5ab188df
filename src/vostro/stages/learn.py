"""Learn, as a stage 学习阶段: what the choice earned, put together into the run's report."""

from dataclasses import replace

import polars as pl

from vostro import __version__
from vostro.capture import ColumnQuality, LoadReport, list_rejects, watch_sources
from vostro.engine import Store, memory_peak_mb
from vostro.lap import Lap
from vostro.learn import (
    AudienceResult,
    CapacityPoint,
    ColumnResult,
    EffectResult,
    FunnelStep,
    PortraitBin,
    PortraitTag,
    RejectLine,
    RunReport,
    SourceResult,
    measure_effect,
    waiting_effect,
    what_if_capacity,
)
from vostro.portrait import TagDistribution, audience_portrait, select
from vostro.words import Text, iso

__all__ = ["learn", "memory_mb", "source_result"]

SHOWN = 10


def learn(lap: Lap) -> Lap:
    """Measure the effect, ask what another capacity would have earned, and write the run's report."""
    assert lap.answers is not None and lap.estimates is not None and lap.decided is not None
    effect = _effect(lap)
    capacity = []
    if effect.status == "measured":
        contacts = effect.chosen.rows
        capacity = what_if_capacity(
            lap.answers,
            replays_history=lap.campaign.replays_history,
            actual_share=contacts / max(1, lap.answers.height),
            margin=lap.action.margin,
            contact_cost=lap.action.contact_cost,
        )
    report = _report(lap, effect, capacity)
    lap.progress("learn", 1, 1)
    return replace(lap, report=report)


def _effect(lap: Lap) -> EffectResult:
    assert lap.answers is not None
    history = lap.campaign.replays_history
    if not lap.answers["answered"].any():
        return waiting_effect(replays_history=history)
    return measure_effect(
        lap.answers,
        replays_history=history,
        margin=lap.action.margin,
        contact_cost=lap.action.contact_cost,
        seed=lap.campaign.seed,
    )


def _report(lap: Lap, effect: EffectResult, capacity: list[CapacityPoint]) -> RunReport:
    bank, campaign, estimates = lap.bank, lap.campaign, lap.estimates
    assert estimates is not None and lap.decided is not None
    infos = bank.tag_infos
    return RunReport(
        run_id=lap.run_id,
        bank=bank.header.bank,
        bank_name=bank.header.name,
        campaign=campaign.campaign,
        campaign_name=campaign.name,
        action=lap.action.action,
        action_name=lap.action.name,
        product_name=bank.catalogue.products[lap.action.product].name,
        started=iso(lap.options.load_time),
        seed=campaign.seed,
        versions={
            "vostro": __version__,
            "definitions": bank.version[:12],
            "estimator": estimates.versions[max(estimates.versions)],
        },
        currency=bank.header.currency,
        sources=[source_result(each, lap.workspace.store) for each in lap.loads],
        audience=_audience(lap),
        shuffled=estimates.shuffled,
        waves=estimates.waves,
        drift_psi=estimates.drift_psi,
        importance=estimates.importance,
        tag_names={tag: info.name for tag, info in infos.items()},
        decisions=lap.decided,
        effect=effect,
        capacity=capacity,
        channels=list(lap.channels),
        steps_seconds={},
        seconds=0.0,
        memory_mb=memory_mb(),
        zone=bank.header.zone,
        watch=watch_sources(
            lap.workspace.store,
            lap.workspace.lake,
            bank.contracts,
            lap.options.load_time,
            lives=bank.moment(lap.options.load_time),
        ),
    )


def _audience(lap: Lap) -> AudienceResult:
    """Describe the segment, the gates after it, and what sets the chosen apart from all considered."""
    bank, decisions, portraits = lap.bank, lap.decisions, lap.portraits
    assert decisions is not None and portraits is not None
    segment = bank.segments[lap.campaign.segment]
    rule = segment.rule
    chosen = decisions.filter(pl.col("verdict") == "chosen")["customer"]
    base = portraits.filter(pl.col("customer").is_in(decisions["customer"].implode()))
    mask = base["customer"].is_in(chosen.implode()).to_numpy()
    found = audience_portrait(base, mask, bank.tags) if mask.any() else []
    return AudienceResult(
        segment=segment.segment,
        name=segment.name,
        rule=rule.text,
        rule_words=Text(en=rule.words("en"), zh=rule.words("zh")),
        customers=portraits.height,
        audience=int(select(rule, portraits).sum()),
        funnel=_funnel(decisions, portraits.height),
        portrait=sorted((_tag(each) for each in found), key=_apart, reverse=True),
    )


def _funnel(decisions: pl.DataFrame, customers: int) -> list[FunnelStep]:
    counts = dict(decisions["verdict"].value_counts().iter_rows())
    left = decisions.height
    steps = [
        FunnelStep("customers", Text(en="Customers of the bank", zh="全行客户"), customers),
        FunnelStep(
            "considered",
            Text(en="Considered: in the segment, and to be decided on", zh="进入决策的客群客户"),
            left,
        ),
    ]
    for verdict, words in (
        ("ineligible", Text(en="Eligible", zh="符合准入规则")),
        ("suppressed", Text(en="Not suppressed", zh="未命中抑制规则")),
        ("control", Text(en="Not held out", zh="非对照留白")),
        ("not_worth", Text(en="Worth the contact", zh="预期收益高于触达成本")),
        ("not_chosen", Text(en="Contacted within the capacity", zh="容量内触达")),
    ):
        left -= counts.get(verdict, 0)
        steps.append(FunnelStep(verdict, words, left))
    return steps


def _tag(found: TagDistribution) -> PortraitTag:
    bins = [PortraitBin(_text(b.value), b.base_share, b.audience_share, b.index) for b in found.bins]
    return PortraitTag(found.tag, found.name, found.dimension, found.coverage, bins)


def _apart(tag: PortraitTag) -> float:
    """Return the total variation between base and audience, 0 (alike) to 1."""
    return sum(abs(b.base_share - b.audience_share) for b in tag.bins) / 2


def _text(value: str | Text) -> Text:
    return value if isinstance(value, Text) else Text(en=value, zh=value)


def source_result(report: LoadReport, store: Store) -> SourceResult:
    """Turn a load's report into the run's form, with its first open rejects (masked)."""
    quality = report.quality
    first, last = quality.freshness or (None, None)
    open_rejects = list_rejects(store, source=report.source, limit=SHOWN) if report.rows_rejected else []
    return SourceResult(
        source=report.source,
        meaning=quality.meaning,
        file=report.file,
        rows_read=report.rows_read,
        rows_loaded=report.rows_loaded,
        rows_rejected=report.rows_rejected,
        already_loaded=report.already_loaded,
        freshness_first=iso(first) if first else None,
        freshness_last=iso(last) if last else None,
        columns=[_column(each) for each in quality.columns],
        rejects=[RejectLine(each.line, each.field, each.value, each.reason) for each in open_rejects],
        rejects_by_reason=report.rejects_by_reason,
    )


def _column(quality: ColumnQuality) -> ColumnResult:
    return ColumnResult(
        column=quality.name,
        meaning=quality.meaning,
        type=quality.type,
        personal_data=quality.personal_data,
        completeness=quality.completeness,
        validity=quality.validity,
        uniqueness=quality.uniqueness,
        minimum=quality.minimum,
        maximum=quality.maximum,
        distribution=quality.distribution,
        change_psi=quality.change,
    )


def memory_mb() -> float:
    """Return the most memory that this process has held, in MB (its PostgreSQL not included)."""
    return memory_peak_mb()
