"""Replay 重放: does a run, decided again from what was kept, give the same bytes?

Kept are the definitions (a zip), the portraits, the estimators and the seed. Replay reads
them, calls the same functions, and compares every record with the one in the lake.
"""

import tempfile
from pathlib import Path

import msgspec
import polars as pl

from vostro.bank import Bank, read_bank
from vostro.engine import Lake, Workspace
from vostro.learn import RunReport
from vostro.stages import KeptRun, decide_waves, find_run, read_estimates, unpack_definitions
from vostro.words import Progress, VostroError, silent

__all__ = ["DecisionUnknownError", "ReplayMissingError", "Replayed", "read_run", "replay_run"]


class ReplayMissingError(VostroError):
    """Something that a replay needs was not kept."""

    code = "replay.missing"
    status = 409
    en = "Run {run} cannot be decided again: its {what_en} are not in the lake. Run the campaign again."
    zh = "批次 {run} 无法重放：数据湖中缺少{what_zh}。请重新运行该营销活动。"


class DecisionUnknownError(VostroError):
    """A decision was asked for that the run does not hold."""

    code = "replay.decision_unknown"
    status = 404
    en = "Run {run} has no decision '{decision}'. The call list names each decision in column decision_id."
    zh = "批次 {run} 中没有决策“{decision}”。外呼名单的 decision_id 列给出每条决策的编号。"


class Replayed(msgspec.Struct, frozen=True):
    """What a replay found."""

    run_id: str
    decisions: int
    differences: int
    first_difference: str | None  # a decision's id
    record: str | None  # of the decision that was asked for


def replay_run(
    folder: Path, run: str | None = None, *, decision: str | None = None, progress: Progress = silent
) -> Replayed:
    """Decide a kept run again and compare byte for byte.

    Args:
        folder: the bank's folder.
        run: its id, or the beginning of it; None is the last run.
        decision: show this decision's record too.
        progress: hears how far it is.

    Raises:
        RunUnknownError, ReplayMissingError, DecisionUnknownError: what was asked for is not there.
    """
    with Workspace.open(folder) as workspace, tempfile.TemporaryDirectory(prefix="vostro-replay-") as aside:
        kept = find_run(workspace.store, run)
        bank = _bank(workspace.lake, kept, Path(aside))
        stored = _partition(workspace.lake, "decision", kept.id, "decisions", "决策记录")
        portraits = _partition(workspace.lake, "portrait", kept.id, "portraits", "客户画像")
        estimates = read_estimates(workspace.lake, bank, kept, stored, portraits)
        progress("replay", 1, 2)
        again = stored  # of nobody, when the segment was empty
        if stored.height:
            _, again = decide_waves(bank, bank.campaign(kept.campaign), estimates, run_id=kept.id)
        progress("replay", 2, 2)
    return _compare(kept.id, stored, again, decision)


def read_run(folder: Path, run: str | None = None) -> RunReport:
    """Return the report of a kept run.

    Raises:
        RunUnknownError: there is none of that id, or it was never finished.
    """
    with Workspace.open(folder) as workspace:
        kept = find_run(workspace.store, run)
    if kept.summary is None:
        raise ReplayMissingError(run=kept.id, what_en="figures", what_zh="结果数据")
    return msgspec.convert(kept.summary, RunReport)


def _bank(lake: Lake, kept: KeptRun, aside: Path) -> Bank:
    if not unpack_definitions(lake, kept.definitions, aside):
        raise ReplayMissingError(run=kept.id, what_en="definitions", what_zh="定义文件")
    return read_bank(aside)


def _partition(lake: Lake, table: str, partition: str, what_en: str, what_zh: str) -> pl.DataFrame:
    for part in lake.partitions(table):
        if part.partition == partition:
            return pl.read_parquet(sorted(part.path.glob("*.parquet")))
    raise ReplayMissingError(run=partition, what_en=what_en, what_zh=what_zh)


def _compare(run: str, stored: pl.DataFrame, again: pl.DataFrame, decision: str | None) -> Replayed:
    """Compare record texts by decision; a decision on one side only is a difference."""
    both = stored.select("decision_id", "record").join(
        again.select("decision_id", again="record"), on="decision_id", how="full", coalesce=True
    )
    differ = both.filter(~pl.col("record").eq_missing(pl.col("again")))["decision_id"]
    record = None
    if decision is not None:
        found = stored.filter(pl.col("decision_id") == decision)["record"]
        if found.is_empty():
            raise DecisionUnknownError(run=run, decision=decision)
        record = found[0]
    return Replayed(run, both.height, differ.len(), differ[0] if differ.len() else None, record)
