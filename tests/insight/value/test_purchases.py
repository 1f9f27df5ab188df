"""What is read of the purchases: days, refunds, free goods, the end of the observation."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.insight.checks import frame_kinds
from vostro.insight.errors import FeatureMissingError, FeatureTypeError, FrameKindError
from vostro.insight.value import read_histories
from vostro.insight.value.errors import (
    AmountError,
    AsOfError,
    CustomerMissingError,
    PurchasesEmptyError,
    TimeMissingError,
)
from vostro.words import VostroError

ROWS = pl.DataFrame(
    {
        "customer": ["b", "a", "a", "a", "a", "c", "d"],
        "time": [date(2026, 1, d) for d in (5, 1, 3, 3, 8, 2, 9)],
        "amount": [7.0, 10.0, 4.0, 6.0, 20.0, -3.0, 0.0],
    }
)


def test_a_history_can_be_counted_by_hand() -> None:
    found = read_histories(ROWS, as_of=date(2026, 1, 10))
    assert found.customer.to_list() == ["a", "b", "d"], "c only got a refund"
    assert found.repeats.tolist() == [2, 0, 0], "two purchases on one day are one"
    assert found.first_ago.tolist() == [9, 5, 1]
    assert found.last_ago.tolist() == [2, 5, 1]
    assert (found.paid.tolist(), found.spent.tolist()) == ([2, 0, 0], [30.0, 0.0, 0.0])
    assert found.repeats_ago.tolist() == [0, 0, 1, 0, 0, 0, 0, 1, 0, 0]


def test_refunds_are_taken_off_and_free_goods_count_in_time_only() -> None:
    rows = pl.DataFrame(
        {
            "customer": [1] * 6,
            "time": [0, 10, 12, 20, 30, 31],
            "amount": [50.0, 40.0, -15.0, 0.0, None, -100.0],
        }
    )
    found = read_histories(rows, as_of=30)
    assert (found.repeats[0], found.paid[0], found.spent[0], found.last_ago[0]) == (3, 1, 25.0, 0)
    assert read_histories(rows, as_of=40).spent[0] == 0.0, "never below 0"


def test_what_came_after_as_of_is_not_known() -> None:
    early = read_histories(ROWS.filter(pl.col("time") <= date(2026, 1, 4)), as_of="2026-01-04")
    cut = read_histories(ROWS, as_of="2026-01-04T12:00:00")
    assert early.customer.equals(cut.customer) and (early.spent == cut.spent).all()


def test_the_kind_of_frame_and_the_order_of_rows_do_not_matter() -> None:
    wanted = read_histories(ROWS, as_of=date(2026, 1, 10))
    for kind, frame in frame_kinds(ROWS.reverse()):
        found = read_histories(frame, as_of=date(2026, 1, 10))
        assert found.customer.to_list() == wanted.customer.to_list(), kind
        assert found.spent.tolist() == wanted.spent.tolist() and (found.repeats == wanted.repeats).all(), kind


def test_moments_are_days_as_they_are_said() -> None:
    seconds = pl.Series([86_340, 86_460]) * 1000  # 23:59 of one day and 00:01 of the next
    late = pl.DataFrame({"customer": [1, 1], "time": seconds.cast(pl.Datetime("ms"))})
    assert read_histories(late, amount=None).repeats.tolist() == [1]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60), st.floats(-50, 50)), min_size=1, max_size=60)
)
def test_sums_hold_for_any_rows(rows: list[tuple[int, int, float]]) -> None:
    frame = pl.DataFrame(rows, schema=["customer", "time", "amount"], orient="row")
    bought = frame.filter(pl.col("amount") >= 0)
    if bought.is_empty():
        with pytest.raises(PurchasesEmptyError):
            read_histories(frame, as_of=70)
        return
    found = read_histories(frame, as_of=70)
    assert found.customer.to_list() == sorted(bought["customer"].unique())
    assert found.repeats.sum() + len(found) == bought.select("customer", "time").unique().height
    assert found.repeats_ago.sum() == found.repeats.sum()
    assert (found.first_ago >= found.last_ago).all() and (found.paid <= found.repeats).all()
    assert ((found.first_ago == found.last_ago) == (found.repeats == 0)).all()
    assert np.isfinite(found.spent).all() and (found.spent >= 0).all()


WRONG = [
    (ROWS.drop("customer"), {}, FeatureMissingError),
    (ROWS.drop("time"), {}, FeatureMissingError),
    (ROWS.drop("amount"), {}, FeatureMissingError),
    (ROWS.with_columns(time=pl.lit("then")), {}, FeatureTypeError),
    (ROWS.with_columns(time=pl.lit(True)), {}, FeatureTypeError),
    (ROWS.with_columns(amount=pl.lit("much")), {}, FeatureTypeError),
    (ROWS.with_columns(amount=pl.lit(float("inf"))), {}, AmountError),
    (ROWS.with_columns(time=pl.lit(None, dtype=pl.Date)), {}, TimeMissingError),
    (ROWS.with_columns(time=pl.lit(float("nan"))), {}, TimeMissingError),
    (ROWS.with_columns(customer=pl.lit(None, dtype=pl.String)), {}, CustomerMissingError),
    (ROWS, {"as_of": "soon"}, AsOfError),
    (ROWS, {"as_of": float("nan")}, AsOfError),
    (ROWS, {"as_of": date(2020, 1, 1)}, PurchasesEmptyError),
    (ROWS.head(0), {}, PurchasesEmptyError),
    ([1, 2], {}, FrameKindError),
]


@pytest.mark.parametrize(("frame", "more", "error"), WRONG)
def test_wrong_rows_are_refused_in_words(
    frame: object, more: dict[str, object], error: type[VostroError]
) -> None:
    with pytest.raises(error) as told:
        read_histories(frame, **more)  # type: ignore[arg-type]
    assert told.value.say("en") and told.value.say("zh")
