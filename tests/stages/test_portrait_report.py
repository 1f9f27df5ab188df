"""The portrait report's figures are those that a person would count in the portraits."""

import importlib.util
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest

from vostro.bank import Bank, read_bank
from vostro.capture import list_rejects
from vostro.engine import Workspace
from vostro.portrait import build_portraits
from vostro.portrait.rule import polars_type
from vostro.stages import PortraitReport, portrait_report


def _bank_module() -> ModuleType:
    path = Path(__file__).parents[1] / "console" / "portrait_bank.py"
    spec = importlib.util.spec_from_file_location("stages_portrait_bank", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Made:
    """A bank that has lived, its portraits and their report."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        module: Any = _bank_module()
        module.write_bank(workspace.bank)
        folder.mkdir()
        module.live(workspace, folder)
        self.workspace = workspace
        self.moment = module.START + timedelta(days=module.DAYS, hours=6)
        self.bank: Bank = read_bank(workspace.bank)
        self.portraits = build_portraits(
            self.bank.tags, self.bank.contracts, workspace.lake, as_of=self.moment
        )
        self.report: PortraitReport = self.make()

    def make(self) -> PortraitReport:
        return portrait_report(self.bank, self.workspace, self.portraits, moment=self.moment)


@pytest.fixture
def made(workspace: Workspace, tmp_path: Path) -> Iterator[Made]:
    yield Made(workspace, tmp_path / "data")


def test_the_report_counts_what_a_person_would_count_and_raises_what_is_wrong_once(made: Made) -> None:
    _counted(made)
    _raised(made)


def _counted(made: Made) -> None:
    report, portraits, bank = made.report, made.portraits, made.bank
    assert report.customers == portraits.height and len(report.tags) == len(bank.tags)
    for card in report.tags:
        column = portraits[card.entry.tag]
        assert card.summary.known == len(column) - column.null_count()
        assert not card.shown or sum(each.count for each in card.summary.values) == card.summary.known
    phone = next(card for card in report.tags if card.entry.tag == "phone")
    assert not phone.shown and phone.summary.values == () and phone.summary.coverage == 1

    sizes = [(each.segment, each.customers) for each in report.segments]
    assert sizes == sorted(sizes, key=lambda pair: -pair[1])
    masks = {code: each.mask(portraits) for code, each in bank.segments.items()}
    assert dict(sizes) == {code: int(mask.sum()) for code, mask in masks.items()}
    order = [code for code, _ in sizes]
    assert report.overlap == [[int(np.sum(masks[a] & masks[b])) for b in order] for a in order]
    assert next(each for each in report.segments if each.segment == "nobody").portrait == ()

    (grid,) = report.grids
    for i, recency in enumerate("54321"):
        for j, frequency in enumerate("12345"):
            cell = portraits.filter(pl.col("pay_r") == recency, pl.col("pay_f") == frequency)
            assert grid.counts[i][j] == cell.height
            money = cell["pay_m"].cast(pl.Int64).mean()
            assert grid.money[i][j] == pytest.approx(money) if cell.height else grid.money[i][j] is None
    assert sum(map(sum, grid.counts)) + grid.unscored == portraits.height
    assert sum(each.customers for each in grid.groups) == portraits["pay_segment"].is_not_null().sum()

    (stages,) = report.stages
    assert stages.stages[0].value == "none" and stages.tag == "lifecycle"
    assert sum(each.customers for each in stages.stages) + stages.unknown == portraits.height

    rejects = list_rejects(made.workspace.store)
    assert sum(each.open for each in report.rejects) == len(rejects)
    assert {(each.source, each.code) for each in report.rejects} == {(e.source, e.code) for e in rejects}
    assert msgspec.json.decode(msgspec.json.encode(report), type=PortraitReport) == report


def _raised(made: Made) -> None:
    found = {(each.source, each.check, each.subject) for each in made.report.watch.alerts}
    assert found >= {
        ("payments", "volume", ""),
        ("payments", "null_rate", "amount"),
        ("clients", "reference_breaks", "branch -> branches.branch"),
    }
    assert made.make().watch.alerts == made.report.watch.alerts
    with made.workspace.store.begin() as connection:
        from vostro.engine import read_events

        events = read_events(connection, kind="vostro.alert.quality")
    assert len(events) == sum(each.times for each in (*made.report.watch.alerts, *made.report.watch.resolved))


def test_nothing_loaded_is_a_report_too(workspace: Workspace) -> None:
    module: Any = _bank_module()
    module.write_bank(workspace.bank)
    bank = read_bank(workspace.bank)
    types = {"customer": pl.String(), **{code: polars_type(tag) for code, tag in bank.tags.items()}}
    report = portrait_report(bank, workspace, pl.DataFrame(schema=types), moment=module.START)
    assert report.customers == 0 and report.grids == [] and report.rejects == []
    assert all(card.summary.coverage == 0 and not card.shown for card in report.tags)
    assert {each.verdict for each in report.watch.sources} == {"too_little_history"}
