"""The door: what a user gets from purchases, and that it is kept exactly."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from vostro.insight.errors import ModelFileError, NotFittedError
from vostro.insight.value import ValueModel
from vostro.insight.value.errors import HorizonDaysError, PurchasesMissingError, ShareError
from vostro.words import VostroError

from .worlds import AS_OF, MONEY, PLAIN, world


@pytest.fixture(scope="module")
def fitted() -> ValueModel:
    return ValueModel(seed=3).fit(world()[0], as_of=AS_OF)


def test_what_is_said_hangs_together(fitted: ValueModel) -> None:
    said = fitted.predict(days=365)
    assert (
        said.height == world()[0].filter(pl.col("time") <= pl.lit(AS_OF).str.to_date())["customer"].n_unique()
    )
    assert said.select(pl.exclude("customer").is_finite().all()).row(0).count(True) == said.width - 1
    assert said.select(
        (pl.col("survival_probability") <= pl.col("alive_probability")).all()
        & pl.col("alive_probability").is_between(0, 1).all()
        & (pl.col("purchases_low") <= pl.col("purchases_high")).all()
        & (pl.col("value_low") <= pl.col("value_high")).all()
    ).item()
    assert np.allclose(said["customer_value"], said["purchases"] * said["amount"])


def test_more_days_bring_more_and_a_margin_and_a_discount_less(fitted: ValueModel) -> None:
    short, long = fitted.predict(days=30), fitted.predict(days=365)
    assert (short["purchases"] < long["purchases"]).all()
    half = fitted.predict(days=365, margin=0.5)
    assert np.allclose(half["customer_value"] * 2, long["customer_value"])
    later = fitted.predict(days=365, discount_year=0.1)["customer_value"] / long["customer_value"]
    assert ((later > 1 / 1.1) & (later < 1)).all(), "discounted by less than the whole year"


def test_one_customer_is_a_batch_of_one(fitted: ValueModel) -> None:
    purchases = world()[0]
    said = fitted.predict(days=200)
    for customer in (said["customer"][0], said["customer"][-1], 17):
        alone = fitted.predict(purchases.filter(pl.col("customer") == customer), days=200, as_of=AS_OF)
        assert alone.equals(said.filter(pl.col("customer") == customer))


def test_the_same_seed_and_data_give_the_same(fitted: ValueModel) -> None:
    again = ValueModel(seed=3).fit(world()[0].reverse(), as_of=AS_OF)
    assert again.version == fitted.version and again.predict(days=90).equals(fitted.predict(days=90))
    other = ValueModel(seed=4).fit(world()[0], as_of=AS_OF).predict(days=90)
    assert other["purchases"].equals(fitted.predict(days=90)["purchases"])
    assert not other["value_high"].equals(fitted.predict(days=90)["value_high"])


def test_kept_in_a_file_without_customers(fitted: ValueModel, tmp_path: Path) -> None:
    fitted.save(tmp_path / "value.json")
    loaded = ValueModel.load(tmp_path / "value.json")
    assert loaded.version == fitted.version
    with pytest.raises(PurchasesMissingError):
        loaded.predict(days=10)
    assert loaded.predict(world()[0], days=10, as_of=AS_OF).equals(fitted.predict(days=10))
    loaded.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "value.json").read_bytes()
    assert len((tmp_path / "value.json").read_bytes()) < 2_000, "parameters alone"


def test_a_changed_file_is_refused(fitted: ValueModel, tmp_path: Path) -> None:
    fitted.save(tmp_path / "value.json")
    text = (tmp_path / "value.json").read_text(encoding="utf-8")
    (tmp_path / "value.json").write_text(text.replace('"alpha":', '"alpha":1'), encoding="utf-8")
    with pytest.raises(ModelFileError):
        ValueModel.load(tmp_path / "value.json")


def test_purchases_without_amounts() -> None:
    model = ValueModel().fit(world()[0].drop("amount"), amount=None, as_of=AS_OF)
    assert model.spending is None
    assert "customer_value" not in model.predict(days=30).columns


def test_intervals_can_be_left_out(fitted: ValueModel) -> None:
    with_them, without = fitted.predict(days=30), fitted.predict(days=30, intervals=False)
    assert without.equals(with_them.select(without.columns)) and "value_low" not in without.columns


def test_reasons_are_in_words_of_both_languages() -> None:
    rows = pl.DataFrame({"customer": ["x", "x", "x"], "time": [0, 10, 40], "amount": [5.0, 8.0, 8.0]})
    known = pl.concat(
        [
            rows,
            world()[0].select(
                pl.col("customer").cast(pl.String), time=pl.int_range(pl.len()) % 250, amount="amount"
            ),
        ]
    )
    model = ValueModel(weeks=False).fit(known, as_of=250)
    said = model.reasons(rows, as_of=60).row(0)
    alive = 100 * model.predict(rows, days=30, as_of=60)["alive_probability"][0]
    assert said[1].startswith(
        f"bought on 3 day(s) since 60 days ago, last 20 days ago: still a customer with a chance of {alive:.0f} %"
    )
    assert said[2].startswith("60 天前首购以来在 3 天购买，最近一次在 20 天前")
    assert model.reasons().height == model.predict(days=1)["customer"].n_unique()


def test_parameters_are_told(fitted: ValueModel) -> None:
    assert fitted.timing.r == pytest.approx(PLAIN.r, rel=0.4)
    assert fitted.spending is not None and fitted.spending.amount_mean == pytest.approx(
        MONEY.p * MONEY.gamma / (MONEY.q - 1), rel=0.1
    )


WRONG = [
    ({"days": 0}, HorizonDaysError),
    ({"days": float("nan")}, HorizonDaysError),
    ({"days": "a year"}, HorizonDaysError),
    ({"share": 1.0}, ShareError),
    ({"share": -0.1}, ShareError),
    ({"margin": 1.5}, ShareError),
    ({"margin": None}, ShareError),
    ({"discount_year": -0.1}, ShareError),
    ({"discount_year": float("inf")}, ShareError),
]


@pytest.mark.parametrize(("arguments", "error"), WRONG)
def test_wrong_arguments_are_refused_in_words(
    fitted: ValueModel, arguments: dict[str, object], error: type[VostroError]
) -> None:
    with pytest.raises(error) as told:
        fitted.predict(**arguments)  # type: ignore[arg-type]
    assert told.value.say("en") and told.value.say("zh")


def test_untrained() -> None:
    with pytest.raises(NotFittedError):
        ValueModel().predict(days=30)
    with pytest.raises(HorizonDaysError):
        ValueModel(unit_days=0)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "style", ["few days", "like clockwork", "all on one day", "huge amounts", "one rate for all"]
)
def test_strange_histories_get_finite_answers_or_a_reason(style: str) -> None:
    draw = np.random.default_rng(len(style))
    for days in (3, 60, 700):
        customer, day = draw.integers(0, 60, 400), draw.integers(0, days, 400)
        amount = draw.gamma(1, 1e8 if style == "huge amounts" else 1e-4, 400) * draw.choice(
            [1, 1, -1, 0], 400
        )
        if style == "few days":
            day %= 2
        elif style == "like clockwork":
            customer, day = np.arange(400) % 40, np.arange(400) // 40 * 30 % (days + 30)
        elif style == "all on one day":
            day = np.where(customer < 15, day, 0)
        frame = pl.DataFrame({"customer": customer, "time": day, "amount": amount})
        try:
            model = ValueModel().fit(frame, as_of=days)
        except VostroError as told:
            assert told.say("en")
            continue
        for ahead in (0.5, 5000):
            said = model.predict(days=ahead, discount_year=0.05)
            assert (
                said.select(pl.exclude("customer").cast(pl.Float64).is_finite().all()).row(0).count(False)
                == 0
            )
            assert (said["survival_probability"] <= said["alive_probability"] + 1e-12).all()
            assert (said["purchases"] >= 0).all()
