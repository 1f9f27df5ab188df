"""Uplift in a bank: learnt from contacts drawn by lot, tested by Qini, promoted and spoken like the others."""

import os
from datetime import timedelta
from pathlib import Path

import models_bank
import polars as pl
import pytest

from vostro.bank import read_bank
from vostro.engine import Workspace, load_settings
from vostro.portrait import build_portraits
from vostro.stages import build_bank
from vostro.stages.models import approve_model, list_models, show_model
from vostro.stages.training import training_rows
from vostro.words import FaultsError

CODE = "buys_soon"
DAY = timedelta(days=1)
UNTIL = models_bank.START + 300 * DAY


@pytest.fixture
def small(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOSTRO_DATABASE_URL", database_url)
    folder = models_bank.write_bank(tmp_path / "bank", estimator=models_bank.UPLIFT)
    (folder / "contracts" / "contacts.yaml").write_text(models_bank.CONTACTS, encoding="utf-8")
    return folder


def test_uplift_is_learnt_tested_approved_and_spoken(small: Path) -> None:
    frames = models_bank.contacts(260)
    data = models_bank.write_data(small.parent / "data", frames, until=UNTIL)
    built, _ = build_bank(small, moment=UNTIL, data=data, by="ann")
    assert built.models[CODE].proposed
    card = show_model(small, CODE)
    assert card.figures["qini"].low > 0, "income tells whom a call moves"
    assert card.figures["effect"].low > 0.1 and card.calibration == () and not card.moments
    assert "drawn by lot" in card.limits[0].en
    assert [each.parity is not None for each in card.fairness] == [True]
    assert all(row.observed is None for row in card.fairness[0].groups)
    approve_model(small, CODE, by="bob", moment=UNTIL)
    again, _ = build_bank(small, moment=UNTIL, by="ann")
    assert again.models[CODE].watch is not None and again.models[CODE].watch.performance is None
    (line,) = list_models(small, now=UNTIL)
    assert line.measure == "qini" and line.figure == pytest.approx(card.figures["qini"].value)
    bank = read_bank(small)
    with Workspace.open(small, load_settings(small, os.environ)) as workspace:
        found = build_portraits(bank.tags, bank.contracts, workspace.lake, as_of=UNTIL)
        rows = training_rows(workspace, bank, bank.estimators[CODE], as_of=UNTIL)
    moved = found.group_by(pl.col("income") > 5000).agg(pl.col("chance").mean()).sort("income")["chance"]
    assert moved[1] > moved[0] + 0.1, "a call helps those with an income above 5,000 alone"
    assert found["chance"].mean() == pytest.approx(card.figures["effect"].value, abs=0.08)
    _check_rows(rows, frames)


def _check_rows(rows: pl.DataFrame, frames: dict[str, pl.DataFrame]) -> None:
    """Every contact of either arm whose time has passed is a row, and no other; bought is what came in it."""
    last = frames["buys"].filter(pl.col("at") < UNTIL)["at"].max()
    contacts = frames["contacts"].filter(pl.col("way") != "mail").sort("at", "id")
    wanted = contacts.filter(pl.col("at") + 20 * DAY <= min(UNTIL, last + DAY))
    assert 0 <= wanted.height - rows.height <= 3, "the day of the last purchase ends with the bank's day"
    ordered = rows.sort("event_time", "customer")
    kept = wanted.head(ordered.height)
    assert ordered["customer"].to_list() == kept["id"].to_list()
    assert ordered["_treated"].to_list() == (kept["way"] == "call").to_list()
    bought = set(frames["buys"].select("id", pl.col("at").dt.epoch("s")).iter_rows())
    told = ordered.select("customer", pl.col("event_time").dt.epoch("s"), "success").iter_rows()
    assert all(((who, at + 3 * 86_400) in bought) == success for who, at, success in told)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("event: contacted", "event: contactd", "did you mean 'contacted'"),
        ("arm: way", "arm: wy", "no field 'wy'; did you mean 'way'"),
        ("treated: call", "treated: cal", "cal"),
        ("  treatment: {event: contacted, arm: way, treated: call, control: none}\n", "", "belong together"),
        ("kind: uplift", "kind: response", "belong together"),
        ("target: {event: bought, within: 20 days}", "event: bought\n  target: amount > 1", "looks ahead"),
    ],
)
def test_slips_are_told(small: Path, old: str, new: str, said: str) -> None:
    file = small / "estimators" / "all.yaml"
    assert old in models_bank.UPLIFT
    file.write_text(models_bank.UPLIFT.replace(old, new), encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        read_bank(small)
    told = [each.say("en") for each in caught.value.faults]
    assert any("estimators/all.yaml:" in each and said in each for each in told), told
