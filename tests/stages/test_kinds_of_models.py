"""Churn and scorecards go the same way as responses: from the log to a card and a champion."""

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
from vostro.stages.models import approve_model, show_model

CODE = "buys_soon"
UNTIL = models_bank.START + timedelta(days=240)


@pytest.mark.parametrize(
    ("lines", "sign"),
    [
        ("kind: churn\n  target: {event: bought, within: 30 days}", -1),
        ("kind: scorecard\n  target: {event: bought, where: amount >= 10, within: 30 days}", 1),
    ],
)
def test_every_kind_is_built_approved_and_spoken(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, lines: str, sign: int
) -> None:
    monkeypatch.setenv("VOSTRO_DATABASE_URL", database_url)
    target = "target: {event: bought, where: amount >= 10, within: 30 days}"
    text = models_bank.ESTIMATOR.replace(target, lines)
    folder = models_bank.write_bank(tmp_path / "bank", estimator=text)
    data = models_bank.write_data(tmp_path / "data", models_bank.events(250), until=UNTIL)
    built, _ = build_bank(folder, moment=UNTIL, data=data, by="ann")
    assert built.models[CODE].proposed, built.models[CODE].note
    card = show_model(folder, CODE)
    assert card.figures["auc"].low > 0.6 and card.importance
    approve_model(folder, CODE, by="bob", moment=UNTIL)
    again, _ = build_bank(folder, moment=UNTIL, by="ann")
    assert again.coverage["chance"] > 0.9 and not again.models[CODE].new
    bank = read_bank(folder)
    with Workspace.open(folder, load_settings(folder, os.environ)) as workspace:
        found = build_portraits(bank.tags, bank.contracts, workspace.lake, as_of=UNTIL)
    told = found.filter(pl.col("chance").is_not_null())
    assert sign * told.select(pl.corr("visits_30d", "chance", method="spearman")).item() > 0.5
