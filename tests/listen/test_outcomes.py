"""An outcome answers a decision only inside the attribution window of the same customer."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.listen import answers_of

START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENT = pl.Datetime("us", "UTC")
hours = st.integers(-50, 100)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), hours), max_size=6),
    st.lists(st.tuples(st.sampled_from("abcd"), hours, st.booleans()), max_size=12),
    st.integers(1, 48),
)
def test_agrees_with_a_slow_reading(made, came, window) -> None:
    decisions = pl.DataFrame(
        {"customer": [c for c, _ in made], "as_of": [START + timedelta(hours=h) for _, h in made]},
        schema={"customer": pl.String, "as_of": MOMENT},
    )
    outcomes = pl.DataFrame(
        {
            "customer": [c for c, _, _ in came],
            "event_time": [START + timedelta(hours=h) for _, h, _ in came],
            "success": [s for _, _, s in came],
        },
        schema={"customer": pl.String, "event_time": MOMENT, "success": pl.Boolean},
    )
    found = answers_of(decisions, outcomes, within=timedelta(hours=window))
    for (customer, at), row in zip(made, found.iter_rows(named=True), strict=True):
        heard = [s for c, h, s in came if c == customer and at <= h < at + window]
        assert row["answered"] == bool(heard)
        assert row["success"] == any(heard)
