"""Random definitions, histories and moments for the agreement of oracle, DuckDB, Spark and the online portrait."""

import math
import random
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
    "amount > 0 AND points < 40": lambda row: (
        None not in (row["amount"], row["points"]) and row["amount"] > 0 and row["points"] < 40
    ),
    "online OR rate >= 0.5": lambda row: row["online"] or 0.5 <= (row["rate"] or 0) < math.inf,
    "NOT online": lambda row: row["online"] is False,
    "city IN ('大阪', 'a') AND wide IS NOT NULL": lambda row: (
        row["city"] in ("大阪", "a") and row["wide"] is not None
    ),
    "due >= '2024-03-01'": lambda row: row["due"] is not None and row["due"] >= date(2024, 3, 1),
    "seen < '2024-03-01T00:00Z'": lambda row: (
        row["seen"] is not None and row["seen"] < datetime(2024, 3, 1, tzinfo=UTC)
    ),
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
WINDOWS = (
    "5 minutes",
    "7 minutes",
    "1 hour",
    "36 hours",
    "2 days",
    "50 hours",
    "7 days",
    "2 weeks",
    "40 days",
)
UTC_CLOCK = Clock(0)
CLOCKS = (UTC_CLOCK, Clock(8 * 60 * MINUTE), Clock(-(4 * 60 + 30) * MINUTE))


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


TIMES = ("event_time", "load_time", "paid")


def frame_of(versions):
    rows = [row | {name: EPOCH + row[name] * timedelta(microseconds=1) for name in TIMES} for row in versions]
    return pl.DataFrame([{name: row[name] for name in SCHEMA} for row in rows], schema=SCHEMA)


def parse(definition, clock=UTC_CLOCK) -> tuple[Aggregate, TagInfo]:
    """Read a definition as ``tags/*.yaml`` would be."""
    written = msgspec.convert({"of": "paid", **plain(definition)}, AggregateDefinition)
    at = Located(SimpleNamespace(aggregate=written), "tags/a.yaml", {})
    aggregate = AggregateReader(at, {"payment": CONTRACT}, clock).read()
    return aggregate, result_info(aggregate, CONTRACT, NAME)


def plain(definition):
    return {key: plain(value) if isinstance(value, dict) else value for key, value in definition.items()}


def for_oracle(definition):
    """Replace filters' texts by the functions that mean the same."""
    found = {
        key: for_oracle(value) if isinstance(value, dict) else value for key, value in definition.items()
    }
    return found | ({"where": FILTERS[found["where"]]} if "where" in found else {})


@st.composite
def cases(draw, tags=8, moments=2):
    """A small case that hypothesis can shrink."""

    def pick(values):
        return draw(st.sampled_from(values))

    versions = history(pick, customers=3, events=pick(range(15)))
    definitions = tuple(definition(pick) for _ in range(pick(range(1, tags + 1))))
    asked = tuple({moment(pick, versions) for _ in range(moments)})
    return Case(versions, definitions, asked, pick(CLOCKS))


def bulk(seed, *, customers, events, tags, moments=1, wide=6):
    """A large case: random as the small ones, and one more customer with thousands of distinct values."""
    chance = random.Random(seed)
    versions = history(chance.choice, customers=customers, events=events)
    definitions = tuple(definition(chance.choice) for _ in range(tags))
    asked = tuple(moment(chance.choice, versions) for _ in range(moments))
    return Case((*versions, *many_values(3_000)), (*definitions, *WIDE[:wide]), asked, chance.choice(CLOCKS))


WIDE = tuple(
    {"measure": f"distinct({column})"} for column in ("city", "points", "amount", "wide", "rate", "due")
)


