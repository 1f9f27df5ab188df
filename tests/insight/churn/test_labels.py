"""Who left is said without looking ahead, and only when the log reaches far enough."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.insight.checks import frame_kinds
from vostro.insight.churn import activity_features, churn_labels, contract_labels
from vostro.insight.churn.errors import ContractEndError, HorizonUnknownError
from vostro.insight.errors import FeatureMissingError, FeatureTypeError
from vostro.insight.value.errors import AsOfError, CustomerMissingError, HorizonDaysError, TimeMissingError
from vostro.words import VostroError

LOG = pl.DataFrame({"customer": ["a", "a", "b", "b", "c", "d"], "time": [1, 12, 4, 9, 15, 2]})
ROWS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 60)), min_size=1, max_size=80)


def test_labels_can_be_counted_by_hand() -> None:
    said = churn_labels(LOG, as_of=10, horizon_days=5, active_days=30)
    assert said.rows() == [("a", False), ("b", True), ("d", True)], "c is not a customer yet"
    assert churn_labels(LOG, as_of=10, horizon_days=5).rows() == [("b", True)], "only b was active lately"


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(5, 40))
def test_features_do_not_know_what_comes(rows: list[tuple[int, int]], as_of: int) -> None:
    log = pl.DataFrame(rows, schema=["customer", "time"], orient="row")
    past = log.filter(pl.col("time") <= as_of)
    assert activity_features(log, as_of=as_of).equals(activity_features(past, as_of=as_of))


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(5, 40), st.integers(1, 20))
def test_labels_do_not_hang_on_what_lies_outside(rows: list[tuple[int, int]], as_of: int, ahead: int) -> None:
    log = pl.DataFrame(rows, schema=["customer", "time"], orient="row")
    said = churn_labels(log, as_of=as_of, horizon_days=ahead, active_days=100, until=100)
    cut = log.filter(pl.col("time") <= as_of + ahead)
    if cut.height:
        assert said.equals(churn_labels(cut, as_of=as_of, horizon_days=ahead, active_days=100, until=100))
    for customer, churned in said.rows():
        days = log.filter(pl.col("customer") == customer)["time"]
        assert (days <= as_of).any()
        assert churned == (not ((days > as_of) & (days <= as_of + ahead)).any())


def test_a_horizon_beyond_the_log_is_refused() -> None:
    with pytest.raises(HorizonUnknownError, match="day 15"):
        churn_labels(LOG, as_of=10, horizon_days=6)
    assert churn_labels(LOG, as_of=10, horizon_days=6, until=20).height == 1


def test_features_can_be_counted_by_hand() -> None:
    log = pl.DataFrame({"customer": ["a"] * 5 + ["b"], "time": [0, 10, 10, 20, 99, 15]})
    said = activity_features(log, as_of=26, windows_days=(7, 30)).to_dicts()
    assert said[0] == {
        "customer": "a", "days_since_last": 6, "days_since_first": 26, "days_active": 3,
        "gap_days_mean": 10.0, "silence_in_gaps": 0.6, "events_7d": 1, "events_30d": 4,
    }  # fmt: skip
    assert said[1]["gap_days_mean"] is None and said[1]["silence_in_gaps"] is None


CONTRACTS = pl.DataFrame(
    {
        "customer": ["a", "a", "b", "c", "d", "e"],
        "begin": [
            date(2026, 1, 1),
            date(2026, 3, 10),
            date(2026, 1, 5),
            date(2026, 2, 1),
            date(2026, 3, 5),
            date(2025, 1, 1),
        ],
        "end": [date(2026, 3, 5), None, date(2026, 3, 20), None, None, date(2026, 2, 1)],
    }
)


def test_contracts_say_who_left() -> None:
    said = contract_labels(CONTRACTS, as_of="2026-03-01", horizon_days=30, until="2026-04-30")
    assert said.rows() == [("a", False), ("b", True), ("c", False)], "d came later, e was gone before"


def test_every_kind_of_frame_gives_the_same() -> None:
    wanted = contract_labels(CONTRACTS, as_of="2026-03-01", horizon_days=30, until="2026-04-30").rows()
    for kind, frame in frame_kinds(CONTRACTS):
        assert (
            contract_labels(frame, as_of="2026-03-01", horizon_days=30, until="2026-04-30").rows() == wanted
        ), kind
    for kind, frame in frame_kinds(LOG):
        assert churn_labels(frame, as_of=10, horizon_days=5).rows() == [("b", True)], kind


OVER = {"as_of": "2026-03-01", "horizon_days": 9, "until": "2026-06-01"}
WRONG = [
    (churn_labels, {"events": LOG, "as_of": "soon", "horizon_days": 1}, AsOfError),
    (churn_labels, {"events": LOG, "as_of": 3, "horizon_days": 0}, HorizonDaysError),
    (churn_labels, {"events": LOG, "as_of": 3, "horizon_days": 1, "active_days": -1}, HorizonDaysError),
    (churn_labels, {"events": LOG.drop("time"), "as_of": 3, "horizon_days": 1}, FeatureMissingError),
    (churn_labels, {"events": LOG.head(0), "as_of": 3, "horizon_days": 1}, HorizonUnknownError),
    (activity_features, {"events": LOG.with_columns(time=pl.lit("x")), "as_of": 3}, FeatureTypeError),
    (
        activity_features,
        {"events": LOG.with_columns(time=pl.lit(None, dtype=pl.Int64)), "as_of": 3},
        TimeMissingError,
    ),
    (
        activity_features,
        {"events": LOG.with_columns(customer=pl.lit(None, dtype=pl.String)), "as_of": 3},
        CustomerMissingError,
    ),
    (
        contract_labels,
        {"contracts": CONTRACTS.with_columns(end=pl.date(2020, 1, 1)), **OVER},
        ContractEndError,
    ),
    (
        contract_labels,
        {"contracts": CONTRACTS, "as_of": "2026-03-01", "horizon_days": 90, "until": "2026-04-01"},
        HorizonUnknownError,
    ),
    (
        contract_labels,
        {"contracts": CONTRACTS.with_columns(end=pl.lit(True)), **OVER},
        FeatureTypeError,
    ),
]


@pytest.mark.parametrize(("act", "arguments", "error"), WRONG)
def test_wrong_input_is_refused_in_words(act, arguments: dict[str, object], error: type[VostroError]) -> None:
    with pytest.raises(error) as told:
        act(**arguments)
    assert told.value.say("en") and told.value.say("zh")
