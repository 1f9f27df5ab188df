"""What a campaign is said to have earned is what it earned: hand counts, and simulation with known truth."""

import math

import numpy as np
import polars as pl
import pytest

from vostro.learn import measure_effect, waiting_effect, what_if_capacity
from vostro.words import Money

MARGIN, COST = Money.parse("100 EUR"), Money.parse("4 EUR")


def answers(
    verdicts: list[str], would: list[bool], success: list[bool], waves: list[int] | None = None
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "wave": waves or [0] * len(verdicts),
            "verdict": verdicts,
            "would_be_chosen": would,
            "success": success,
            "value": [float(len(verdicts) - i) for i in range(len(verdicts))],
            "contact_probability": [1.0] * len(verdicts),
        }
    )


def test_history_by_hand() -> None:
    # 2 of 4 chosen succeed, 1 of 1 alike, 1 of 5 of the rest: at random 4 of 10.
    table = answers(
        ["chosen"] * 4 + ["control"] + ["not_chosen"] * 5,
        [True] * 5 + [False] * 5,
        [True, True, False, False, True, True, False, False, False, False],
    )
    found = measure_effect(table, replays_history=True, margin=MARGIN, contact_cost=COST, seed=1)
    assert (found.chosen.rate, found.random.rate, found.control.rate) == (0.5, pytest.approx(0.4), 1.0)
    assert found.ratio == pytest.approx(1.25)
    assert found.extra_successes == pytest.approx(0.4)
    assert found.net_value == "40.00 EUR"


def test_random_weights_waves_by_the_number_chosen() -> None:
    # Wave 0 has rate 0.5 and one chosen, wave 1 has rate 0 and three chosen: at random 0.125.
    table = answers(
        ["chosen", "not_chosen"] + ["chosen"] * 3 + ["not_chosen"] * 3,
        [True, False] + [True] * 3 + [False] * 3,
        [True] + [False] * 7,
        [0, 0] + [1] * 6,
    )
    found = measure_effect(table, replays_history=True, margin=MARGIN, contact_cost=COST, seed=1)
    assert found.random.rate == pytest.approx(0.125)


def test_live_without_exploration_has_no_random_rate() -> None:
    table = answers(["chosen", "control", "not_chosen"], [True, True, False], [True, False, False])
    found = measure_effect(table, replays_history=False, margin=MARGIN, contact_cost=COST, seed=1)
    assert found.random.rate is None and found.ratio is None
    assert found.difference == pytest.approx(1.0)
    assert found.net_value == "96.00 EUR"


def test_a_wave_in_which_nobody_was_chosen_has_no_weight() -> None:
    # Wave 1 chose nobody and explored nobody: its rest is unknown, and not needed.
    table = answers(
        ["chosen", "explored", "not_chosen"],
        [True, False, False],
        [True, False, False],
        [0, 0, 1],
    )
    found = measure_effect(table, replays_history=False, margin=MARGIN, contact_cost=COST, seed=1)
    assert found.random.rate == pytest.approx(0.5) and found.ratio == pytest.approx(2.0)


def test_waiting_has_no_figures() -> None:
    found = waiting_effect(replays_history=False)
    assert found.status == "waiting" and found.ratio is None and found.chosen.rate is None


def world(rng: np.random.Generator, size: int = 4000) -> tuple[pl.DataFrame, float, float]:
    """Simulate a live campaign; return answers, true random rate and true effect on the chosen."""
    p_called = rng.beta(1, 9, size)
    p_alone = 0.4 * p_called
    value = p_called * np.exp(rng.normal(0, 0.4, size))
    control = rng.random(size) < 0.1
    chosen = np.zeros(size, bool)
    order = np.argsort(-np.where(control, -np.inf, value))
    chosen[order[:600]] = True
    would = value >= value[chosen].min()
    rest = ~would & ~control
    explored = np.zeros(size, bool)
    explored[rng.choice(np.flatnonzero(rest), 150, replace=False)] = True
    success = rng.random(size) < np.where(chosen | explored, p_called, p_alone)
    verdict = np.select([control, chosen, explored], ["control", "chosen", "explored"], "not_chosen")
    share = 0.9 * 150 / rest.sum()
    frame = pl.DataFrame(
        {
            "wave": np.zeros(size, np.int64),
            "verdict": verdict.tolist(),
            "would_be_chosen": would,
            "success": success,
            "value": value,
            "contact_probability": np.where(would, 0.9, share),
        }
    )
    return frame, float(p_called.mean()), float((p_called - p_alone)[would].mean())


def test_live_intervals_cover_the_truth() -> None:
    rng = np.random.default_rng(11)
    runs, ratio_in, effect_in = 200, 0, 0
    for i in range(runs):
        frame, random, effect = world(rng)
        found = measure_effect(frame, replays_history=False, margin=MARGIN, contact_cost=COST, seed=i)
        chosen = found.chosen.rate
        assert chosen is not None and found.random.low is not None and found.random.high is not None
        ratio_in += found.random.low <= random <= found.random.high
        assert found.difference_low is not None and found.difference_high is not None
        effect_in += found.difference_low <= effect <= found.difference_high
    slack = 4 * math.sqrt(0.05 * 0.95 / runs)
    assert ratio_in / runs == pytest.approx(0.95, abs=slack)
    assert effect_in / runs >= 0.95 - slack


def test_capacity_in_a_history_counts_the_best() -> None:
    table = answers(["chosen"] * 2 + ["not_chosen"] * 8, [True] * 2 + [False] * 8, [True, True] + [False] * 8)
    points = what_if_capacity(table, replays_history=True, actual_share=0.2, margin=MARGIN, contact_cost=COST)
    by_share = {point.share: point for point in points}
    assert by_share[0.1].successes == 1 and by_share[0.2].successes == 2 and by_share[1.0].successes == 2
    assert by_share[0.2].actual and by_share[0.2].net_value == "192.00 EUR"
    assert [point.contacts for point in points] == sorted(point.contacts for point in points)


def test_capacity_of_a_live_campaign_is_unbiased() -> None:
    rng = np.random.default_rng(3)
    gaps, covered = [], 0
    for _ in range(150):
        frame, random, _ = world(rng)
        points = what_if_capacity(
            frame, replays_history=False, actual_share=0.2, margin=MARGIN, contact_cost=COST
        )
        whole = points[-1]
        gaps.append(whole.successes - random * frame.height)
        covered += whole.successes_low <= random * frame.height <= whole.successes_high
    assert abs(np.mean(gaps)) < 4 * np.std(gaps) / math.sqrt(len(gaps))
    assert covered / 150 >= 0.9