def many_values(count):
    """Return events of one customer, whose every column has more values than are counted exactly."""
    start = (START - EPOCH) // timedelta(microseconds=1) - 3 * 1440 * MINUTE
    rows = []
    for i in range(count):
        body = {
            "amount": Decimal(i - 70).scaleb(-2),
            "wide": Decimal(37 * i - 9_000).scaleb(-3),
            "points": i * i - 5,
            "rate": i / 7 - 3,
            "city": f"市{i}",
            "online": None,
            "due": date(1965, 1, 1) + timedelta(days=i),
            "seen": None,
        }
        rows.append(version(f"many{i}", 999, start + i, start + i, i, deleted=False) | body)
    return tuple(rows)


def moment(pick, versions):
    """Return a moment at, just after, before or long after something happened or was loaded."""
    known = [row[name] for row in versions[-20:] for name in ("event_time", "load_time")]
    known = known or [(START - EPOCH) // timedelta(microseconds=1)]
    return pick(known) + pick(
        [0, 1, -1, 5 * MINUTE, 1440 * MINUTE, 7 * 1440 * MINUTE + 1, 30 * 1440 * MINUTE]
    )


def definition(pick):
    """Return a random definition as it is written in YAML."""
    shape = pick(["plain", "plain", "plain", "ratio", "trend"])
    found = {"measure": pick(MEASURES if shape == "plain" else DIVISIBLE)}
    found |= optional(pick, "window", WINDOWS, always=shape == "trend") | optional(
        pick, "where", sorted(FILTERS)
    )
    if shape == "trend":
        found["trend"] = True
    if shape == "ratio":
        base = optional(pick, "measure", DIVISIBLE) | optional(pick, "where", sorted(FILTERS))
        found["ratio_to"] = base | optional(pick, "window", WINDOWS)
        if "where" not in base:  # else it may be the ratio of a measure to itself
            found["where"] = pick(sorted(FILTERS))
    return found


def optional(pick, name, values, *, always=False):
    return {name: pick(list(values))} if always or pick([True, False]) else {}


def history(pick, *, customers, events):
    """Late, out of order, doubled, corrected and deleted events; ties of time; several customers."""
    load = (START - EPOCH) // timedelta(microseconds=1)
    gaps = [0, 1, MINUTE, 5 * MINUTE, 7 * MINUTE, 60 * MINUTE, 1440 * MINUTE, 2 * 1440 * MINUTE]
    lates = [0, 0, 1, 300 * MINUTE, 3 * 1440 * MINUTE, 20 * 1440 * MINUTE, -60 * MINUTE]
    versions = []
    number = 1
    for line in range(events):
        if customers <= 3 or line % customers == 0:  # many customers live at the same time
            load += pick(gaps)
            number += pick([0, 1])
        who = pick(range(1, customers + 1))
        event = f"e{pick(range(10 * customers // 3))}"
        row = version(event, who, load - pick(lates), load, line, deleted=not pick(range(7)))
        versions.append(row | {"_load": number} | body(pick))
    return tuple(versions)


def version(event, who, event_time, load_time, line, *, deleted):
    return {
        "event_id": event,
        "customer_id": who,
        "customer": str(who),
        "event_time": event_time,
        "paid": event_time,
        "load_time": load_time,
        "_load": 1,
        "_line": line,
        "_deleted": deleted,
    }


def body(pick):
    """Return the columns of an event: unknown, tied, negative, not finite, unicode, empty."""
    cents, thousandths = pick(range(-2_000, 2_000)), pick(range(-(10**7), 10**7, 7_001))
    values = {
        "amount": Decimal(cents).scaleb(-2),
        "wide": Decimal(thousandths).scaleb(-3),
        "points": pick(range(-50, 50)),
        "rate": pick([0.1, 0.2, -0.3, 0.5, 1e-7, -0.0000005, 2.5, 1e13, float("nan"), float("inf"), -0.0]),
        "city": pick(["Zürich", "大阪", "a", "B", "", "é", "é", "😀", "a, b"]),
        "online": pick([True, False]),
        "due": pick([date(2024, 2, 29), date(2024, 3, 1), date(1969, 12, 31)]),
        "seen": pick([START, START + timedelta(days=2, microseconds=1)]),
    }
    return {name: value if pick([True, True, False]) else None for name, value in values.items()}
