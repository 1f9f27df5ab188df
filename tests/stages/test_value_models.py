"""Value in a bank: learnt from purchases before a moment, tested on what was spent after it."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import models_bank
import numpy as np
import polars as pl
import pytest

from vostro.bank import read_bank
from vostro.engine import Workspace, load_settings
from vostro.insight.card import EstimatorCard
from vostro.insight.value import Spending, Timing, ValueModel, simulate_purchases
from vostro.insight.value_of_bank import PAST, HistoryValue
from vostro.portrait import build_portraits
from vostro.stages import build_bank
from vostro.stages.models import approve_model, list_models, show_model
from vostro.stages.training import training_rows
from vostro.words import FaultsError, parse_moment

CODE, DAY = "buys_soon", timedelta(days=1)
FIRST, LATER = models_bank.START + 290 * DAY, models_bank.START + 359 * DAY
VALUE = """\
- estimator: buys_soon
  name: {en: Spends within 60 days, zh: 60天内消费}
  kind: value
  target: {event: bought, sum: amount, where: amount >= 1, within: 60 days}
  population: income > 1500
  protected: [gender]
"""


@pytest.fixture
def small(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOSTRO_DATABASE_URL", database_url)
    return models_bank.write_bank(tmp_path / "bank", estimator=VALUE)


def _purchases(customers: int) -> dict[str, pl.DataFrame]:
    """Customers who live by the model that value is learnt with: its parameters are known."""
    frames = models_bank.events(customers)
    timing = Timing(r=0.8, alpha=4.0, a=0.6, b=4.0, one_time=0.0)
    spending = Spending(p=6.0, q=4.0, gamma=15.0, customers=customers, correlation=0.0, log_likelihood=0.0)
    start = models_bank.START.date()
    drawn, _ = simulate_purchases(
        customers, timing=timing, spending=spending, days=359, joining_days=150, start=start, seed=4
    )
    buys = drawn.select(
        buy=pl.concat_str(pl.lit("b"), pl.int_range(pl.len())),
        id=pl.format("c{}", pl.col("customer").cast(pl.String).str.zfill(4)),
        at=pl.col("time").cast(pl.Datetime("us")).dt.replace_time_zone("UTC") + timedelta(hours=3),
        amount=pl.col("amount").round(2),
        on_day=pl.col("time").cast(pl.Date),
    )
    return frames | {"buys": buys}


def test_value_is_learnt_tested_compared_and_spoken(small: Path) -> None:
    frames = _purchases(400)
    built, _ = build_bank(small, moment=FIRST, data=_data(small, frames, FIRST), by="ann")
    assert built.models[CODE].proposed, built.models[CODE].note
    card = show_model(small, CODE)
    assert card.figures["rank_correlation"].low > 0.3
    _check_test(card, frames)
    approve_model(small, CODE, by="bob", moment=FIRST)
    again, _ = build_bank(small, moment=LATER, data=_data(small, frames, LATER), by="cho")
    compared = show_model(small, CODE).comparison
    assert compared is not None and compared.measure == "mean_absolute_error"
    assert compared.difference.low <= compared.difference.value <= compared.difference.high
    assert again.models[CODE].watch is not None and set(again.models[CODE].watch.inputs) == {
        "purchases",
        "days_since_first",
        "days_since_last",
    }
    (line,) = list_models(small, now=LATER)
    assert line.figure == card.figures["mean_absolute_error"].value
    bank = read_bank(small)
    with Workspace.open(small, load_settings(small, os.environ)) as workspace:
        found = build_portraits(bank.tags, bank.contracts, workspace.lake, as_of=LATER)
        rows = training_rows(workspace, bank, bank.estimators[CODE], as_of=LATER)
    bought = set(frames["buys"].filter(pl.col("at") < LATER, pl.col("amount") >= 1)["id"])
    told = found.filter(pl.col("chance").is_not_null())
    assert set(told["customer"]) == {
        who
        for who, income in found.select("customer", "income").iter_rows()
        if who in bought and income > 1500
    }
    assert told["chance"].min() >= 0
    _check_rows(rows, frames["buys"])


def _check_test(card: EstimatorCard, frames: dict[str, pl.DataFrame]) -> None:
    """Second opinion: the model by hand, on what was bought before the test began by those it is asked of."""
    begins = parse_moment(card.held_from)
    asked = frames["people"].filter(pl.col("income") > 1500).select("id")
    buys = frames["buys"].filter(pl.col("amount") >= 1).join(asked, on="id")
    past = buys.filter(pl.col("at") < begins).select(customer="id", time="at", amount="amount")
    said = ValueModel().fit(past, as_of=begins).predict(days=60, intervals=False)
    inside = (pl.col("at") > begins) & (pl.col("at") <= begins + 60 * DAY)
    spent = buys.filter(inside).group_by(customer="id").agg(pl.col("amount").sum())
    both = said.join(spent, on="customer", how="left").with_columns(pl.col("amount_right").fill_null(0.0))
    off = (both["amount_right"] - both["customer_value"]).abs()
    assert card.held_rows == both.height
    assert card.figures["mean_absolute_error"].value == pytest.approx(off.mean(), rel=1e-6)
    ratio = both["amount_right"].sum() / both["customer_value"].sum()
    assert card.figures["observed_to_predicted"].value == pytest.approx(ratio, rel=1e-6)


def _check_rows(rows: pl.DataFrame, buys: pl.DataFrame) -> None:
    """Pasts and sums are those of a plain search."""
    by_customer: dict[str, list[tuple[datetime, float]]] = {}
    for who, at, amount in (
        buys.filter(pl.col("at") < LATER, pl.col("amount") >= 1).select("id", "at", "amount").iter_rows()
    ):
        by_customer.setdefault(who, []).append((at, amount))
    assert rows.height > 500
    for who, moment, spent, past in rows.select("customer", "event_time", "success", PAST).iter_rows():
        own = by_customer[who]
        assert spent == pytest.approx(sum(a for at, a in own if moment < at <= moment + 60 * DAY))
        assert sorted((each["time"], each["amount"]) for each in past) == sorted(
            o for o in own if o[0] < moment
        )


def _data(folder: Path, frames: dict[str, pl.DataFrame], until: datetime) -> Path:
    return models_bank.write_data(folder.parent / f"data-{until:%m%d}", frames, until=until)


def test_kept_and_read_again_it_says_the_same(tmp_path: Path) -> None:
    buys = _purchases(300)["buys"]
    past = buys.group_by("id", maintain_order=True).agg(pl.struct(time="at", amount="amount").alias(PAST))
    frame = past.select(PAST, pl.lit(LATER).dt.cast_time_unit("us").alias("_moment"))
    model = HistoryValue(horizon_days=60).fit(frame, target=None)
    said = model.predict(frame)
    assert said.shape == (frame.height,) and (said >= 0).all()
    model.save(tmp_path / "model.json")
    loaded = HistoryValue.load(tmp_path / "model.json")
    assert loaded.version == model.version and np.array_equal(loaded.predict(frame), said)
    assert loaded.predict(frame[5:6])[0] == pytest.approx(said[5], rel=1e-9), "one customer is a batch of one"
    assert loaded.predict(frame.head(0)).shape == (0,)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("sum: amount", "sum: amont", "did you mean 'amount'"),
        ("sum: amount", "sum: buy", "is no number"),
        ("sum: amount, ", "", "belong together"),
        ("kind: value", "kind: response\n  features: [income]", "belong together"),
        ("  protected", "  features: [income]\n  protected", "reads the events alone"),
        (
            "target: {event: bought, sum: amount, where: amount >= 1, within: 60 days}",
            "event: bought\n  target: amount > 1",
            "looks ahead",
        ),
    ],
)
def test_slips_are_told(small: Path, old: str, new: str, said: str) -> None:
    file = small / "estimators" / "all.yaml"
    assert old in VALUE
    file.write_text(VALUE.replace(old, new), encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        read_bank(small)
    told = [each.say("en") for each in caught.value.faults]
    assert any("estimators/all.yaml:" in each and said in each for each in told), told
