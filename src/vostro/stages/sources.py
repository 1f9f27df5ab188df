"""Sources and builds 加载与构建: what 'vostro load' and 'vostro build' do, each a part of the loop."""

import os
from datetime import datetime
from pathlib import Path

import msgspec
import polars as pl

from vostro.bank import Bank, read_bank
from vostro.capture import load_all
from vostro.engine import Workspace, load_settings
from vostro.insight import ModelCard
from vostro.learn import SourceResult
from vostro.listen import outcomes_of
from vostro.portrait import build_portraits
from vostro.stages.capture import DataMissingError
from vostro.stages.insight import keep_models, response_model
from vostro.stages.learn import source_result
from vostro.words import Progress, silent

__all__ = ["Built", "build_bank", "load_sources"]


class Built(msgspec.Struct, frozen=True):
    """What was built: how many portraits, how large the segments, how well the tags are filled."""

    customers: int
    segments: dict[str, int]  # code -> customers
    coverage: dict[str, float]  # tag -> share of customers with a value
    estimators: dict[str, ModelCard]  # code -> card of the estimator learnt from all known outcomes


def load_sources(
    folder: Path, data: Path | None, *, load_time: datetime, progress: Progress = silent
) -> list[SourceResult]:
    """Load every contract's files from a data folder; files that are awaited may be absent.

    Raises:
        DataMissingError: no data folder.
        VostroError: a file is refused; the store is as before that file.
    """
    if data is None:
        raise DataMissingError
    bank = read_bank(folder)
    wanted = {
        name: each for name, each in bank.contracts.items() if not each.awaited or any(data.glob(each.file))
    }
    with Workspace.open(folder, load_settings(folder, os.environ)) as workspace:
        reports = load_all(
            wanted,
            data,
            store=workspace.store,
            lake=workspace.lake,
            load_time=load_time,
            progress=lambda source, done, total: progress(f"capture:{source}", done, total),
        )
        return [source_result(each, workspace.store) for each in reports]


def build_bank(folder: Path, *, progress: Progress = silent) -> Built:
    """Build portraits, segments and estimators from what is loaded, and keep them in the lake.

    Portraits are kept as partition ``latest``, each estimator under its code; an estimator for which
    no outcomes have come yet is left out.

    Raises:
        LakeTableMissingError: nothing was loaded yet.
    """
    bank = read_bank(folder)
    with Workspace.open(folder, load_settings(folder, os.environ)) as workspace:
        progress("portrait", 0, 1)
        portraits = build_portraits(bank.tags, bank.contracts, workspace.lake)
        workspace.lake.write("portrait", "latest", portraits)
        progress("portrait", 1, 1)
        cards = _learn_all(workspace, bank, portraits, progress)
    sizes = {code: int(each.mask(portraits).sum()) for code, each in bank.segments.items()}
    rows = max(1, portraits.height)
    coverage = {tag: 1 - portraits[tag].null_count() / rows for tag in bank.tags}
    return Built(portraits.height, sizes, coverage, cards)


def _learn_all(
    workspace: Workspace, bank: Bank, portraits: pl.DataFrame, progress: Progress
) -> dict[str, ModelCard]:
    """Learn every estimator from all outcomes that are known, and keep it under its code."""
    cards = {}
    for done, (code, definition) in enumerate(bank.estimators.items()):
        progress("insight", done, len(bank.estimators))
        outcomes = outcomes_of(workspace.store, definition, bank.contracts)
        rows = outcomes.filter("learnable").join(portraits, on="customer", how="inner", maintain_order="left")
        if rows.is_empty():
            continue
        model = response_model(bank, definition, seed=0)
        target = rows["success"].to_numpy()
        model.fit(rows.select(definition.features), target=target)
        keep_models(workspace, code, {0: model})
        cards[code] = model.card()
    progress("insight", 1, 1)
    return cards
