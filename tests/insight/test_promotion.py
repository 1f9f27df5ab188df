"""Who is champion follows from the log; the paired interval of the AUC holds against the bootstrap."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.insight.metrics import auc
from vostro.insight.promotion import (
    AUTOMATIC,
    EarlierChampionMissingError,
    PersonMissingError,
    ProposalMissingError,
    SamePersonError,
    Standing,
    Step,
    VersionUnknownError,
    auc_difference,
    check_approval,
    check_decision,
    check_proposal,
    check_rollback,
    compare,
    may_propose,
    standing,
)

MOMENT = "2026-01-01T00:00:00+00:00"


def _step(step: str, version: str, by: str = "ann") -> Step:
    return Step(step=step, estimator="e", version=version, by=by, as_of=MOMENT, moment=MOMENT)


def _told(*steps: tuple[str, ...]) -> Standing:
    return standing("e", [_step(*each) for each in steps])


def test_a_version_goes_its_way() -> None:
    steps = [
        ("trained", "a"), ("proposed", "a"), ("approved", "a", "bob"),
        ("trained", "b"), ("proposed", "b"), ("approved", "b", "bob"),
        ("trained", "c"), ("proposed", "c"), ("rejected", "c", "bob"),
    ]  # fmt: skip
    now = _told(*steps)
    assert (now.champion, now.proposed, now.line) == ("b", None, ("a", "b"))
    assert {code: each.state for code, each in now.versions.items()} == {
        "a": "former",
        "b": "champion",
        "c": "rejected",
    }
    assert now.versions["b"].decided_by == "bob" and now.versions["b"].proposed_by == "ann"
    back = _told(*steps, ("rolled_back", "b", "cho"))
    assert (back.champion, back.line, back.versions["b"].state) == ("a", ("a",), "withdrawn")
    assert back.versions["a"].state == "champion"


def test_a_new_proposal_takes_the_place_of_the_open_one() -> None:
    now = _told(("trained", "a"), ("proposed", "a"), ("trained", "b"), ("proposed", "b", "cho"))
    assert now.proposed == "b" and now.versions["a"].state == "challenger"
    assert check_approval(now, "ann") == "b", "who proposed the former one may approve this one"


def test_steps_of_other_estimators_do_not_count() -> None:
    stranger = Step(step="trained", estimator="f", version="x", by="ann", as_of=MOMENT)
    assert standing("e", [stranger]).versions == {}


@pytest.mark.parametrize(
    ("state", "verdict", "due"),
    [
        ((), "", True),
        ((), "alike", True),
        ((), "better", True),
        ((), "worse", False),
        ((("trained", "a"),), "alike", True),
        ((("trained", "a"), ("proposed", "a")), "better", False),
        ((("trained", "a"), ("proposed", "a"), ("approved", "a", "bob")), "better", False),
        ((("trained", "a"), ("proposed", "a"), ("rejected", "a", "bob")), "better", False),
    ],
)
def test_what_a_build_proposes(state: tuple[tuple[str, ...], ...], verdict: str, due: bool) -> None:
    assert may_propose(_told(*state), "a", verdict) is due


PROPOSED = _told(("trained", "a1"), ("trained", "a2"), ("proposed", "a2"))


@pytest.mark.parametrize(
    ("check", "by", "error"),
    [
        (check_approval, "ann", SamePersonError),
        (check_approval, "Ann ", SamePersonError),
        (check_approval, "", PersonMissingError),
        (check_decision, "  ", PersonMissingError),
        (check_approval, AUTOMATIC, PersonMissingError),
        (check_rollback, "bob", EarlierChampionMissingError),
    ],
)
def test_what_a_person_may_not(check, by: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        check(PROPOSED, by)
    assert caught.value.say("en") and caught.value.say("zh")


def test_nothing_open_is_told() -> None:
    with pytest.raises(ProposalMissingError, match="'e'"):
        check_approval(_told(("trained", "a")), "bob")


@pytest.mark.parametrize("begins", ["", "a", "b"])
def test_a_version_is_named_by_a_beginning_that_fits_one(begins: str) -> None:
    with pytest.raises(VersionUnknownError):
        check_proposal(PROPOSED, begins, "bob")
    assert check_proposal(PROPOSED, "a1", "bob") == "a1"


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["trained", "proposed", "approved", "rejected", "rolled_back"]),
        st.sampled_from("abc"),
        st.sampled_from(["ann", "bob"]),
    ),
    max_size=25,
)


@given(_STEPS)
def test_at_most_one_champion_and_one_proposal_whatever_the_log_says(
    steps: list[tuple[str, str, str]],
) -> None:
    now = _told(*steps)
    states = [each.state for each in now.versions.values()]
    assert states.count("champion") == (now.champion is not None)
    assert states.count("proposed") <= 1
    assert (now.proposed is None) or now.versions[now.proposed].version == now.proposed
    assert len(set(now.line)) == len(now.line) and set(now.line) <= set(now.versions)
    assert now == _told(*steps), "the same log, the same champion"


@given(_STEPS)
def test_a_champion_was_proposed_by_one_and_approved_by_another(steps: list[tuple[str, str, str]]) -> None:
    now = _told(*steps)
    for version in now.line:
        proposers = {by for step, code, by in steps if step == "proposed" and code == version}
        approvers = {by for step, code, by in steps if step == "approved" and code == version}
        assert proposers and approvers and len(proposers | approvers) == 2


def _simulated(seed: int, rows: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=rows)
    observed = (rng.random(rows) < 1 / (1 + np.exp(1 - truth))).astype(float)
    return observed, truth + rng.normal(0, 0.8, rows), truth + rng.normal(0, 1.2, rows)


def test_the_paired_interval_is_that_of_the_bootstrap() -> None:
    """Second opinion: 1,000 redrawn samples of the same rows (Efron)."""
    observed, first, second = _simulated(3)
    found = auc_difference(observed, first, second)
    assert found.value == pytest.approx(auc(observed, first) - auc(observed, second), abs=1e-12)
    rng, drawn = np.random.default_rng(0), []
    for _ in range(1000):
        rows = rng.integers(0, len(observed), len(observed))
        drawn.append(auc(observed[rows], first[rows]) - auc(observed[rows], second[rows]))
    half = (found.high - found.low) / 2
    assert half == pytest.approx(NormalDist().inv_cdf(0.975) * np.std(drawn), rel=0.1)


def test_the_paired_interval_covers_the_truth() -> None:
    """Two estimates of equal quality differ by nothing; 95 % of the intervals hold it (300 banks)."""
    covered = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        truth = rng.normal(size=200)
        observed = (rng.random(200) < 1 / (1 + np.exp(-truth))).astype(float)
        one, two = truth + rng.normal(0, 1, 200), truth + rng.normal(0, 1, 200)
        found = auc_difference(observed, one, two)
        covered += found.low <= 0 <= found.high
    assert 0.915 <= covered / 300 <= 0.98  # 95 % within three standard errors


def test_the_verdict_is_that_of_the_interval() -> None:
    observed, good, _ = _simulated(1, 2000)
    noise = np.random.default_rng(9).normal(size=2000)
    for one, two, verdict in ((good, noise, "better"), (noise, good, "worse"), (good, good, "alike")):
        found = compare(observed, one, two, version="v", stand_in=False)
        assert found.verdict == verdict and found.rows == 2000
        assert found.champion_figure == auc(observed, two)
