"""What customers lack that others like them hold, where the truth is known."""

import numpy as np
import polars as pl

from vostro.insight import ProductNeeds

from .groups import three_groups


def test_the_need_is_what_the_hidden_group_holds() -> None:
    frame, group = three_groups(3000, seed=4)
    rng = np.random.default_rng(0)
    holds = np.array([0.05, 0.7, 0.05])[group]
    frame = frame.with_columns(
        loan=pl.Series(rng.random(3000) < holds),
        fund=pl.Series(rng.random(3000) < 0.2),
        other=pl.Series([False] * 3000),
    )
    features = ["age", "balance", "city", "card"]
    needs = ProductNeeds(seed=1).fit(frame, products=["loan", "fund"], features=features)
    found = needs.predict(frame)
    lacks = (group == 1) & ~frame["loan"].to_numpy()
    assert (found.filter(pl.Series(lacks))["need"] == "loan").mean() > 0.85
    others = (group != 1) & ~frame["loan"].to_numpy()
    assert (found.filter(pl.Series(others))["need"] == "loan").fill_null(False).mean() < 0.1
    held = found.filter(frame["loan"])
    assert (held["need"] == "loan").fill_null(False).sum() == 0, "nobody needs what he holds"
    shares = needs.shares(frame)["loan"].to_numpy()
    assert abs(shares[group == 1].mean() - 0.7) < 0.08 and shares[group == 0].mean() < 0.12


def test_a_product_is_not_foreseen_from_itself() -> None:
    frame, group = three_groups(1500, seed=6)
    loan = np.random.default_rng(1).random(1500) < 0.3
    frame = frame.with_columns(
        loan=pl.Series(loan), amount=pl.Series([1000.0 if yes else None for yes in loan])
    )
    needs = ProductNeeds(seed=1).fit(frame, products=["loan"], features=["age", "city", "loan", "amount"])
    assert set(needs.needs["loan"].left_out) == {"loan", "amount"}
    assert max(needs.needs["loan"].shares) < 0.4, "drawn by lot, so that all clusters hold it alike"
    assert group.size == 1500


def test_unknown_counts_as_not_held_and_new_customers_can_be_asked() -> None:
    frame, _ = three_groups(600)
    frame = frame.with_columns(loan=pl.when(pl.int_range(600) % 3 == 0).then(True))
    needs = ProductNeeds(seed=1, k=2).fit(frame, products=["loan"], features=["age", "city"])
    assert abs(needs.needs["loan"].base - 1 / 3) < 1e-9
    new = needs.predict(frame.head(5).drop("customer"))
    assert new.columns == ["need", "share", "lift"] and new.height == 5
