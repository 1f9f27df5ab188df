"""Typed parsing agrees with a second reading in plain Python, value by value."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.capture.checks import ContractChecks
from vostro.capture.contracts import Contract, ContractColumn
from vostro.capture.readers import SourceFormat
from vostro.words import Text

WORDS = Text(en="x", zh="x")


def read(texts, kind, *, format=None, **said):
    """Return the typed values, and the codes of the faults by row."""
    column = ContractColumn(type=kind, meaning=WORDS, **said)
    contract = Contract(
        contract="t", meaning=WORDS, file="t.csv", columns={"x": column}, format=format or SourceFormat()
    )
    frame = pl.DataFrame({"x": texts}, schema={"x": pl.String})
    typed, faults = ContractChecks(contract).check(frame, np.arange(1, len(texts) + 1))
    found = faults.by_record()
    return typed["x"].to_list(), dict(zip(found["row"].to_list(), found["code"].to_list(), strict=True))


def agrees(texts, kind, oracle, **said):
    values, faults = read(texts, kind, **said)
    for row, text in enumerate(texts):
        expected = oracle(text)
        if expected is None:
            assert row in faults, text
        else:
            assert row not in faults, (text, faults.get(row))
            assert values[row] == (None if expected == "" else expected), text


near_numbers = st.text(alphabet="0123456789.,+-eE _x", max_size=9)
plain_numbers = st.from_regex(r"[+-]?[0-9]{1,21}(\.[0-9]{0,5})?", fullmatch=True)
numbers = st.lists(st.one_of(near_numbers, plain_numbers, st.none()), min_size=1, max_size=30)


def blank(text):
    return text is None or text.strip() == ""


def integer_oracle(text):
    if blank(text):
        return ""
    match = re.fullmatch(r"([+-]?[0-9]+)(\.0*)?", text.strip())
    value = int(match[1]) if match else None
    return value if value is not None and -(2**63) <= value < 2**63 else None


def number_oracle(text):
    if blank(text):
        return ""
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", text.strip()):
        return None
    value = float(text)
    return value if abs(value) != float("inf") else None


def decimal_oracle(text):
    if blank(text):
        return ""
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", text.strip()):
        return None
    value = Decimal(text.strip())
    return value if value == value.quantize(Decimal("0.01")) and abs(value) < 10**10 else None


@settings(max_examples=150, deadline=None)
@given(numbers)
def test_integers(texts):
    agrees(texts, "integer", integer_oracle)


@settings(max_examples=150, deadline=None)
@given(numbers)
def test_numbers(texts):
    agrees(texts, "number", number_oracle)


@settings(max_examples=150, deadline=None)
@given(numbers)
def test_decimals(texts):
    agrees(texts, "decimal", decimal_oracle, decimal=(12, 2))


def date_oracle(text):
    if blank(text):
        return ""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", text)
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


days = st.one_of(
    st.dates().map(str),
    st.builds("{:04d}-{:02d}-{:02d}".format, st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32)),
    st.sampled_from(["", "2023/02/03", "20230203", "today", "2023-2-3"]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(days, min_size=1, max_size=30))
def test_dates(texts):
    agrees(texts, "date", date_oracle)


clocks = st.datetimes(datetime(1900, 1, 2), datetime(2100, 1, 1))  # noqa: DTZ001 - what a file without zones says


@settings(max_examples=100, deadline=None)
@given(
    st.lists(clocks, min_size=1, max_size=20),
    st.sampled_from(["Asia/Shanghai", "Europe/Lisbon", "UTC"]),
    st.sampled_from(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S.%f"]),
)
def test_moments_without_zone_are_read_in_the_declared_zone(moments, zone, layout):
    texts = [moment.strftime(layout) for moment in moments]

    def oracle(text):
        naive = datetime.strptime(text, layout)  # noqa: DTZ007
        aware = naive.replace(tzinfo=ZoneInfo(zone))
        utc = aware.astimezone(UTC)
        # a clock that skips this hour never showed it
        return utc if utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == naive else None

    agrees(texts, "moment", oracle, zone=zone)


offsets = st.sampled_from(["Z", "+00:00", "+08:00", "-03:30", "+0530", "-1200"])


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(clocks, offsets, st.booleans()),
        max_size=20,
    )
)
def test_moments_with_an_offset(moments):
    texts = [
        moment.isoformat(timespec="auto" if fine else "seconds") + offset for moment, offset, fine in moments
    ]
    agrees(texts, "moment", lambda text: datetime.fromisoformat(text).astimezone(UTC))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-01-01T09:00:00", "moment_zone"),
        ("2026-02-30T09:00:00Z", "moment_impossible"),
        ("2026-02-01T25:00:00Z", "moment_impossible"),
        ("yesterday", "not_moment"),
        ("2026-01-01", "not_moment"),
    ],
)
def test_what_is_wrong_with_a_moment(text, code):
    assert read([text], "moment")[1] == {0: code}


def test_layouts():
    assert read(["05.11.2024", "31.02.2024", "2024-11-05"], "date", layout="%d.%m.%Y") == (
        [date(2024, 11, 5), None, None],
        {1: "date_impossible", 2: "not_date"},
    )
    assert read(["930105"], "date", layout="%y%m%d")[0] == [date(1993, 1, 5)]
    values, _ = read(["05/11/2024 09:30"], "moment", layout="%d/%m/%Y %H:%M", zone="Asia/Macau")
    assert values == [datetime(2024, 11, 5, 1, 30, tzinfo=UTC)]


def test_booleans():
    texts = ["true", "FALSE", "是", "0", " Yes ", "yEs", "maybe", ""]
    assert read(texts, "boolean") == ([True, False, True, False, True, True, None, None], {6: "not_boolean"})


def test_missing_marks_come_before_parsing():
    assert read(["999", "998", "", "unknown"], "integer", missing=["999", "unknown"]) == (
        [None, 998, None, None],
        {},
    )
    assert read(["x", "unknown", "N/A"], "text", missing=["unknown", "N/A"])[0] == ["x", None, None]
    assert read([None, "-"], "integer", missing=["-"], required=True)[1] == {0: "required", 1: "required"}


def test_numbers_of_another_country():
    german = SourceFormat(delimiter=";", decimal=",", thousands=".")
    texts = ["1.234,5", "1234,5", "12.34", "1.234.567", " 7 "]
    assert read(texts, "number", format=german) == (
        [1234.5, 1234.5, None, 1234567.0, 7.0],
        {2: "decimal_sign"},
    )
    assert read(["1.234", "12"], "integer", format=german) == ([1234, 12], {})
    swiss = SourceFormat(thousands="'")
    assert read(["1'234.50", "12'34"], "decimal", format=swiss)[0] == [Decimal("1234.50"), None]


@pytest.mark.parametrize(
    ("said", "texts", "codes"),
    [
        ({"kind": "integer", "min": 3, "max": 5}, ["2", "3", "5", "6"], {0: "below_min", 3: "above_max"}),
        ({"kind": "date", "max": date(2020, 1, 1)}, ["2020-01-01", "2020-01-02"], {1: "above_max"}),
        ({"kind": "decimal", "min": "0.10"}, ["0.10", "0.09"], {1: "below_min"}),
        ({"kind": "text", "allowed": ["a", "b"]}, ["a", "c", "a "], {1: "not_allowed", 2: "not_allowed"}),
        ({"kind": "integer", "allowed": [1, 2]}, ["1", "3"], {1: "not_allowed"}),
        ({"kind": "text", "pattern": "[a-z]+"}, ["abc", "ab1", "1ab"], {1: "pattern", 2: "pattern"}),
        ({"kind": "text"}, ["a\0b"], {0: "nul"}),
    ],
)
def test_promises(said, texts, codes):
    assert read(texts, **said)[1] == codes


def test_parquet_types_are_kept_when_nothing_is_lost():
    column = {
        "i": ContractColumn(type="integer", meaning=WORDS),
        "t": ContractColumn(type="text", meaning=WORDS),
        "m": ContractColumn(type="moment", meaning=WORDS),
        "d": ContractColumn(type="decimal", decimal=(10, 2), meaning=WORDS),
        "n": ContractColumn(type="integer", meaning=WORDS),
    }
    contract = Contract(contract="t", meaning=WORDS, file="t.parquet", columns=column)
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    frame = pl.DataFrame(
        {
            "i": pl.Series([1, 2], dtype=pl.Int16),
            "t": pl.Series([7, 8], dtype=pl.Int64),
            "m": [moment, None],
            "d": pl.Series([Decimal("1.5"), Decimal("2.25")], dtype=pl.Decimal(10, 2)),
            "n": [1.0, 1.5],
        }
    )
    typed, faults = ContractChecks(contract).check(frame, np.array([1, 2]))
    assert typed.rows() == [(1, "7", moment, Decimal("1.50"), 1), (2, "8", None, Decimal("2.25"), None)]
    assert faults.by_record()["code"].to_list() == ["integer_fraction"]
