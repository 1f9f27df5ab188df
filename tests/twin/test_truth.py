"""The truth agrees with what happens: many futures of one list converge to it."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from vostro.twin import Truth, TwinBank
from vostro.twin.response import Response

from .conftest import START, call_list


def _ids(mask: np.ndarray) -> list[str]:
    return [f"C{number + 1:08d}" for number in np.flatnonzero(mask)]


def _auc(score: np.ndarray, success: np.ndarray) -> float:
    rank = np.empty(score.size)
    rank[np.argsort(score, kind="stable")] = np.arange(1, score.size + 1)
    hits = int(success.sum())
    return float((rank[success].sum() - hits * (hits + 1) / 2) / (hits * (score.size - hits)))


@pytest.fixture(scope="module")
def best_fifth(bank: TwinBank, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A list of the fifth of the callable customers with the best response."""
    score = np.where(bank.callable, bank._response.called, -1)
    chosen = np.zeros(bank.customers, dtype=bool)
    chosen[np.argsort(-score, kind="stable")[: int(bank.callable.sum()) // 5]] = True
    return call_list(tmp_path_factory.mktemp("truth") / "list.csv", _ids(chosen))


def test_many_futures_converge_to_the_truth(bank: TwinBank, best_fifth: Path, tmp_path: Path) -> None:
    truth = bank.truth(best_fifth)
    bought, bought_alone = [], []
    nobody = call_list(tmp_path / "nobody.csv", [])
    for draw in range(40):
        bank.answer(best_fifth, tmp_path / "called.csv", draw=draw)
        bank.answer(nobody, tmp_path / "alone.csv", draw=draw)
        frame, alone = pl.read_csv(tmp_path / "called.csv"), pl.read_csv(tmp_path / "alone.csv")
        called = (frame["called"] == "yes").to_numpy()
        bought.append(int(((frame["bought"] == "yes").to_numpy() & called).sum()))
        bought_alone.append(int(((alone["bought"] == "yes").to_numpy() & called).sum()))
    for seen, expected in ((bought, truth.purchases), (bought_alone, truth.purchases_own)):
        error = np.std(seen, ddof=1) / np.sqrt(len(seen))
        assert abs(np.mean(seen) - expected) < 4 * error
    difference = np.subtract(bought, bought_alone)
    error = np.std(difference, ddof=1) / np.sqrt(difference.size)
    assert abs(difference.mean() - truth.purchases_incremental) < 4 * error


def test_each_customer_converges_to_the_own_probability(
    bank: TwinBank, best_fifth: Path, tmp_path: Path
) -> None:
    """Not only the sum: in every tenth of the hidden probability the purchases come as often as foretold."""
    truth = bank.truth(best_fifth)
    bought = np.zeros(bank.customers)
    draws = 40
    for draw in range(draws):
        bank.answer(best_fifth, tmp_path / "outcomes.csv", draw=draw)
        frame = pl.read_csv(tmp_path / "outcomes.csv")
        bought += (frame["bought"] == "yes").to_numpy()
    called = (frame["called"] == "yes").to_numpy()
    chance = np.where(called, truth.response_probability, truth.own_probability)
    for part in np.array_split(np.argsort(chance), 10):
        error = np.sqrt((chance[part] * (1 - chance[part])).sum() * draws)
        assert abs(bought[part].sum() - draws * chance[part].sum()) < 4.5 * error


def test_luck_is_the_customers_own(bank: TwinBank, tmp_path: Path) -> None:
    """In one future, calling someone does not change what others do."""
    bank.answer(call_list(tmp_path / "a.csv", ["C00000001"]), tmp_path / "a_out.csv", draw=3)
    bank.answer(call_list(tmp_path / "b.csv", ["C00000002"]), tmp_path / "b_out.csv", draw=3)
    others = pl.col("customer_id") > "C00000002"
    a, b = (pl.read_csv(tmp_path / f"{name}_out.csv").filter(others) for name in "ab")
    assert a.equals(b)


def test_random_list_earns_what_the_truth_says_of_chance(bank: TwinBank, tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    earned = []
    for _ in range(30):
        chosen = np.zeros(bank.customers, dtype=bool)
        chosen[generator.choice(np.flatnonzero(bank.callable), 2_000, replace=False)] = True
        truth = bank.truth(call_list(tmp_path / "list.csv", _ids(chosen)))
        earned.append(truth.purchases_incremental)
    error = np.std(earned, ddof=1) / np.sqrt(len(earned))
    assert abs(np.mean(earned) - truth.purchases_incremental_random) < 4 * error
    assert truth.purchases_incremental_best > 2 * max(earned)


def test_arithmetic_of_the_truth() -> None:
    """Three customers, checked by hand; the third may not be called."""
    from vostro.twin.truth import true_effect

    response = Response(called=np.array([0.5, 0.2, 0.9]), own=np.array([0.1, 0.3, 0.1]))
    truth = true_effect(response, np.array([True, False, False]), np.array([True, True, False]))
    assert (truth.called, truth.callable) == (1, 2)
    assert truth.purchases == pytest.approx(0.5)
    assert truth.purchases_incremental == pytest.approx(0.4)
    assert truth.purchases_random == pytest.approx(0.35)
    assert truth.purchases_incremental_random == pytest.approx(0.15)  # (0.4 - 0.1) / 2
    assert truth.purchases_incremental_best == pytest.approx(0.4)


@pytest.mark.parametrize("seed", [7, 11, 2026])
def test_rates_are_those_of_a_bank(seed: int, tmp_path: Path) -> None:
    """Called 8 to 10 %, alone about 3 %; some would buy anyway, some are put off by a call."""
    bank = TwinBank(customers=50_000, seed=seed, start=START)
    truth = bank.truth(call_list(tmp_path / "list.csv", []))
    called = truth.response_probability[bank.callable]
    own, uplift = truth.own_probability[bank.callable], truth.uplift[bank.callable]
    assert 0.08 <= called.mean() <= 0.10
    assert 0.025 <= own.mean() <= 0.035
    assert 0.05 <= (uplift < 0).mean() <= 0.25  # sleeping dogs
    assert ((own > 0.2) & (uplift < 0.05)).mean() > 0.005  # sure things
    success = np.random.default_rng(seed).random(called.size) < called
    assert 0.80 <= _auc(called, success) <= 0.84  # nobody can rank better than the truth
    best = np.argsort(-called)[: called.size // 5]
    assert uplift[best].mean() > 2.5 * uplift.mean()


def test_an_honest_ranker_learns_from_past_calls(bank: TwinBank, history: Path, tmp_path: Path) -> None:
    """A plain estimator on the delivered files ranks the next campaign's responses with an AUC of 0.75 or more."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    customers = pl.read_csv(
        history / "customers.csv", truncate_ragged_lines=True, null_values=["", "unknown"], infer_schema=False
    )
    calls = pl.read_csv(history / "past_calls.csv.gz", separator=";", infer_schema=False).unique(
        "call_id", keep="first"
    )
    usable = calls.filter(pl.col("bought").is_in(["yes", "no"])).select("customer_id", "bought")
    known = customers.unique("customer_id", keep="first").join(
        usable, on="customer_id", how="left", maintain_order="left"
    )
    left_out = ("customer_id", "full_name", "phone", "customer_since", "bought")
    numbers = known.select(pl.all().exclude(left_out).cast(pl.Float64, strict=False))
    numbers = numbers[[column.name for column in numbers if column.null_count() < 0.9 * numbers.height]]
    words = known.select(pl.all().exclude(left_out).rank("dense").name.suffix("_word"))
    features = pl.concat([numbers, words], how="horizontal").to_numpy()
    target = known["bought"].fill_null("")
    trained = (target != "").to_numpy()
    model = HistGradientBoostingClassifier(max_iter=120, learning_rate=0.05, max_leaf_nodes=8, random_state=1)
    model.fit(features[trained], (target == "yes").to_numpy()[trained])
    score = model.predict_proba(features)[:, 1]
    truth: Truth = bank.truth(call_list(tmp_path / "list.csv", []))
    number = known["customer_id"].str.slice(1).cast(pl.Int64).to_numpy() - 1
    fresh = ~trained & bank.callable[number]
    success = np.random.default_rng(5).random(number.size) < truth.response_probability[number]
    assert 0.75 <= _auc(score[fresh], success[fresh]) <= 0.81
