"""Training rows: right labels, moments whose windows have passed, and nothing of the future."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import models_bank
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.bank import Bank, read_bank
from vostro.capture import load_all
from vostro.engine import Workspace
from vostro.insight import EstimatorDefinition
from vostro.stages.training import needed_tags, training_moments, training_rows
from vostro.words import Text

DAY = timedelta(days=1)
Opener = Callable[[Path], Workspace]


def _loaded(
    opened: Opener, folder: Path, frames: dict[str, pl.DataFrame], **more: str
) -> tuple[Bank, Workspace]:
    bank = read_bank(models_bank.write_bank(folder / "bank", **more))
    data = models_bank.write_data(folder / "data", frames)
    workspace = opened(folder / "bank")
    load_all(bank.contracts, data, store=workspace.store, lake=workspace.lake, load_time=models_bank.END)
    return bank, workspace


def _rows(bank: Bank, workspace: Workspace, *, as_of: datetime = models_bank.END) -> pl.DataFrame:
    everyone = pl.Series("customer", [f"c{i:04d}" for i in range(60)])
    definition = bank.estimators["buys_soon"]
    return training_rows(workspace, bank, definition, as_of=as_of, customers=everyone)


def test_outcomes_are_those_of_a_plain_search_and_the_population_holds(
    open_workspace: Opener, tmp_path: Path
) -> None:
    frames = models_bank.events(60)
    bank, workspace = _loaded(open_workspace, tmp_path, frames)
    rows = _rows(bank, workspace)
    bought: dict[str, list[datetime]] = {}
    for row in frames["buys"].filter(pl.col("at") < models_bank.END).to_dicts():
        if row["amount"] >= 10:
            bought.setdefault(row["id"], []).append(row["at"])
    visited: dict[str, list[datetime]] = {}
    for row in frames["visits"].to_dicts():
        visited.setdefault(row["id"], []).append(row["at"])
    assert rows.height > 300
    for customer, moment, success in rows.select("customer", "event_time", "success").iter_rows():
        wanted = any(moment < at <= moment + 30 * DAY for at in bought.get(customer, []))
        assert success == wanted, (customer, moment)
        assert any(at < moment for at in visited[customer]), "only who came before the moment is asked about"
    assert rows.select("customer", "event_time").is_unique().all()
    absent = models_bank.ESTIMATOR.replace("within: 30 days", "within: 30 days, absent: true")
    folder = models_bank.write_bank(tmp_path / "bank", estimator=absent)
    other = _rows(read_bank(folder), workspace)
    assert other["success"].to_list() == (~rows["success"]).to_list()


def test_nothing_of_the_future_reaches_the_features(open_workspace: Opener, tmp_path: Path) -> None:
    """After a moment everything is changed; features up to it stay as they were, outcomes of then do not."""
    frames = models_bank.events(60)
    cut = models_bank.START + timedelta(days=210)
    changed = {"people": frames["people"]}
    for name in ("visits", "buys"):
        later = frames[name]["at"] > cut
        last = frames[name]["at"] == frames[name]["at"].max()
        ids = frames[name]["id"]
        moved = pl.when(pl.Series(later & ~last)).then(pl.lit("c0007")).otherwise(ids)
        changed[name] = frames[name].with_columns(moved.alias("id"))
    found = [
        _rows(*_loaded(open_workspace, tmp_path / name, each))
        for name, each in (("a", frames), ("b", changed))
    ]
    before = [each.filter(pl.col("event_time") <= cut) for each in found]
    assert before[0].height > 150
    features = ["customer", "event_time", "income", "visits_30d", "days_since_visit", "buys_ever", "gender"]
    assert before[0].select(features).equals(before[1].select(features))
    past = [each.filter(pl.col("event_time") + 30 * DAY <= cut)["success"] for each in found]
    assert past[0].equals(past[1])
    after = [each.filter(pl.col("event_time") > cut).select(features) for each in found]
    assert not after[0].equals(after[1]), "the change would be seen where it may be"


def test_learning_as_of_a_moment_is_learning_from_what_there_was(
    open_workspace: Opener, tmp_path: Path
) -> None:
    frames, early = models_bank.events(60), models_bank.START + timedelta(days=200)
    shorter = {
        name: each.filter(pl.col("at") < early) if "at" in each.columns else each
        for name, each in frames.items()
    }
    whole, cut = (
        _rows(*_loaded(open_workspace, tmp_path / name, each), as_of=early)
        for name, each in (("a", frames), ("b", shorter))
    )
    assert whole.height > 200 and (whole["event_time"] + 30 * DAY <= early).all()
    assert whole.equals(cut)


def test_of_many_a_share_is_drawn_by_lot(
    open_workspace: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank, workspace = _loaded(open_workspace, tmp_path, models_bank.events(60))
    whole = _rows(bank, workspace)
    monkeypatch.setattr("vostro.stages.training.ROWS_MOST", 200)
    some = _rows(bank, workspace)
    assert 130 <= some.height <= 260 and some.equals(_rows(bank, workspace))
    kept = some.join(whole, on=["customer", "event_time"], how="inner", suffix="_whole")
    assert kept.height == some.height and (kept["success"] == kept["success_whole"]).all()
    assert some["event_time"].n_unique() == whole["event_time"].n_unique()


def _definition(horizon: int, every: int, moments: int) -> EstimatorDefinition:
    return EstimatorDefinition(
        estimator="e",
        name=Text("e", "e"),
        event="bought",
        target="TRUE",
        features=("a",),
        horizon=timedelta(days=horizon),
        every=timedelta(days=every),
        moments=moments,
    )


@given(
    st.integers(0, 900),
    st.integers(1, 1200),
    st.integers(1, 400),
    st.integers(1, 200),
    st.integers(2, 15),
    st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Prague", "America/New_York"]),
)
def test_every_window_has_passed_and_lies_in_the_account(
    first: int, length: int, horizon: int, every: int, moments: int, zone: str
) -> None:
    start = datetime(2023, 3, 1, 7, 30, tzinfo=UTC) + first * DAY
    times = pl.Series([start, start + length * DAY]).dt.cast_time_unit("us")
    as_of = start + (length - 3) * DAY if length > 10 else start + (length + 30) * DAY
    found = training_moments(times, _definition(horizon, every, moments), as_of=as_of, zone_name=zone)
    assert found == sorted(set(found)) and len(found) <= moments
    known = [each for each in times.to_list() if each < as_of]
    for moment in found:
        assert start <= moment, "before the first event nobody kept account"
        assert moment + horizon * DAY <= as_of
        assert moment + horizon * DAY <= max(known) + DAY, "after the last event nothing is known"
        local = moment.astimezone(ZoneInfo(zone))
        assert (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 1)
    gaps = [(b - a) / DAY for a, b in pairwise(found)]
    assert all(every - 1.1 <= gap <= every + 1.1 for gap in gaps)


def test_without_any_event_there_is_no_moment() -> None:
    nothing = pl.Series([], dtype=pl.Datetime("us", "UTC"))
    definition = _definition(30, 30, 5)
    assert training_moments(nothing, definition, as_of=models_bank.END, zone_name="UTC") == []


@pytest.mark.parametrize("wanted", ["visits_30d", "gender", "days_since_visit"])
def test_needed_tags_hold_what_is_read_and_what_that_is_made_of(tmp_path: Path, wanted: str) -> None:
    bank = read_bank(models_bank.write_bank(tmp_path / "bank"))
    found = needed_tags(bank.tags, bank.estimators["buys_soon"])
    assert wanted in found
    assert "likely" not in found and "chance" not in found
    assert "likely" in needed_tags(bank.tags, bank.estimators["buys_soon"], also=["likely"])
    assert "chance" in needed_tags(bank.tags, bank.estimators["buys_soon"], also=["likely"])
    assert all(tag.depends <= set(found) for tag in found.values())
