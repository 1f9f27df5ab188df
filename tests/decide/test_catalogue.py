"""Every fault of a catalogue is told at its own line, all at once."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

import vostro
from vostro.bank import read_bank
from vostro.words import FaultsError

STARTER = Path(vostro.__file__).parent / "starter"
ACTION = "actions/term_deposit_call.yaml"
CAMPAIGN = "campaigns/spring_deposit.yaml"
WAVES = "seed: 7\n  waves: {size: 500, first: 100, order: %s}"


def bank(folder: Path, edits: Sequence[tuple[str, str, str]]) -> Path:
    shutil.copytree(STARTER, folder, ignore=shutil.ignore_patterns(".vostro"))
    for file, old, new in edits:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def line_of(folder: Path, file: str, text: str) -> int:
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    return next(i for i, line in enumerate(lines, 1) if text in line)


def faults(folder: Path) -> list[str]:
    with pytest.raises(FaultsError) as caught:
        read_bank(folder)
    return [each.say("en") for each in caught.value.faults]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (ACTION, "product: term_deposit_12m", "product: term_deposit_12", "did you mean 'term_deposit_12m'"),
        (ACTION, "model: deposit_response", "model: deposit_respons", "no estimator 'deposit_respons'"),
        (ACTION, "margin: 600 CNY", "margin: 600 EUR", "not in the bank's currency CNY"),
        (ACTION, "contact_cost: 15 CNY", "contact_cost: dear CNY", "dear CNY"),
        (ACTION, "within: 60 days", "within: soon", "soon"),
        (
            ACTION,
            "call: scripts/term_deposit.md",
            "call: scripts/none.md",
            "script scripts/none.md is missing",
        ),
        (ACTION, "call: scripts/term_deposit.md", "call: bank.yaml", "is not kept with a run"),
        (ACTION, "limits: {call: 15 % a campaign}", "limits: {call: lots}", "'lots' is not a capacity"),
        (ACTION, "limits: {call: 15 % a campaign}", "limits: {}", "needs a capacity"),
        (ACTION, "eligibility: age >= 18", "eligibility: agee >= 18", "agee"),
        (ACTION, "rule: last_contact_days <= 7", "rule: last_contact_day <= 7", "last_contact_day"),
        (ACTION, "when: balance_cny >= 20000", "when: balance >= 20000", "balance"),
        (CAMPAIGN, "segment: callable", "segment: callabel", "did you mean 'callable'"),
        ("channels/call.yaml", "file: call_list.csv", "file: call_list.csv\n  reachable: agee > 3", "agee"),
        (CAMPAIGN, "action: term_deposit_call", "action: term_deposit", "no action 'term_deposit'"),
        (CAMPAIGN, "holdout: 15 %", "holdout: 150 %", "'150 %' is not a share"),
        (CAMPAIGN, "explore: 15 %", "explore: some", "'some' is not a share"),
        (CAMPAIGN, "seed: 7", WAVES % "customrs", "no contract 'customrs'; did you mean 'customers'"),
        (CAMPAIGN, "seed: 7", WAVES % "customers", "cannot order the customers"),
        (CAMPAIGN, "seed: 7", "waves: {size: 0, first: 1, order: customers}", "must be 1 or more"),
    ],
)
def test_each_fault_names_its_line(tmp_path: Path, file: str, old: str, new: str, said: str) -> None:
    folder = bank(tmp_path / "bank", [(file, old, new)])
    line = line_of(folder, file, new.splitlines()[-1].strip())
    fitting = [each for each in faults(folder) if said in each]
    assert fitting, faults(folder)
    assert any(f"{file.partition('/')[2]}:{line}:" in each for each in fitting), fitting


def test_waves_need_a_capacity_a_wave(tmp_path: Path) -> None:
    folder = bank(tmp_path / "bank", [(CAMPAIGN, "seed: 7", WAVES % "customers")])
    assert any("needs a capacity 'a wave'" in each for each in faults(folder))


def test_faults_of_several_files_come_together(tmp_path: Path) -> None:
    edits = [(ACTION, "margin: 600 CNY", "margin: much"), (CAMPAIGN, "holdout: 15 %", "holdout: few")]
    told = "\n".join(faults(bank(tmp_path / "bank", edits)))
    assert "much" in told and "few" in told


def test_channels_say_whom_they_reach(tmp_path: Path) -> None:
    edit = ("channels/call.yaml", "file: call_list.csv", "file: call_list.csv\n  reachable: age >= 18")
    found = read_bank(bank(tmp_path / "bank", [edit])).catalogue
    assert found.reachable["call"].words("en") == "Age is at least 18"
    assert read_bank(STARTER).catalogue.reachable == {}
