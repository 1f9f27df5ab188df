"""Rows of one customer, found through sorted copies, are the rows that the whole history has of him."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from vostro.capture import Contract, ContractColumn, EventTime, history
from vostro.portrait.online.copies import copy_table, covers_of, refresh_copies
from vostro.portrait.online.lookup import CustomerRows
from vostro.words import Text

from .benches import fresh_lake

NAME = Text(en="a", zh="甲")
START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENT = pl.Datetime("us", "UTC")
COLUMNS = {
    "id": ContractColumn(type="text", meaning=NAME),
    "who": ContractColumn(type="text", meaning=NAME),
    "day": ContractColumn(type="date", meaning=NAME),
    "amount": ContractColumn(type="decimal", decimal=(12, 2), meaning=NAME),
    "undoes": ContractColumn(type="text", meaning=NAME),
}
ODD = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": (Phase.explicit, Phase.generate),
}


def contract(*, keyed=True, reverses=False):
    return Contract(
        contract="visit",
        meaning=NAME,
        file="v.csv",
        columns=COLUMNS,
        key=["id"] if keyed else [],
        customer="who",
        event_time=EventTime(column="day", zone="UTC"),
        reverses="undoes" if reverses else None,
    )


def write(lake, number, rows):
    """Write a file's rows ``(id, who, day, undoes)`` as the load of that number does."""
    data = [
        {
            "id": code, "who": who, "day": (START + timedelta(days=day)).date(), "amount": f"{number}.{line:02d}",
            "undoes": undoes, "event_time": START + timedelta(days=day), "load_time": START + timedelta(days=number),
            "_load": number, "_line": line,
        }
        for line, (code, who, day, undoes) in enumerate(rows)
    ]  # fmt: skip
    schema = {"id": pl.String, "who": pl.String, "day": pl.Date, "amount": pl.String, "undoes": pl.String}
    schema |= {"event_time": MOMENT, "load_time": MOMENT, "_load": pl.Int64, "_line": pl.Int64}
    frame = pl.DataFrame(data, schema=schema).with_columns(pl.col("amount").cast(pl.Decimal(12, 2)))
    lake.write("visit", f"file{number}", frame)


def found(lake, source, customer, loaded_by):
    rows = CustomerRows(lake, source, lake.partitions()).rows(customer, loaded_by=loaded_by)
    return sorted((row["event_id"], row["_load"], row["_line"], row["amount"], row["day"]) for row in rows)


def wanted(lake, source, customer, loaded_by):
    rows = history(lake, source, loaded_by=loaded_by).filter(pl.col("customer") == customer)
    return sorted(rows.select("event_id", "_load", "_line", "amount", "day").collect().rows())


files = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.sampled_from(["1", "2", "阿", ""]),
        st.integers(0, 9),
        st.sampled_from([None, None, None, "a", "b"]),
    ),
    max_size=6,
    unique_by=lambda row: row[0],
)


@settings(max_examples=12, **ODD)
@given(st.lists(st.tuples(files, st.booleans()), min_size=1, max_size=5), st.booleans(), st.booleans())
def test_rows_are_those_of_the_history(server_url, tmp_path_factory, loads, keyed, reverses):
    source = contract(keyed=keyed, reverses=keyed and reverses)
    with fresh_lake(server_url, tmp_path_factory.mktemp("lake")) as lake:
        for number, (rows, refresh) in enumerate(loads):
            write(lake, number + 1, rows)
            if refresh:
                refresh_copies(lake, {"visit": source})
        for loaded_by in (None, *(START + timedelta(days=n) for n in range(1, len(loads) + 1))):
            for customer in ("1", "2", "阿", "nobody"):
                assert found(lake, source, customer, loaded_by) == wanted(lake, source, customer, loaded_by)


def test_a_row_is_copied_a_few_times_only(server_url, tmp_path):
    """Copies double in size as they are merged: with n files a row is sorted about log n times."""
    source = contract(keyed=False)
    with fresh_lake(server_url, tmp_path) as lake:
        sorted_rows = 0
        for number in range(1, 33):
            write(lake, number, [(f"{i}", f"{i % 3}", i % 9, None) for i in range(10)])
            sorted_rows += refresh_copies(lake, {"visit": source})
        runs = lake.partitions(copy_table("visit"))
        assert sum(run.rows for run in runs) == 320
        assert len(runs) <= 6
        assert sorted_rows <= 320 * 6
        assert refresh_copies(lake, {"visit": source}) == 0


def test_a_replaced_file_leaves_the_copies(server_url, tmp_path):
    source = contract(keyed=False)
    with fresh_lake(server_url, tmp_path) as lake:
        write(lake, 1, [("a", "1", 0, None)])
        write(lake, 2, [("b", "1", 0, None)])
        refresh_copies(lake, {"visit": source})
        again = lake.scan("visit").filter(pl.col("_load") == 2).with_columns(_load=pl.lit(3, pl.Int64))
        lake.write("visit", "file1", again.collect())
        assert found(lake, source, "1", None) == wanted(lake, source, "1", None)
        refresh_copies(lake, {"visit": source})
        live = {each.sequence for each in lake.partitions("visit")}
        assert frozenset().union(*(covers_of(run) for run in lake.partitions(copy_table("visit")))) == live
        assert found(lake, source, "1", None) == wanted(lake, source, "1", None)


@pytest.mark.parametrize("name", ["card", "x" * 63])
def test_a_copy_has_a_name_that_the_lake_takes(name):
    assert len(copy_table(name)) <= 63
