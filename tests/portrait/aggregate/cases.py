"""Random definitions, histories and moments for the agreement of oracle, DuckDB, Spark and the online portrait."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import msgspec
import polars as pl
from hypothesis import strategies as st

from vostro.capture import Contract, ContractColumn, EventTime
from vostro.engine import Located
from vostro.portrait.aggregate.definition import Aggregate, Clock
from vostro.portrait.aggregate.reading import AggregateDefinition, AggregateReader, result_info
from vostro.portrait.types import TagInfo
from vostro.words import Text

NAME = Text(en="a", zh="甲")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
START = datetime(2024, 2, 27, 22, 30, tzinfo=UTC)
MOMENT = pl.Datetime("us", "UTC")
MINUTE = 60_000_000
COLUMNS = {
    "customer_id": ContractColumn(type="integer", meaning=NAME),
    "paid": ContractColumn(type="moment", meaning=NAME),
    "amount": ContractColumn(type="decimal", decimal=(12, 2), meaning=NAME),
    "wide": ContractColumn(type="decimal", decimal=(38, 3), meaning=NAME),
    "points": ContractColumn(type="integer", meaning=NAME),
    "rate": ContractColumn(type="number", meaning=NAME),
    "city": ContractColumn(type="text", meaning=NAME),
    "online": ContractColumn(type="boolean", meaning=NAME),
    "due": ContractColumn(type="date", meaning=NAME),
    "seen": ContractColumn(type="moment", meaning=NAME),
}
CONTRACT = Contract(
    contract="payment",
    meaning=NAME,
    file="p.csv",
    columns=COLUMNS,
    customer="customer_id",
    event_time=EventTime(column="paid"),
    event="paid",
)
TYPES = {
    "decimal": lambda column: pl.Decimal(*column.decimal),
    "integer": lambda _: pl.Int64(),
    "number": lambda _: pl.Float64(),
    "text": lambda _: pl.String(),
    "boolean": lambda _: pl.Boolean(),
    "date": lambda _: pl.Date(),
    "moment": lambda _: MOMENT,
}
SCHEMA = pl.Schema(
    {name: TYPES[column.type](column) for name, column in COLUMNS.items()}
    | {"customer": pl.String(), "event_time": MOMENT, "load_time": MOMENT, "event_id": pl.String()}
    | {"_load": pl.Int64(), "_line": pl.Int64(), "_deleted": pl.Boolean()}
)
FILTERS = {
    "city = 'Zürich'": lambda row: row["city"] == "Zürich",
    "amount > 0 AND points < 40": lambda row: None not in (row["amount"], row["points"])
    and row["amount"] > 0
    and row["points"] < 40,
    "online OR rate >= 0.5": lambda row: row["online"] or (row["rate"] is not None and row["rate"] >= 0.5),
    "NOT online": lambda row: row["online"] is False,
    "city IN ('大阪', 'a') AND wide IS NOT NULL": lambda row: row["city"] in ("大阪", "a") and row["wide"] is not None,
    "due >= '2024-03-01'": lambda row: row["due"] is not None and row["due"] >= date(2024, 3, 1),
    "seen < '2024-03-01T00:00Z'": lambda row: row["seen"] is not None
    and row["seen"] < datetime(2024, 3, 1, tzinfo=UTC),
}
NUMBERS = ("amount", "wide", "points", "rate")
DIVISIBLE = (
    ["count", "days_since_first", "days_since_last"]
    + [f"{name}({column})" for name in ("sum", "mean", "min", "max", "first", "last") for column in NUMBERS]
    + [f"distinct({column})" for column in (*NUMBERS, "city", "due", "online")]
)
MEASURES = (
    DIVISIBLE
    + [f"{name}({column})" for name in ("min", "max") for column in ("city", "due", "seen")]
    + [f"{name}({column})" for name in ("first", "last") for column in ("city", "due", "seen", "online")]
    + [f"top({column}{k})" for column in ("city", "points", "online", "due") for k in ("", ", 2", ", 5")]
)
WINDOWS = (None, "5 minutes", "7 minutes", "1 hour", "36 hours", "2 days", "50 hours", "7 days", "2 weeks", "40 days")
CLOCKS = (Clock(0), Clock(8 * 60 * MINUTE), Clock(-(4 * 60 + 30) * MINUTE))


@dataclass(frozen=True)
class Case:
    """One history, its definitions, and moments to ask at."""

    versions: tuple
    definitions: tuple
    moments: tuple  # microseconds
    clock: Clock

    @property
    def frame(self):
        return frame_of(self.versions)


def frame_of(versions):
    rows = [row | {name: EPOCH + row[name] * timedelta(microseconds=1) for name in TIMES} for row in versions]
    return pl.DataFrame([{name: row[name] for name in SCHEMA} for row in rows], schema=SCHEMA)


TIMES = ("event_time", "load_time", "paid")


def parse(definition, clock=Clock(0)) -> tuple[Aggregate, TagInfo]:
    """Read a definition as ``tags/*.yaml`` would be."""
    written = msgspec.convert({"of": "paid", **plain(definition)}, AggregateDefinition)
    at = Located(SimpleNamespace(aggregate=written), "tags/a.yaml", {})
    aggregate = AggregateReader(at, {"payment": CONTRACT}, clock).read()
    return aggregate, result_info(aggregate, CONTRACT, NAME)


def plain(definition):
    return {key: plain(value) if isinstance(value, dict) else value for key, value in definition.items()}


def for_oracle(definition):
    """Replace filters' texts by the functions that mean the same."""
    found = {key: for_oracle(value) if isinstance(value, dict) else value for key, value in definition.items()}
    return found | ({"where": FILTERS[found["where"]]} if "where" in found else {})


def maybe(values):
    return st.none() | values


@st.composite
def definitions(draw):
    shape = draw(st.sampled_from(["plain", "plain", "plain", "ratio", "trend"]))
    found = {"measure": draw(st.sampled_from(MEASURES if shape == "plain" else DIVISIBLE))}
    timed = WINDOWS[1:] if shape == "trend" else WINDOWS
    found |= optional(draw, "window", timed if shape == "trend" else WINDOWS[1:], always=shape == "trend")
    found |= optional(draw, "where", sorted(FILTERS))
    if shape == "trend":
        found["trend"] = True
    if shape == "ratio":
        base = optional(draw, "measure", DIVISIBLE) | optional(draw, "where", sorted(FILTERS))
        found["ratio_to"] = base | optional(draw, "window", WINDOWS[1:])
        if "where" not in found["ratio_to"]:  # else it may be the ratio of a measure to itself
            found["where"] = draw(st.sampled_from(sorted(FILTERS)))
    return found


def optional(draw, name, values, *, always=False):
    return {name: draw(st.sampled_from(list(values)))} if always or draw(st.booleans()) else {}


@st.composite
def bodies(draw):
    cents = draw(maybe(st.integers(-2_000, 2_000)))
    thousandths = draw(maybe(st.integers(-(10**7), 10**7)))
    return {
        "amount": None if cents is None else Decimal(cents).scaleb(-2),
        "wide": None if thousandths is None else Decimal(thousandths).scaleb(-3),
        "points": draw(maybe(st.integers(-50, 50))),
        "rate": draw(maybe(st.sampled_from([0.1, 0.2, -0.3, 0.5, 1e-7, -0.0000005, 2.5, 1e13, float("nan"), -0.0]))),
        "city": draw(maybe(st.sampled_from(["Zürich", "大阪", "a", "B", "", "é", "é", "😀", "a, b"]))),
        "online": draw(maybe(st.booleans())),
        "due": draw(maybe(st.sampled_from([date(2024, 2, 29), date(2024, 3, 1), date(1969, 12, 31)]))),
        "seen": draw(maybe(st.sampled_from([START, START + timedelta(days=2, microseconds=1)]))),
    }


@st.composite
def histories(draw):
    """Late, out of order, doubled, corrected and deleted events; ties of time; several customers."""
    start = (START - EPOCH) // timedelta(microseconds=1)
    gaps = [0, 1, MINUTE, 5 * MINUTE, 7 * MINUTE, 60 * MINUTE, 1440 * MINUTE, 2 * 1440 * MINUTE]
    versions = []
    load, late = start, 1
    for number in range(draw(st.integers(0, 14))):
        load += draw(st.sampled_from(gaps))
        late += draw(st.integers(0, 1))
        when = draw(st.sampled_from([0, 0, 1, 300 * MINUTE, 3 * 1440 * MINUTE, 20 * 1440 * MINUTE, -60 * MINUTE]))
        customer = draw(st.integers(1, 3))
        row = {
            "event_id": f"e{draw(st.integers(0, 9))}",
            "customer_id": customer,
            "customer": str(customer),
            "event_time": load - when,
            "paid": load - when,
            "load_time": load,
            "_load": late,
            "_line": number,
            "_deleted": draw(st.integers(0, 6)) == 0,
        }
        versions.append(row | draw(bodies()))
    return tuple(versions)


@st.composite
def cases(draw, tags=8, moments=3):
    versions = draw(histories())
    known = [row[name] for row in versions for name in ("event_time", "load_time")]
    known = known or [(START - EPOCH) // timedelta(microseconds=1)]
    asked = st.builds(
        lambda base, gap: base + gap,
        st.sampled_from(known),
        st.sampled_from([0, 1, -1, 5 * MINUTE, 1440 * MINUTE, 7 * 1440 * MINUTE + 1, 30 * 1440 * MINUTE]),
    )
    return Case(
        versions,
        tuple(draw(st.lists(definitions(), min_size=1, max_size=tags))),
        tuple(draw(st.lists(asked, min_size=1, max_size=moments, unique=True))),
        draw(st.sampled_from(CLOCKS)),
    )
