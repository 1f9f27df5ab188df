"""The twin delivers the same bytes for the same seed, and tells no truth in its files."""

import ast
import gzip
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vostro.twin
from vostro.twin import CallListError, TwinBank, TwinSizeError, TwinStartError
from vostro.twin.dirt import CALL_DIRT, CUSTOMER_DIRT

from .conftest import START, call_list


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_same_seed_same_bytes(bank: TwinBank, history: Path, tmp_path: Path) -> None:
    TwinBank(start=START).write_history(tmp_path / "again")
    TwinBank(start=START, seed=8).write_history(tmp_path / "other")
    assert _bytes(tmp_path / "again") == _bytes(history)
    other = _bytes(tmp_path / "other")
    assert all(other[name] != data for name, data in _bytes(history).items())


def test_zone_of_start_is_only_a_way_to_write_it(history: Path, tmp_path: Path) -> None:
    from datetime import UTC

    TwinBank(start=START.astimezone(UTC)).write_history(tmp_path)
    assert _bytes(tmp_path) == _bytes(history)


def test_same_list_same_answers(bank: TwinBank, tmp_path: Path) -> None:
    names = call_list(tmp_path / "list.csv", ["C00000004", "C00000001"])
    for name in ("one", "two"):
        bank.answer(names, tmp_path / f"{name}.csv")
    bank.answer(names, tmp_path / "other.csv", draw=1)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert (tmp_path / "one.csv").read_bytes() != (tmp_path / "other.csv").read_bytes()


def test_files_are_those_that_the_readme_names_and_hold_no_truth(history: Path) -> None:
    assert sorted(_bytes(history)) == ["customers.csv", "past_calls.csv.gz"]
    header = (history / "customers.csv").read_text(encoding="utf-8").split("\n")[0].split(",")
    hidden = {"phone_liking", "plan", "uplift", "response_probability", "own_probability", "fatigue"}
    assert not hidden & set(header)
    with gzip.open(history / "past_calls.csv.gz", "rt", encoding="utf-8") as file:
        assert next(file) == "call_id;customer_id;called_at;duration_seconds;called;bought;decided\n"


def _expected(kinds: list[str], total: int) -> dict[str, int]:
    whole, rest = divmod(total, len(kinds))
    return {kind: whole + (i < rest) for i, kind in enumerate(kinds)}


def test_dirty_rows_are_counted_exactly(bank: TwinBank, history: Path) -> None:
    """Read the files by hand: each record that the account names is broken as it says, and no other."""
    lines = (history / "customers.csv").read_text(encoding="utf-8").splitlines()
    columns = lines[0].split(",")
    seen: set[str] = set()
    found: dict[int, str] = {}
    for number, line in enumerate(lines[1:], start=2):
        fields = line.split(",")
        kind = _customer_fault(dict(zip(columns, fields, strict=False)), len(fields) - len(columns), seen)
        if kind:
            found[number] = kind
    told = {row.line: row.kind for row in bank.dirty_rows if row.file == "customers.csv"}
    assert found == told
    assert Counter(told.values()) == _expected(list(CUSTOMER_DIRT), 60)  # 0.3 % of 20,000
    assert len(lines) - 1 == 20_000 + 12  # a duplicate is a record more


def _customer_fault(row: dict[str, str], too_many: int, seen: set[str]) -> str | None:
    if too_many:
        return "thousands_separator"
    if row["customer_id"] in seen:
        return "duplicate_key"
    seen.add(row["customer_id"])
    if not 0 <= int(row["age"]) <= 120:
        return "impossible_age"
    try:
        datetime.strptime(row["customer_since"], "%Y-%m-%d")  # noqa: DTZ007
    except ValueError:
        return "bad_date"
    return "wrong_category" if row["job"] in ("manger", "N/A") else None


