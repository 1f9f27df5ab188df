"""The Czech bank's estimators: learnt from real data, tested in time, approved by a second person, and as the docs say."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vostro.bank import read_bank
from vostro.stages import build_bank
from vostro.stages.models import approve_model, list_models, show_model

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
ROW = re.compile(
    r"^\| `(\w+)` \| ([\d,]+) rows, ([\d,]+) \w+ \| ([\d.]+) \(([\d.]+) – ([\d.]+)\) \| ([\d.]+) \|$", re.M
)


def test_the_estimators_of_the_czech_bank(
    data_dir: Path, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOSTRO_DATABASE_URL", database_url)
    source = ROOT / "examples" / "berka"
    folder = Path(shutil.copytree(source, tmp_path / "bank", ignore=shutil.ignore_patterns(".vostro")))
    bank = read_bank(folder)
    built, _ = build_bank(folder, moment=NOW, data=data_dir / "berka", by="ann")
    told = {
        row[0]: row[1:] for row in ROW.findall((ROOT / "docs" / "estimators.md").read_text(encoding="utf-8"))
    }
    assert set(told) == set(bank.estimators) == set(built.models)
    for code, (rows, positive, area, low, high, level) in told.items():
        card = show_model(folder, code)
        assert f"{card.rows:,}" == rows and f"{card.rows_positive:,}" == positive
        found = card.figures["auc"]
        # the last digits belong to the library versions
        assert (found.value, found.low, found.high) == pytest.approx(
            (float(area), float(low), float(high)), abs=0.015
        )
        assert card.figures["observed_to_predicted"].value == pytest.approx(float(level), rel=0.1)
        assert found.low > 0.5, "better than chance, in time"
        columns = set().union(*(bank.tags[tag].columns for tag in card.features))
        assert not any(column.startswith("trans.") for column in columns), (
            "the choice of the files would tell"
        )
        assert {each.tag for each in card.fairness} == {
            "gender",
            "age_band",
        } and "gender" not in card.features
        assert built.models[code].proposed == card.version and built.models[code].champion is None
        approve_model(folder, code, by="bob", moment=NOW)
    again, _ = build_bank(folder, moment=NOW, by="ann")
    assert 0.5 < again.coverage["loan_chance"] < 0.9 and again.coverage["card_chance_tenth"] > 0.5
    assert [
        line.champion is not None and line.watch is not None for line in list_models(folder, now=NOW)
    ] == [True, True]
