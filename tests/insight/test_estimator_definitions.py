"""Estimators that look ahead: what may be written, what is filled in, and what each slip is told as."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "stages"))

import models_bank

from vostro.bank import read_bank
from vostro.words import FaultsError

LINES = models_bank.ESTIMATOR


def _faults(folder: Path, estimator: str, *, tags: str = "") -> list[str]:
    models_bank.write_bank(folder, estimator=estimator)
    if tags:
        (folder / "tags" / "more.yaml").write_text(tags, encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        read_bank(folder)
    assert all(each.say("zh") for each in caught.value.faults)
    return [each.say("en") for each in caught.value.faults]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("event: bought", "event: boght", "did you mean 'bought'"),
        ("where: amount >= 10", "where: amout >= 10", "amout"),
        ("within: 30 days", "within: 30 dayz", "span of time"),
        ("within: 30 days", "within: 0 days", "no time at all"),
        (", within: 30 days", "", "say within which time"),
        ("within: 30 days}", "within: 30 days}\n  horizon: 30 days", "write one of them"),
        ("within: 30 days}", "within: 30 days}\n  every: soon", "span of time"),
        ("within: 30 days}", "within: 30 days}\n  event: bought", "names its event already"),
        ("within: 30 days}", "within: 30 days}\n  moments: 1", "write 2 to"),
        ("within: 30 days}", "within: 30 days}\n  learn_from: amount > 1", "'where' of the target"),
        ("population: known_visitor", "population: known_visitr", "known_visitr"),
        ("population: known_visitor", "population: likely", "read each other in a circle"),
        ("protected: [gender]", "protected: [gendre]", "did you mean 'gender'"),
        ("except: [known_visitor]", "except: [known_visitr]", "did you mean 'known_visitor'"),
        ("dimensions: [behaviour, consumption]", "dimensions: [credit]", "at least one tag"),
        (
            "{dimensions: [behaviour, consumption], except: [known_visitor]}",
            "[gender]",
            "may not be used to decide",
        ),
        ("{dimensions: [behaviour, consumption], except: [known_visitor]}", "[chance]", "in a circle"),
        (
            "target: {event: bought, where: amount >= 10, within: 30 days}",
            "target: amount > 1",
            "name the 'event'",
        ),
    ],
)
def test_each_slip_is_told_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in LINES
    told = _faults(tmp_path, LINES.replace(old, new))
    assert any("estimators/all.yaml:" in each or "tags/all.yaml:" in each for each in told)
    assert any(said in each for each in told), told


def test_an_answering_event_looks_not_ahead(tmp_path: Path) -> None:
    text = LINES.replace(
        "target: {event: bought, where: amount >= 10, within: 30 days}",
        "event: bought\n  target: amount >= 10\n  horizon: 30 days",
    )
    assert any("belongs to a target that looks ahead" in each for each in _faults(tmp_path, text))


def test_an_estimate_may_be_used_for_no_more_than_its_estimator_allows(tmp_path: Path) -> None:
    tag = "- {{tag: price_chance, name: {{en: P, zh: 概}}, dimension: credit, model: {{estimator: buys_soon}}, uses: [{}]}}\n"
    for uses in ("price", "decide, price"):
        told = _faults(tmp_path, LINES, tags=tag.format(uses))
        assert any("use 'price' is not allowed: estimates of 'buys_soon'" in each for each in told)
    shown = LINES + "  uses: [segment, show]\n"
    told = _faults(tmp_path, shown, tags=tag.format("show"))
    assert any("tags/all.yaml" in each and "use 'decide' is not allowed" in each for each in told), told
    more = tag.format("segment, show")
    models_bank.write_bank(tmp_path, estimator=shown)
    (tmp_path / "tags" / "more.yaml").write_text(more, encoding="utf-8")
    text = (tmp_path / "tags" / "all.yaml").read_text(encoding="utf-8")
    narrowed = text.replace(
        "model: {estimator: buys_soon}}", "model: {estimator: buys_soon}, uses: [segment, show]}"
    )
    (tmp_path / "tags" / "all.yaml").write_text(narrowed, encoding="utf-8")
    bank = read_bank(tmp_path)
    assert bank.tags["likely"].uses == ("segment", "show"), "what is made of it inherits the limit"


def test_an_estimator_that_may_price_reads_only_what_may_price(tmp_path: Path) -> None:
    text = LINES + "  uses: [segment, decide, price, show]\n"
    told = _faults(tmp_path, text)
    assert any("at least one tag" in each for each in told), "no tag of these dimensions may price"


def test_defaults_are_filled_in(tmp_path: Path) -> None:
    bank = read_bank(models_bank.write_bank(tmp_path))
    found = bank.estimators["buys_soon"]
    assert (found.horizon, found.every, found.absent) == (timedelta(days=30), timedelta(days=30), False)
    assert (found.event, found.target, found.approval) == ("bought", "amount >= 10", "person")
    assert found.features == ("income", "visits_30d", "days_since_visit", "buys_ever")
    assert "chance" not in found.features and "likely" not in found.features, "nobody reads his own estimates"
    assert found.protected == ("gender",)
    assert found.what.en == "bought where amount >= 10 within 30 days"


@pytest.mark.parametrize(
    ("lines", "absent", "said"),
    [
        ("kind: churn", True, "no bought"),
        ("kind: response", False, "bought"),
    ],
)
def test_churn_is_that_nothing_comes(tmp_path: Path, lines: str, absent: bool, said: str) -> None:
    text = LINES.replace("  target:", f"  {lines}\n  target:")
    found = read_bank(models_bank.write_bank(tmp_path, estimator=text)).estimators["buys_soon"]
    assert found.absent is absent and found.what.en.startswith(said)


def test_the_horizon_may_stand_beside_the_target(tmp_path: Path) -> None:
    text = LINES.replace(", within: 30 days}", "}\n  horizon: 8 weeks\n  every: 1 week")
    found = read_bank(models_bank.write_bank(tmp_path, estimator=text)).estimators["buys_soon"]
    assert (found.horizon, found.every) == (timedelta(weeks=8), timedelta(weeks=1))
