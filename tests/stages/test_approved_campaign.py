"""A campaign whose estimator needs approval is decided by the champion, and by nobody else."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

import vostro
from vostro.lap import Options
from vostro.loop import run_loop
from vostro.replay import replay_run
from vostro.stages import build_bank
from vostro.stages.insight import ChampionMissingError
from vostro.stages.models import approve_model, show_model
from vostro.twin import TwinBank

STARTER = Path(vostro.__file__).parent / "starter"
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
CODE = "deposit_response"


def test_only_the_champion_decides_and_its_run_replays(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOSTRO_DATABASE_URL", database_url)
    folder = Path(shutil.copytree(STARTER, tmp_path / "bank", ignore=shutil.ignore_patterns(".vostro")))
    file = folder / "estimators" / f"{CODE}.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "  approval: person\n", encoding="utf-8")
    data = tmp_path / "data"
    TwinBank(customers=800, seed=3, start=NOW).write_history(data)
    options = Options(load_time=NOW, data=data, out=tmp_path / "out")
    with pytest.raises(ChampionMissingError, match="needs approval"):
        run_loop(folder, options)
    built, _ = build_bank(folder, moment=NOW, by="ann")
    assert built.models[CODE].proposed is not None
    with pytest.raises(ChampionMissingError):
        run_loop(folder, options)
    approve_model(folder, CODE, by="bob", moment=NOW)
    finished = run_loop(folder, options)
    told = {json.loads(record)["versions"]["estimator"] for record in finished.decisions["record"]}
    assert told == {show_model(folder, CODE).version}
    assert replay_run(folder).differences == 0