def test_dirty_calls_are_counted_exactly(bank: TwinBank, history: Path) -> None:
    frame = pl.read_csv(history / "past_calls.csv.gz", separator=";", infer_schema=False).with_columns(
        pl.col(pl.String).fill_null("")
    )
    known = pl.Series([f"C{n:08d}" for n in range(1, 20_001)])
    fault = (
        pl.when(~pl.col("call_id").is_first_distinct())
        .then(pl.lit("duplicate_key"))
        .when(pl.col("called_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%z", strict=False).is_null())
        .then(pl.lit("bad_moment"))
        .when(~pl.col("bought").is_in(["yes", "no"]))
        .then(pl.lit("wrong_category"))
        .when(pl.col("customer_id") == "")
        .then(pl.lit("missing_customer"))
        .when(~pl.col("customer_id").is_in(known.implode()))
        .then(pl.lit("unknown_customer"))
    )
    faults = frame.with_row_index("line", offset=2).with_columns(fault=fault).drop_nulls("fault")
    told = {row.line: row.kind for row in bank.dirty_rows if row.file == "past_calls.csv.gz"}
    assert dict(faults.select("line", "fault").iter_rows()) == told
    clean = frame.height - Counter(told.values())["duplicate_key"]
    assert Counter(told.values()) == _expected(list(CALL_DIRT), round(clean * 0.003))


def test_no_broken_customer_was_called_before(bank: TwinBank, history: Path) -> None:
    """One reject does not cause another: references of clean calls all hold."""
    broken = {row.key for row in bank.dirty_rows if row.file == "customers.csv"}
    with gzip.open(history / "past_calls.csv.gz", "rt", encoding="utf-8") as file:
        assert not {line.split(";")[1] for line in file} & broken


@settings(max_examples=25, deadline=None)
@given(
    customers=st.integers(1, 60), seed=st.integers(0, 2**63), share=st.sampled_from([0.0, 0.003, 0.2, 0.5])
)
def test_any_small_bank_works(
    tmp_path_factory: pytest.TempPathFactory, customers: int, seed: int, share: float
) -> None:
    folder = tmp_path_factory.mktemp("small")
    bank = TwinBank(customers=customers, seed=seed, start=START, dirty_share=share)
    bank.write_history(folder)
    names = call_list(folder / "list.csv", ["C00000001"])
    bank.answer(names, folder / "outcomes.csv")
    lines = (folder / "customers.csv").read_text(encoding="utf-8").splitlines()
    twice = sum(row.kind == "duplicate_key" and row.file == "customers.csv" for row in bank.dirty_rows)
    assert len(lines) == 1 + customers + twice
    assert pl.read_csv(folder / "outcomes.csv").height == customers
    assert len({(row.file, row.line) for row in bank.dirty_rows}) == len(bank.dirty_rows)


def test_outcomes_hold_every_customer_inside_the_window(bank: TwinBank, tmp_path: Path) -> None:
    names = call_list(tmp_path / "list.csv", ["C00000002", "C00000002", "C00000009"])
    bank.answer(names, tmp_path / "outcomes.csv")
    frame = pl.read_csv(tmp_path / "outcomes.csv", try_parse_dates=True)
    assert frame.columns == ["customer_id", "decided", "called", "bought"]
    assert frame["customer_id"].n_unique() == frame.height == bank.customers
    assert frame.filter(pl.col("called") == "yes")["customer_id"].to_list() == ["C00000002", "C00000009"]
    moment = frame["decided"]
    assert moment.min() >= START
    assert moment.max() == START + timedelta(days=30, seconds=-1)
    later = frame.filter(pl.col("bought") == "no")["decided"]
    assert later.unique().to_list() == [START + timedelta(days=30, seconds=-1)]


def test_nobody_on_an_empty_list_is_called(bank: TwinBank, tmp_path: Path) -> None:
    names = call_list(tmp_path / "list.csv", [])
    bank.answer(names, tmp_path / "outcomes.csv")
    assert set(pl.read_csv(tmp_path / "outcomes.csv")["called"]) == {"no"}
    assert bank.truth(names).purchases_incremental == 0


