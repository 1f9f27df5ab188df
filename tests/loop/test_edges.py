"""Campaigns at the edge are taken around the loop, told plainly, and decided again to the same bytes."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

import vostro
from vostro.lap import Options
from vostro.loop import run_loop
from vostro.replay import DecisionUnknownError, ReplayMissingError, read_run, replay_run
from vostro.stages import RunUnknownError
from vostro.twin import TwinBank
from vostro.words import VostroError

STARTER = Path(vostro.__file__).parent / "starter"
ACTION, CAMPAIGN = "actions/term_deposit_call.yaml", "campaigns/spring_deposit.yaml"
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    TwinBank(customers=1500, seed=3, start=NOW).write_history(folder)
    return folder


def bank(folder: Path, *edits: tuple[str, str, str]) -> Path:
    shutil.copytree(STARTER, folder, ignore=shutil.ignore_patterns(".vostro"))
    for file, old, new in edits:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def test_an_empty_segment_waits_for_nobody_and_replays(tmp_path: Path, data: Path) -> None:
    folder = bank(tmp_path / "bank", (CAMPAIGN, "segment: callable", "segment: nobody"))
    nobody = "- segment: nobody\n  name: {en: Nobody, zh: 无}\n  rule: age > 200\n"
    (folder / "segments/nobody.yaml").write_text(nobody, encoding="utf-8")
    finished = run_loop(folder, Options(load_time=NOW, data=data, out=tmp_path / "out"))
    report = finished.report
    assert report.effect.status == "waiting" and report.capacity == []
    assert report.decisions.decisions == 0 and report.channels[0].messages == 0
    found = replay_run(folder)
    assert (found.decisions, found.differences) == (0, 0)
    with pytest.raises(DecisionUnknownError):
        replay_run(folder, decision="none")


def test_no_capacity_and_no_holdout_contact_nobody(tmp_path: Path, data: Path) -> None:
    edits = [(ACTION, "15 % a campaign", "0 a campaign"), (CAMPAIGN, "holdout: 15 %", "holdout: 0 %")]
    folder = bank(tmp_path / "bank", *edits)
    report = run_loop(folder, Options(load_time=NOW, data=data, out=tmp_path / "out")).report
    text = msgspec.json.encode(report).decode()
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert report.decisions.by_verdict["chosen"] == report.decisions.by_verdict["control"] == 0
    assert replay_run(folder).differences == 0
    assert read_run(folder, report.run_id[:6]).run_id == report.run_id
    with pytest.raises(RunUnknownError) as caught:
        replay_run(folder, "zzz")
    assert report.run_id in caught.value.say("en")
    for kept in (folder / ".vostro/lake/model").rglob("*.json"):
        kept.unlink()
    with pytest.raises(VostroError):
        replay_run(folder)


def test_a_replay_without_kept_decisions_says_what_is_missing(tmp_path: Path, data: Path) -> None:
    from vostro.engine import Workspace

    folder = bank(tmp_path / "bank")
    report = run_loop(folder, Options(load_time=NOW, data=data, out=tmp_path / "out")).report
    with Workspace.open(folder) as workspace, workspace.store.begin() as connection:
        workspace.lake.retire(connection, "decision", report.run_id)
    with pytest.raises(ReplayMissingError) as caught:
        replay_run(folder)
    assert "decisions" in caught.value.say("en") and "决策记录" in caught.value.say("zh")
