"""From a build to a champion and back: who may say what, what the log holds, and what model tags say."""

import os
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import models_bank
import polars as pl
import pytest

from vostro.bank import read_bank
from vostro.capture.watch import read_alerts
from vostro.engine import Lake, Workspace, load_settings, read_events
from vostro.insight.promotion import (
    AUTOMATIC,
    EarlierChampionMissingError,
    PersonMissingError,
    ProposalMissingError,
    ProposalOtherError,
    SamePersonError,
    VersionUnknownError,
)
from vostro.portrait import build_portraits
from vostro.stages import Built, build_bank
from vostro.stages.model_keeping import KeptVersion, read_version
from vostro.stages.model_log import KIND, WATCHED
from vostro.stages.models import (
    CardMissingError,
    EstimatorUnknownError,
    approve_model,
    list_models,
    propose_model,
    reject_model,
    roll_back_model,
    show_model,
)
from vostro.words import iso

CODE = "buys_soon"
FIRST = models_bank.START + timedelta(days=240)
LATER = models_bank.START + timedelta(days=330)
DAY = timedelta(days=1)


@pytest.fixture
def small(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOSTRO_DATABASE_URL", database_url)
    return models_bank.write_bank(tmp_path / "bank")


def _data(folder: Path, until: datetime, *, slope: float = 0.9) -> Path:
    frames = models_bank.events(250, slope=slope)
    return models_bank.write_data(folder.parent / f"data-{until:%Y%m%d}", frames, until=until)


def _build(
    folder: Path, moment: datetime, *, data: Path | None = None, by: str = "ann", **more: datetime
) -> Built:
    return build_bank(folder, moment=moment, data=data, by=by, **more)[0]


def _events(folder: Path, kind: str) -> pl.DataFrame:
    with (
        Workspace.open(folder, load_settings(folder, os.environ)) as workspace,
        workspace.store.begin() as connection,
    ):
        return read_events(connection, kind=kind)


def test_the_whole_story_of_an_estimator(small: Path) -> None:
    built = _build(small, FIRST, data=_data(small, FIRST))
    first = built.models[CODE]
    assert first.champion is None and first.proposed and first.new and first.note
    assert built.coverage["chance"] == 0, "nobody speaks before a second person has approved"
    card = show_model(small, CODE)
    assert card.version == first.proposed and card.comparison is None
    assert card.figures["auc"].low > 0.65, "visits tell who buys"
    assert [group.tag for group in card.fairness] == ["gender"]

    for by, error in (("ann", SamePersonError), (" ANN ", SamePersonError), (" ", PersonMissingError)):
        with pytest.raises(error):
            approve_model(small, CODE, by=by, moment=FIRST)
    with pytest.raises(ProposalOtherError, match=first.proposed[:12]):
        approve_model(small, CODE, by="bob", moment=FIRST, version="0123")
    stands = approve_model(
        small, CODE, by="bob", moment=FIRST, version=first.proposed[:8], reason="read the card"
    )
    assert stands.champion == first.proposed and stands.proposed is None
    with pytest.raises(ProposalMissingError):
        approve_model(small, CODE, by="bob", moment=FIRST)

    again = _build(small, FIRST + DAY / 24, as_of=FIRST)
    assert not again.models[CODE].new and again.models[CODE].proposed is None, (
        "the same data, the same version"
    )
    assert again.coverage["chance"] == again.coverage["known_visitor"] > 0.9

    second = _build(small, LATER, data=_data(small, LATER), by="cho").models[CODE]
    assert second.new and second.champion == first.proposed and second.proposed not in (None, first.proposed)
    compared = show_model(small, CODE).comparison
    assert compared is not None and compared.champion == first.proposed
    assert compared.rows == show_model(small, CODE).held_rows
    assert compared.difference.low <= compared.difference.value <= compared.difference.high
    assert not compared.stand_in, "the champion had learnt before the test began"
    watch = second.watch
    assert watch is not None and watch.performance is not None
    assert watch.performance.since >= show_model(small, CODE, version=first.proposed).known_until

    stands = approve_model(small, CODE, by="bob", moment=LATER)
    assert stands.line == (first.proposed, second.proposed)
    stands = roll_back_model(small, CODE, by="bob", moment=LATER, reason="complaints")
    assert stands.champion == first.proposed
    assert stands.versions[second.proposed].state == "withdrawn"
    third = _build(small, LATER + DAY / 24, as_of=LATER).models[CODE]
    assert third.champion == first.proposed and third.proposed is None, (
        "what was taken back does not return by itself"
    )
    with pytest.raises(EarlierChampionMissingError):
        roll_back_model(small, CODE, by="bob", moment=LATER)
    propose_model(small, CODE, second.proposed[:10], by="bob", moment=LATER)
    with pytest.raises(SamePersonError):
        approve_model(small, CODE, by="bob", moment=LATER)
    assert reject_model(small, CODE, by="cho", moment=LATER, reason="no").proposed is None

    counts = {step: _events(small, kind).height for step, kind in KIND.items()}
    assert counts == {"trained": 2, "proposed": 3, "approved": 2, "rejected": 1, "rolled_back": 1}
    assert _events(small, WATCHED).height >= 2


def test_estimates_are_those_of_the_champion_and_only_of_the_population(small: Path) -> None:
    _build(small, FIRST, data=_data(small, FIRST))
    approve_model(small, CODE, by="bob", moment=FIRST)
    _build(small, FIRST, as_of=FIRST)
    bank = read_bank(small)
    with Workspace.open(small, load_settings(small, os.environ)) as workspace:
        found = build_portraits(bank.tags, bank.contracts, workspace.lake, as_of=FIRST)
        kept = _only_version(workspace.lake)
    asked = found.filter("known_visitor")
    said = kept.model.predict(asked.select(pl.col(kept.card.features).cast(pl.Float64)))
    assert asked["chance"].to_list() == pytest.approx(said.tolist(), abs=1e-12)
    assert found.filter(~pl.col("known_visitor"))["chance"].null_count() == found.height - asked.height
    assert (found["likely"] == (found["chance"] > 0.5)).drop_nulls().all()


def _only_version(lake: Lake) -> KeptVersion:
    (part,) = [each for each in lake.partitions("model") if each.partition.startswith(f"{CODE}=")]
    kept = read_version(lake, CODE, part.partition.partition("=")[2])
    assert kept is not None
    return kept


def test_what_is_known_already_is_not_trained_again(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _build(small, FIRST, data=_data(small, FIRST))

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("trained")

    monkeypatch.setattr("vostro.stages.model_learning.make_version", refuse)
    again = _build(small, FIRST, as_of=FIRST).models[CODE]
    assert not again.new and again.proposed and again.card is not None
    models_bank.write_bank(small, estimator=models_bank.ESTIMATOR.replace("30 days", "31 days"))
    with pytest.raises(AssertionError, match="trained"):
        _build(small, FIRST, as_of=FIRST)


@pytest.mark.parametrize("file", ["model.json", "card.json"])
def test_a_damaged_champion_is_made_again_from_the_same_rows(small: Path, file: str) -> None:
    built = _build(small, FIRST, data=_data(small, FIRST))
    approve_model(small, CODE, by="bob", moment=FIRST)
    _damage(small, file)
    found = _build(small, FIRST, as_of=FIRST)
    assert found.models[CODE].note is None and found.coverage["chance"] > 0.9
    assert found.models[CODE].champion == built.models[CODE].proposed


def test_a_damaged_champion_is_silent_where_the_rows_are_others(small: Path) -> None:
    _build(small, FIRST, data=_data(small, FIRST))
    approve_model(small, CODE, by="bob", moment=FIRST)
    _damage(small, "model.json")
    found = _build(small, LATER, data=_data(small, LATER))
    assert found.models[CODE].note is not None and "cannot be read" in found.models[CODE].note.en
    assert found.coverage["chance"] == 0 and found.models[CODE].proposed


def _damage(folder: Path, file: str) -> None:
    (path,) = (folder / ".vostro" / "lake" / "model").glob(f"{CODE}=*/{file}")
    path.write_bytes(path.read_bytes().replace(b"0", b"1", 1))


def test_a_champion_whose_tags_are_gone_is_silent(small: Path) -> None:
    _build(small, FIRST, data=_data(small, FIRST))
    approve_model(small, CODE, by="bob", moment=FIRST)
    changed = {
        "tags/all.yaml": ("tag: buys_ever", "tag: purchases"),
        "estimators/all.yaml": ("[known_visitor]}", "[known_visitor, purchases]}"),
    }
    for name, (old, new) in changed.items():
        text = (small / name).read_text(encoding="utf-8")
        assert old in text
        (small / name).write_text(text.replace(old, new), encoding="utf-8")
    found = _build(small, FIRST, as_of=FIRST).models[CODE]
    assert found.note is not None and "no longer defines" in found.note.en and found.proposed


def test_a_young_version_is_not_replaced_by_every_build(small: Path) -> None:
    """Trained anew after ``refresh`` (here the 30 days of ``every``), or where the definition is another."""
    frames = models_bank.events(200)
    made = []
    for days in (240, 269, 270):
        until = models_bank.START + days * DAY
        data = models_bank.write_data(small.parent / f"until-{days}", frames, until=until)
        found = _build(small, until, data=data).models[CODE]
        made.append((found.new, found.proposed))
    assert [new for new, _ in made] == [True, False, True]
    assert made[0][1] == made[1][1] != made[2][1]
    models_bank.write_bank(
        small, estimator=models_bank.ESTIMATOR.replace("[behaviour, consumption]", "[behaviour]")
    )
    assert _build(small, until + DAY, as_of=until + DAY).models[CODE].new


def test_looking_back_changes_nobody(small: Path) -> None:
    _build(small, LATER, data=_data(small, LATER))
    approve_model(small, CODE, by="bob", moment=LATER)
    before = list_models(small, now=LATER)[0]
    past = _build(small, LATER, as_of=FIRST)
    assert past.models[CODE].note is not None and past.coverage["chance"] == 0
    assert list_models(small, now=LATER)[0].versions == before.versions


def test_a_definition_may_let_versions_take_over_by_themselves(small: Path) -> None:
    text = models_bank.ESTIMATOR + "  approval: automatic\n"
    models_bank.write_bank(small, estimator=text)
    built = _build(small, FIRST, data=_data(small, FIRST))
    assert built.models[CODE].champion and built.coverage["chance"] > 0.9
    line = list_models(small, now=FIRST + 10 * DAY)[0]
    assert line.champion is not None and line.champion.decided_by == AUTOMATIC
    assert line.age_days == pytest.approx(10) and line.tags == ("chance",)


def test_drift_and_failing_performance_become_alerts_and_are_settled(small: Path) -> None:
    """From day 240 on everybody visits ten times as often, and buying no longer follows visits."""
    frames = models_bank.events(250)
    _build(small, FIRST, data=models_bank.write_data(small.parent / "one", frames, until=FIRST))
    approve_model(small, CODE, by="bob", moment=FIRST)
    other = models_bank.events(250, seed=5, slope=-0.2)
    late = {"people": frames["people"]}
    for name in ("visits", "buys"):
        key = name[:-1]
        rest = (
            other[name].filter(pl.col("at") >= FIRST).with_columns(pl.concat_str(pl.lit("x"), key).alias(key))
        )
        times = 10 if name == "visits" else 1
        copies = [rest.with_columns(pl.concat_str(key, pl.lit(f"-{i}")).alias(key)) for i in range(times)]
        late[name] = pl.concat(copies)
    data = models_bank.write_data(small.parent / "two", late, name="_late", until=LATER)
    watch = _build(small, LATER, data=data).models[CODE].watch
    assert watch is not None and watch.performance is not None
    assert watch.inputs["visits_30d"] >= 0.25 and watch.performance.verdict == "alert"
    source = f"estimator.{CODE}"
    with Workspace.open(small, load_settings(small, os.environ)) as workspace:
        open_now = {each.subject for each in read_alerts(workspace.store) if each.source == source}
    assert {"visits_30d", "performance"} <= open_now
    assert list_models(small, now=LATER)[0].verdict == "alert"
    stands = approve_model(small, CODE, by="bob", moment=LATER)
    settled = _build(small, LATER, as_of=LATER).models[CODE]
    assert settled.champion == stands.champion and settled.watch is not None
    assert settled.watch.performance is None, "the new champion has learnt from all that is known"
    with Workspace.open(small, load_settings(small, os.environ)) as workspace:
        left = {each.subject for each in read_alerts(workspace.store) if each.source == source}
    assert "performance" not in left


def test_what_cannot_be_learnt_is_a_note_and_the_build_goes_on(small: Path) -> None:
    data = _data(small, models_bank.START + 50 * DAY)
    built = _build(small, models_bank.START + 50 * DAY, data=data)
    assert built.models[CODE].note is not None and built.models[CODE].proposed is None
    assert built.customers == 250
    with pytest.raises(CardMissingError):
        show_model(small, CODE)


def test_few_outcomes_are_measured_by_the_estimator_itself_and_the_card_says_so(small: Path) -> None:
    until = models_bank.START + 130 * DAY
    data = models_bank.write_data(small.parent / "data", models_bank.events(40), until=until)
    assert _build(small, until, data=data).models[CODE].proposed
    card = show_model(small, CODE)
    assert card.held_rows == 0 and "itself" in card.method.en and "hold any back" in card.limits[0].en
    assert card.figures["auc"].low < card.figures["auc"].value < card.figures["auc"].high
    approve_model(small, CODE, by="bob", moment=until)
    assert _build(small, until, as_of=until).coverage["chance"] > 0.8


def test_errors_name_what_is_known(small: Path) -> None:
    _build(small, FIRST, data=_data(small, FIRST))
    cases: list[tuple[Callable[[], object], type[Exception], str]] = [
        (lambda: show_model(small, "buy_soon"), EstimatorUnknownError, CODE),
        (lambda: approve_model(small, "x", by="bob", moment=FIRST), EstimatorUnknownError, CODE),
        (lambda: show_model(small, CODE, version="zz"), VersionUnknownError, "zz"),
        (lambda: propose_model(small, CODE, "", by="bob", moment=FIRST), VersionUnknownError, CODE),
        (lambda: roll_back_model(small, CODE, by="bob", moment=FIRST), EarlierChampionMissingError, CODE),
    ]
    for act, error, said in cases:
        with pytest.raises(error, match=said):
            act()


def test_the_same_bank_gives_the_same_versions_and_cards(
    small: Path, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = _data(small, FIRST)
    _build(small, FIRST, data=data)
    one = show_model(small, CODE)
    shutil.rmtree(small / ".vostro")
    import psycopg

    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE once_more TEMPLATE vostro_template STRATEGY file_copy")
    monkeypatch.setenv("VOSTRO_DATABASE_URL", server_url.replace("/postgres?", "/once_more?"))
    _build(small, FIRST, data=data)
    assert show_model(small, CODE) == one and one.as_of == iso(FIRST)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE once_more WITH (FORCE)")
