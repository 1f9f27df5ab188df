"""The real campaign: what the issue of the project promises for the Portuguese bank's calls."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def report(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    import shutil

    bank = tmp_path_factory.mktemp("bank") / "term_deposit"
    shutil.copytree(ROOT / "examples" / "term_deposit", bank, ignore=shutil.ignore_patterns(".vostro"))
    words = [
        sys.executable,
        "-m",
        "vostro",
        "run",
        str(bank),
        "--data",
        str(data_dir / "bank_marketing"),
        "--json",
    ]
    done = subprocess.run(words, capture_output=True, text=True, timeout=290, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_all_published_rows_are_loaded(report: dict[str, Any]) -> None:
    for source in report["sources"]:
        assert (source["rows_read"], source["rows_rejected"]) == (41_188, 0)


def test_shuffled_reaches_what_is_promised(report: dict[str, Any]) -> None:
    found = report["shuffled"]
    assert found["rows"] == 41_188
    assert found["auc"] >= 0.80
    assert found["calibration_error"] <= 0.01
    assert found["best_half"] >= 1.65
    assert found["best_tenth"] >= 4.5


def test_waves_reach_what_is_promised(report: dict[str, Any]) -> None:
    found = report["waves"]
    assert (found["size"], found["first"], len(found["waves"])) == (2000, 8000, 17)
    assert found["best_fifth"] >= 1.35
    assert sum(wave["rows"] for wave in found["waves"]) == 41_188 - 8_000


def test_the_choice_beats_chance_and_the_control_shows_no_effect(report: dict[str, Any]) -> None:
    effect = report["effect"]
    assert effect["replays_history"] and effect["status"] == "measured"
    assert effect["ratio_low"] > 1.3
    # Everyone was called in this history, the control group too: a real difference would be a fault of the split.
    assert abs(effect["difference"]) < 2 * (effect["difference_high"] - effect["difference"])


def test_memory_is_bounded(report: dict[str, Any]) -> None:
    assert report["memory_mb"] < 1500
