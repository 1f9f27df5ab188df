"""The whole loop on a generated bank, through the command line as a person types it."""

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

ROOT = Path(__file__).parents[2]
VOSTRO = [sys.executable, "-m", "vostro"]


def vostro(*arguments: object, fails: bool = False) -> str:
    """Run a command and return what it printed; its stack trace would be a failure of the test."""
    words = [*VOSTRO, *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=280, check=False)
    assert "Traceback" not in done.stdout + done.stderr
    assert (done.returncode != 0) == fails, done.stderr
    return done.stderr if fails else done.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("demo")
    printed = vostro("demo", "--folder", folder, "--customers", 8000, "--json")
    return folder, json.loads(printed)


def test_the_loop_closes_and_measures(demo: tuple[Path, dict[str, Any]]) -> None:
    _, found = demo
    report, effect = found["report"], found["report"]["effect"]
    assert effect["status"] == "measured" and not effect["replays_history"]
    verdicts = report["decisions"]["by_verdict"]
    assert sum(verdicts.values()) == report["decisions"]["decisions"]
    assert effect["chosen"]["rows"] == verdicts["chosen"]
    assert effect["ratio_low"] > 1, "choosing by value beats chance"
    assert report["shuffled"]["auc"] > 0.7


def test_the_claim_is_near_the_truth(demo: tuple[Path, dict[str, Any]]) -> None:
    _, found = demo
    effect, truth = found["report"]["effect"], found["truth"]
    true_effect = truth["purchases_incremental"] / truth["called"]
    slack = effect["difference_high"] - effect["difference_low"]
    assert abs(effect["difference"] - true_effect) < slack, "within two half-widths of its interval"


def test_the_call_list_holds_the_contacted_and_nobody_else(demo: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = demo
    with (folder / "call_list.csv").open(encoding="utf-8-sig", newline="") as file:
        called = {row["customer"]: row for row in csv.DictReader(file)}
    decisions = decisions_of(folder)
    contacted = decisions.filter(pl.col("verdict").is_in(["chosen", "explored"]))
    assert set(called) == set(contacted["customer"])
    assert all(row["script_en"] and row["script_zh"] for row in called.values())
    top = next(iter(called.values()))
    assert top["reasons_en"] and top["reasons_zh"], "the agent can say why"


def decisions_of(folder: Path) -> pl.DataFrame:
    """Return the last published decisions from the lake's files."""
    files = sorted(
        (folder / "bank" / ".vostro" / "lake" / "decision").rglob("*.parquet"), key=os.path.getmtime
    )
    return pl.read_parquet(files[-1])


def test_every_considered_customer_has_a_record_with_versions_and_seed(
    demo: tuple[Path, dict[str, Any]],
) -> None:
    folder, _ = demo
    table = decisions_of(folder)
    assert table["customer"].n_unique() == table.height
    for text in table["record"].gather_every(97):
        record = json.loads(text)
        assert {"verdict", "seed", "versions", "tags", "value", "action_probability", "reasons"} <= set(
            record
        )
        assert set(record["versions"]) == {"definitions", "estimator", "vostro"}


def test_replay_gives_the_same_bytes(demo: tuple[Path, dict[str, Any]]) -> None:
    folder, found = demo
    replayed = json.loads(vostro("replay", folder / "bank", "--json"))
    assert replayed["differences"] == 0
    assert replayed["decisions"] == found["report"]["decisions"]["decisions"]


def test_replay_tells_a_record_that_was_altered(demo: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, _ = demo
    shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns("*.pid", "*.lock", ".s.PGSQL*"))
    files = sorted((tmp_path / "copy/bank/.vostro/lake/decision").rglob("*.parquet"), key=os.path.getmtime)
    table = pl.read_parquet(files[-1])
    bad = table.with_columns(
        record=pl.when(pl.int_range(pl.len()) == 5).then(pl.lit("{}")).otherwise(pl.col("record"))
    )
    bad.write_parquet(files[-1])
    printed = subprocess.run(
        [*VOSTRO, "replay", str(tmp_path / "copy/bank"), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert printed.returncode == 1 and json.loads(printed.stdout)["differences"] == 1


def test_the_same_again_is_the_same_run(demo: tuple[Path, dict[str, Any]]) -> None:
    folder, found = demo
    before = (folder / "call_list.csv").read_bytes()
    again = json.loads(vostro("run", folder / "bank", "--data", folder / "data", "--out", folder, "--json"))
    assert again["run_id"] == found["report"]["run_id"]
    assert all(source["already_loaded"] for source in again["sources"])
    assert again["effect"] == found["report"]["effect"]
    assert (folder / "call_list.csv").read_bytes() == before


def test_the_report_of_an_earlier_run_can_be_written_again(
    demo: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, found = demo
    vostro("report", folder / "bank", "--out", tmp_path / "again.html")
    assert found["report"]["run_id"] in (tmp_path / "again.html").read_text(encoding="utf-8")


def test_rejects_can_be_listed_exported_mended_and_replayed(
    demo: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, _ = demo
    bank = folder / "bank"
    listed = json.loads(vostro("rejects", "list", bank, "--limit", 500, "--json"))
    assert listed and all(each["reason"]["zh"] and each["line"] > 1 for each in listed)
    mended = tmp_path / "mended.csv"
    vostro("rejects", "export", bank, mended, "--source", "customers")
    assert "rejected" in vostro("rejects", "replay", bank, "--mended", mended)
    still = json.loads(vostro("rejects", "list", bank, "--limit", 500, "--json"))
    assert len(still) == len(listed), "nothing was mended, so nothing passes and nothing is lost"


def test_killed_at_any_moment_and_run_again_gives_the_same(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    small = ("--customers", 2000, "--json")
    first = json.loads(vostro("demo", "--folder", whole, *small))
    rng = random.Random(4)
    for _ in range(3):
        words = [*VOSTRO, "demo", "--folder", str(broken), *map(str, small)]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.5, 8))
        process.send_signal(signal.SIGKILL)
        process.wait()
    again = json.loads(vostro("demo", "--folder", broken, *small))
    assert (broken / "call_list.csv").read_bytes() == (whole / "call_list.csv").read_bytes()
    for key in ("run_id", "effect", "decisions", "shuffled", "audience"):
        assert again["report"][key] == first["report"][key], key
    assert decisions_of(broken).equals(decisions_of(whole))


def test_errors_are_sentences_in_the_readers_language(tmp_path: Path) -> None:
    assert "vostro init" in vostro("check", tmp_path, fails=True)
    assert "定义目录" in vostro("check", tmp_path, "--language", "zh", fails=True)
    bank = tmp_path / "bank"
    vostro("init", bank)
    assert "already" in vostro("init", bank, fails=True)
    assert "--data" in vostro("run", bank, fails=True)
    vostro("check", bank)
    path = bank / "tags" / "basic.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("customers.age", "customers.agee"), encoding="utf-8"
    )
    said = vostro("check", bank, fails=True)
    assert "tags/basic.yaml:" in said and "customers.age" in said