def test_a_byte_order_mark_is_no_part_of_the_header(bank: TwinBank, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("\ufeffcustomer,wave\nC00000003,1\n", encoding="utf-8")
    assert bank.truth(tmp_path / "list.csv").called == 1


BAD_LISTS = {
    "missing": None,
    "no column": b"client\nC00000001\n",
    "empty": b"",
    "stranger": b"customer\nC00000001\nC00020001\n",
    "zero": b"customer\nC00000000\n",
    "blank": b"customer,wave\n,1\n",
    "no number": b"customer\nMaria\n",
    "not text": b"\xff\xfe\x00customer",
}


@pytest.mark.parametrize("name", BAD_LISTS)
def test_a_bad_call_list_is_one_clear_error(bank: TwinBank, tmp_path: Path, name: str) -> None:
    path = tmp_path / "list.csv"
    if BAD_LISTS[name] is not None:
        path.write_bytes(BAD_LISTS[name])
    with pytest.raises(CallListError) as caught:
        bank.answer(path, tmp_path / "outcomes.csv")
    assert str(path) in caught.value.say("en")
    assert str(path) in caught.value.say("zh")
    assert not (tmp_path / "outcomes.csv").exists()


def test_a_bank_that_cannot_be_is_refused() -> None:
    for wrong in ({"customers": 0}, {"history_share": 1.5}, {"dirty_share": -0.1}):
        with pytest.raises(TwinSizeError, match=next(iter(wrong))):
            TwinBank(start=START, **wrong)
    with pytest.raises(TwinStartError):
        TwinBank(start=START.replace(tzinfo=None))


def test_imports_nothing_but_words() -> None:
    allowed = {"numpy", "polars", "vostro.twin", "vostro.words"}
    standard = {
        "collections",
        "dataclasses",
        "datetime",
        "gzip",
        "pathlib",
        "tempfile",
        "time",
        "typing",
        "zlib",
    }
    for path in Path(vostro.twin.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                house = ".".join(name.split(".")[:2]) if name.startswith("vostro") else name.split(".")[0]
                assert house in allowed | standard, f"{path.name} imports {name}"


def test_past_calls_were_made_before_and_decided_before_the_start(bank: TwinBank, history: Path) -> None:
    told = {row.line for row in bank.dirty_rows if row.file == "past_calls.csv.gz"}
    frame = pl.read_csv(history / "past_calls.csv.gz", separator=";", infer_schema=False).with_row_index(
        "line", offset=2
    )
    clean = frame.filter(~pl.col("line").is_in(list(told)))
    moments = clean.select(pl.col("called_at", "decided").str.to_datetime("%Y-%m-%dT%H:%M:%S%z"))
    local = moments["called_at"].dt.convert_time_zone("Asia/Shanghai")
    assert local.is_sorted()
    assert bank.snapshot < local.dt.date().min()
    assert moments["decided"].max() < START
    assert (moments["decided"] > moments["called_at"]).all()
    assert local.dt.weekday().max() <= 5
    assert local.dt.hour().is_between(9, 18).all()


def test_past_calls_were_chosen_by_lot(bank: TwinBank, history: Path) -> None:
    """Called and not called callable customers are alike in what drives the response."""
    truth_free = pl.read_csv(history / "past_calls.csv.gz", separator=";", infer_schema=False)
    called = np.zeros(bank.customers, dtype=bool)
    number = truth_free["customer_id"].str.extract(r"^C(\d+)$").cast(pl.Int64).drop_nulls().to_numpy()
    called[number[number <= bank.customers] - 1] = True
    reachable = bank._reachable
    assert abs(called[reachable].mean() - 0.4) < 0.01
    assert not called[~reachable].any()
    for name in ("age", "balance_cny", "previous_contacts"):
        column = np.log1p(bank._people.number(name))
        gap = column[called].mean() - column[reachable & ~called].mean()
        error = column[reachable].std() * np.sqrt(1 / called.sum() + 1 / (reachable & ~called).sum())
        assert abs(gap) < 4 * error
