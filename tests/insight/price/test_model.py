"""Offers whose true elasticity is known: it is covered where prices varied by chance, and refused where not."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from vostro.insight.price import PriceModel
from vostro.insight.price.independence import check_independence
from vostro.insight.price.slope import learn_slope
from vostro.words import VostroError

SLOPES = {"north": -0.5, "south": -0.2}


def _offers(rows: int, seed: int, *, how: str = "chance") -> tuple[pl.DataFrame, np.ndarray]:
    """Offers, and the true log-odds at price 0; ``how`` the price came about: chance, risk or hidden."""
    draw = np.random.default_rng(seed)
    income, age = draw.lognormal(0, 0.5, rows), draw.integers(20, 70, rows)
    region = draw.choice(list(SLOPES), rows)
    lever, hidden = draw.choice([-1.0, 0.0, 1.0], rows), draw.normal(size=rows)
    rate = 7 + lever
    if how == "risk":
        rate = rate - 0.8 * np.log(income)
    if how == "hidden":
        rate = rate + 0.8 * hidden
    slope = np.where(region == "north", SLOPES["north"], SLOPES["south"])
    fixed = (
        np.where(region == "north", 3.0, 0.8)
        + 0.6 * np.log(income)
        + (0.7 * hidden if how == "hidden" else 0)
    )
    accepted = draw.random(rows) < 1 / (1 + np.exp(-(fixed + slope * rate)))
    table = {
        "income": income,
        "age": age,
        "region": region,
        "lever": lever,
        "rate": rate,
        "accepted": accepted,
    }
    return pl.DataFrame(table), fixed


@pytest.fixture(scope="module")
def model() -> PriceModel:
    frame = _offers(20_000, 1)[0].drop("lever")
    return PriceModel(segment="region").fit(frame, price="rate", target="accepted")


def test_the_curve_is_that_of_the_world_and_monotone(model: PriceModel) -> None:
    frame, fixed = _offers(3000, 2)
    prices = [6.0, 6.5, 7.0, 7.5, 8.0]
    said = model.curve(frame, prices)
    slope = np.where(frame["region"] == "north", SLOPES["north"], SLOPES["south"])
    truth = 1 / (1 + np.exp(-(fixed[:, None] + slope[:, None] * np.array(prices))))
    assert said.shape == (3000, 5)
    assert (np.diff(said, axis=1) <= 0).all()
    assert np.abs(said - truth).mean() < 0.03
    own = frame["rate"].to_numpy()
    assert model.predict(frame)[own == 7.0] == pytest.approx(said[own == 7.0, 2])


def test_the_elasticity_of_each_segment_is_covered(model: PriceModel) -> None:
    frame, fixed = _offers(200_000, 9)
    for row in model.elasticity(by="region").iter_rows(named=True):
        slope, at = SLOPES[row["segment"]], fixed[(frame["region"] == row["segment"]).to_numpy()]
        p = 1 / (1 + np.exp(-(at + slope * row["price_mean"])))
        truth = row["price_mean"] * slope * (p * (1 - p)).sum() / p.sum()
        assert row["low"] < truth < row["high"]
        assert row["slope"] == pytest.approx(slope, abs=4 * row["slope_se"])
    assert model.elasticity().height == 1


@pytest.mark.parametrize("instrument", [False, True])
def test_intervals_cover_the_truth_over_many_worlds(instrument: bool) -> None:
    covered, wrong = 0, 0
    for seed in range(200):
        draw = np.random.default_rng(seed)
        lever, hidden, x = draw.normal(size=1500), draw.normal(size=1500), draw.normal(size=1500)
        price = 5 + lever + (0.8 * hidden if instrument else 0)
        accepted = (
            draw.random(1500) < 1 / (1 + np.exp(-(2 + x - 0.4 * price + 0.8 * 0.8 * hidden * instrument)))
        ) * 1.0
        found = learn_slope(accepted, price, x, lever if instrument else None)
        covered += abs(found.slope + 0.4) < 1.96 * found.slope_se
        naive = learn_slope(accepted, price, x)
        wrong += abs(naive.slope + 0.4) < 1.96 * naive.slope_se
    assert covered / 200 > 0.91  # 95 % less 2.6 standard errors of a share of 200
    if instrument:
        assert wrong / 200 < 0.3, "without the instrument the hidden cause is taken for the price"


def test_a_price_set_by_the_customer_is_refused_and_the_column_named() -> None:
    with pytest.raises(VostroError) as caught:
        PriceModel().fit(_offers(3000, 1, how="risk")[0].drop("lever"), price="rate", target="accepted")
    assert caught.value.code == "insight.price_confounded"
    assert caught.value.data["columns"].startswith("'income'")
    assert "income" in caught.value.say("zh")


def test_a_price_of_chance_is_not_refused() -> None:
    refused = 0
    for seed in range(60):
        frame = _offers(1500, seed)[0]
        refused += check_independence(
            frame.select("income", "age", "region"), frame["rate"].to_numpy(), 0
        ).confounded
    assert refused <= 3  # one in a hundred is expected at most


def test_an_instrument_frees_from_a_hidden_cause() -> None:
    frame = _offers(20_000, 4, how="hidden")[0]
    model = PriceModel(features=["income", "age", "region"]).fit(
        frame, price="rate", target="accepted", instrument="lever"
    )
    naive = PriceModel(features=["income", "age", "region"]).fit(frame, price="rate", target="accepted")
    truth = np.mean(list(SLOPES.values()))
    assert model.elasticity()["slope"][0] == pytest.approx(truth, abs=0.08)
    assert naive.elasticity()["slope"][0] > truth + 0.2


def test_the_direction_is_kept_where_the_data_say_otherwise() -> None:
    frame = _offers(4000, 5)[0].drop("lever")
    model = PriceModel(direction="increasing").fit(frame, price="rate", target="accepted")
    assert np.ptp(model.curve(frame[:5], [6.0, 8.0]), axis=1) == pytest.approx(np.zeros(5))
    assert model.elasticity()["elasticity"][0] < 0, "the estimate is told as it is"


def test_saved_and_loaded_it_says_the_same(model: PriceModel, tmp_path: Path) -> None:
    model.save(tmp_path / "price.json")
    loaded = PriceModel.load(tmp_path / "price.json")
    frame = _offers(100, 3)[0]
    assert loaded.version == model.version
    assert np.array_equal(loaded.predict(frame), model.predict(frame))


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (
            lambda f: PriceModel(direction="up").fit(f, price="rate", target="accepted"),
            "insight.price_choice",
        ),
        (lambda f: PriceModel().fit(f, price="region", target="accepted"), "insight.feature_type"),
        (lambda f: PriceModel().fit(f, price="cost", target="accepted"), "insight.feature_missing"),
        (
            lambda f: PriceModel().fit(f.with_columns(rate=7.0), price="rate", target="accepted"),
            "insight.price_fixed",
        ),
        (
            lambda f: PriceModel().fit(f.with_columns(rate=None), price="rate", target="accepted"),
            "insight.feature_type",
        ),
        (
            lambda f: PriceModel(segment="x").fit(f, price="rate", target="accepted"),
            "insight.feature_missing",
        ),
        (
            lambda f: PriceModel().fit(f.select("rate", "accepted"), price="rate", target="accepted"),
            "insight.features_empty",
        ),
        (lambda f: PriceModel().predict(f), "insight.not_fitted"),
        (
            lambda f: PriceModel().fit(
                f.with_columns(z=pl.Series(np.random.default_rng(0).normal(size=f.height))),
                price="rate",
                target="accepted",
                instrument="z",
            ),
            "insight.price_instrument_weak",
        ),
    ],
)
def test_a_bad_question_is_a_clear_error(act, code: str) -> None:
    with pytest.raises(VostroError) as caught:
        act(_offers(1000, 1)[0].drop("lever"))
    assert caught.value.code == code


def test_prices_never_tried_and_groups_never_learnt_are_refused(model: PriceModel) -> None:
    for act, code in (
        (lambda: model.curve(_offers(5, 1)[0], [12.0]), "insight.price_value"),
        (lambda: model.elasticity(by="age"), "insight.price_choice"),
    ):
        with pytest.raises(VostroError) as caught:
            act()
        assert caught.value.code == code
