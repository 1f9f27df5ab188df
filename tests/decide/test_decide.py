"""Gates, capacity, control and exploration hold for every population; decisions depend on nothing else."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.decide import (
    VERDICTS,
    Action,
    Board,
    Campaign,
    Catalogue,
    Context,
    EstimateMissingError,
    Response,
    Suppression,
    decide,
    decision_records,
)
from vostro.portrait import TagInfo, parse_rule
from vostro.words import Text

NAME = Text(en="Call", zh="外呼")
TAGS = {
    "age": TagInfo(type="integer", name=Text(en="Age", zh="年龄")),
    "tired": TagInfo(type="boolean", name=Text(en="Tired", zh="疲劳")),
}
AS_OF = datetime(2026, 3, 1, tzinfo=UTC)


def catalogue(limit: str) -> tuple[Catalogue, Action]:
    suppression = Suppression("tired", NAME, "tired")
    action = Action(
        action="call",
        name=NAME,
        product="deposit",
        response=Response(model="m", margin="100 EUR", contact_cost="4 EUR"),
        channels={"call": "script.md"},
        eligibility="age >= 18",
        suppressions=(suppression,),
        limits={"call": limit},
    )
    rules = {"call": parse_rule("age >= 18", TAGS)}
    suppressions = {"call": ((suppression, parse_rule("tired", TAGS)),)}
    return Catalogue({}, {"call": action}, {}, {}, rules, suppressions), action


def campaign(holdout: int = 10, explore: int = 10) -> Campaign:
    return Campaign(
        campaign="c", name=NAME, segment="s", action="call", holdout=f"{holdout} %", explore=f"{explore} %"
    )


def settle(
    frame: pl.DataFrame, p: np.ndarray, *, limit: str = "5 a wave", seed: int = 3, **shares: int
) -> Board:
    rules, action = catalogue(limit)
    context = Context(campaign(**shares), action, 0, p, {"definitions": "d"})
    return decide(frame, rules, context, as_of=AS_OF, seed=seed)


def people(ages: list[int | None], tired: list[bool | None]) -> pl.DataFrame:
    schema = {"customer": pl.String, "age": pl.Int64, "tired": pl.Boolean}
    return pl.DataFrame(
        {"customer": [f"c{i}" for i in range(len(ages))], "age": ages, "tired": tired}, schema=schema
    )


@st.composite
def populations(draw: st.DrawFn) -> tuple[pl.DataFrame, np.ndarray, int]:
    size = draw(st.integers(1, 60))
    ages = draw(st.lists(st.sampled_from([None, 10, 17, 18, 40]), min_size=size, max_size=size))
    tired = draw(st.lists(st.sampled_from([None, True, False]), min_size=size, max_size=size))
    p = draw(st.lists(st.sampled_from([0.0, 0.01, 0.04, 0.05, 0.3, 1.0]), min_size=size, max_size=size))
    return people(ages, tired), np.array(p), draw(st.integers(0, 70))


def names(board: Board) -> list[str]:
    return [VERDICTS[i] for i in board.verdict]


@settings(max_examples=60, deadline=None)
@given(populations())
def test_gates_capacity_and_order_hold(case: tuple[pl.DataFrame, np.ndarray, int]) -> None:
    frame, p, seats = case
    board = settle(frame, p, limit=f"{seats} a wave")
    verdict = np.array(names(board))
    ages, tired = frame["age"].to_list(), frame["tired"].to_list()
    for i, given_verdict in enumerate(verdict):
        adult = ages[i] is not None and ages[i] >= 18
        assert (given_verdict == "ineligible") == (not adult)
        assert (given_verdict == "suppressed") == (adult and tired[i] is True)
    contacted = np.isin(verdict, ["chosen", "explored"])
    assert contacted.sum() <= seats
    assert not board.control[contacted].any()
    chosen, left = verdict == "chosen", verdict == "not_chosen"
    assert (board.value[chosen] > 0).all()
    if chosen.any() and left.any():
        assert board.value[chosen].min() >= board.value[left].max()
    assert ((board.action_probability > 0) & (board.action_probability <= 1)).all()


@settings(max_examples=30, deadline=None)
@given(populations(), st.randoms(use_true_random=False))
def test_the_order_of_customers_changes_nothing(case: tuple[pl.DataFrame, np.ndarray, int], random) -> None:
    frame, p, seats = case
    order = list(range(frame.height))
    random.shuffle(order)
    straight = dict(zip(frame["customer"], names(settle(frame, p, limit=f"{seats} a wave")), strict=True))
    mixed_frame = frame[order]
    mixed = dict(
        zip(
            mixed_frame["customer"],
            names(settle(mixed_frame, p[order], limit=f"{seats} a wave")),
            strict=True,
        )
    )
    assert straight == mixed


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    frame = people([30] * 500, [False] * 500)
    p = np.linspace(0.01, 0.9, 500)
    records = [
        decision_records(
            settle(frame, p, seed=seed), run_id="r", tags=("age",), reasons=pl.repeat(None, 500, eager=True)
        )
        for seed in (3, 3, 4)
    ]
    texts = [table["record"].to_list() for table in records]
    assert texts[0] == texts[1] and texts[0] != texts[2]
    assert records[0]["decision_id"].n_unique() == 500


def test_holdout_share_and_exploration_probability_are_what_was_asked() -> None:
    size = 40_000
    frame = people([30] * size, [False] * size)
    p = np.random.default_rng(1).beta(1, 9, size)
    board = settle(frame, p, limit="20 % a wave", holdout=10, explore=25)
    verdict = np.array(names(board))
    assert board.control.mean() == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / size))
    assert (verdict == "explored").sum() == 2000 and (verdict == "chosen").sum() == 6000
    others = ~board.would_be_chosen
    assert (verdict[others] == "explored").mean() == pytest.approx(
        board.contact_probability[others][0], rel=0.03
    )
    # Exploration is blind to value: explored and left customers have the same mean value.
    gap = board.value[verdict == "explored"].mean() - board.value[others].mean()
    assert abs(gap) < 4 * board.value[others].std() / np.sqrt(2000)


def test_an_estimate_that_is_missing_is_an_error_only_where_it_matters() -> None:
    frame = people([30, 10], [False, False])
    with pytest.raises(EstimateMissingError):
        settle(frame, np.array([np.nan, 0.5]))
    assert names(settle(frame, np.array([0.5, np.nan])))[1] == "ineligible"


def test_one_customer_is_a_batch_of_one() -> None:
    frame = people([30, 10, 40], [False, False, True])
    p = np.array([0.5, 0.5, 0.5])
    whole = names(settle(frame, p, limit="10 a wave", holdout=0, explore=0))
    alone = [
        names(settle(frame[i], p[i : i + 1], limit="10 a wave", holdout=0, explore=0))[0] for i in range(3)
    ]
    assert whole == alone == ["chosen", "ineligible", "suppressed"]


def test_an_empty_population_is_decided_too() -> None:
    board = settle(people([], []), np.empty(0))
    assert names(board) == []
    assert replace(board, seed=1).seed == 1


def test_control_has_seats_where_seats_were_left_over() -> None:
    # Everybody is worth it and has a seat, so the control group would have been chosen to the last.
    size = 400
    board = settle(
        people([30] * size, [False] * size), np.linspace(0.05, 0.9, size), limit="100 % a wave", explore=0
    )
    assert board.control.any() and board.would_be_chosen.all()
    alone = settle(people([30], [False]), np.array([0.5]), holdout=100, explore=0)
    assert alone.control.all() and alone.would_be_chosen.all() and np.isnan(alone.threshold)


def test_ties_at_the_threshold_give_control_no_more_seats_than_its_share() -> None:
    size = 4000
    board = settle(people([30] * size, [False] * size), np.full(size, 0.5), limit="20 % a wave", explore=0)
    assert board.would_be_chosen.sum() == pytest.approx(0.2 * size / 0.9, rel=0.05)


def test_no_seats_choose_nobody_of_either_group() -> None:
    board = settle(people([30] * 50, [False] * 50), np.full(50, 0.5), limit="0 a wave")
    assert not board.would_be_chosen.any() and not board.contacted.any()
