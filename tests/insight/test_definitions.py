"""Estimators' definitions are checked before anything is learnt."""

import shutil
from pathlib import Path

import pytest

import vostro
from vostro.bank import read_bank
from vostro.words import FaultsError

STARTER = Path(vostro.__file__).parent / "starter"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("target: bought", "target: bougth", "bougth"),
        ("learn_from: called", "learn_from: calld", "calld"),
        ("event: call_outcome", "event: call_outcom", "did you mean 'call_outcome'"),
        ("features: [age,", "features: [agee, age,", "no tag 'agee'; did you mean 'age'"),
        ("target: bought", "target: bought\n  contexts: [[age, agee]]", "no feature 'agee'"),
    ],
)
def test_each_fault_is_told_with_its_file(tmp_path: Path, old: str, new: str, said: str) -> None:
    folder = Path(shutil.copytree(STARTER, tmp_path / "bank", ignore=shutil.ignore_patterns(".vostro")))
    file = folder / "estimators/deposit_response.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        read_bank(folder)
    told = [each.say("en") for each in caught.value.faults]
    assert any("deposit_response.yaml:" in each and said in each for each in told), told


def test_an_estimator_without_features_is_a_fault(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(STARTER, tmp_path / "bank", ignore=shutil.ignore_patterns(".vostro")))
    file = folder / "estimators/deposit_response.yaml"
    head, _, _ = file.read_text(encoding="utf-8").partition("  features:")
    file.write_text(head + "  features: []\n", encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        read_bank(folder)
    assert "at least one tag" in caught.value.faults[0].say("en")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"learn_from: called": "learn_from: called\n  uses: [segment, show]"}, "may not decide"),
        (
            {
                "event: call_outcome\n  target: bought": "target: {event: call_outcome, where: bought, within: 30 days}",
                "  learn_from: called\n": "",
            },
            "not who answers a contact",
        ),
    ],
)
def test_an_action_needs_an_estimator_of_answers_that_may_decide(
    tmp_path: Path, change: dict[str, str], said: str
) -> None:
    folder = Path(shutil.copytree(STARTER, tmp_path / "bank", ignore=shutil.ignore_patterns(".vostro")))
    file = folder / "estimators/deposit_response.yaml"
    text = file.read_text(encoding="utf-8")
    for old, new in change.items():
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        read_bank(folder)
    (told,) = [each.say("en") for each in caught.value.faults]
    assert told.startswith("actions/term_deposit_call.yaml:") and said in told
