"""docs/tags.md: the values of its examples are those of the real reader and the real engine."""

import io
from decimal import Decimal
from types import SimpleNamespace

import ibis
import msgspec
import pages
import polars as pl
import pytest
import yaml

from vostro.capture import Contract, ContractColumn, EventTime, HistoryRelation
from vostro.engine import Located
from vostro.portrait.aggregate import Clock
from vostro.portrait.aggregate.batch import aggregate_customers, moment_us
from vostro.portrait.aggregate.definition import MEASURES
from vostro.portrait.aggregate.reading import AggregateDefinition, AggregateReader, result_info
from vostro.words import Text, parse_moment

PAGE = pages.read("tags.md")
NAME = Text(en="a", zh="甲")
EXAMPLES = [
    row for row in pages.rows(pages.section(PAGE, "Aggregates by example")) if row[0].startswith("`{of")
]
AS_OF = moment_us(parse_moment("2026-03-10T09:30+08:00"))
TYPES = {"payment": "text", "client": "text", "paid": "moment", "amount": "decimal", "place": "text"}


@pytest.fixture(scope="module")
def ann():
    """The value of each example by its definition."""
    block = PAGE.split("```csv payments\n")[1].split("```")[0]
    rows = pl.read_csv(io.StringIO(block), schema=dict.fromkeys(TYPES, pl.String))
    paid = (
        pl.col("paid").str.to_datetime("%Y-%m-%d %H:%M", time_unit="us").dt.replace_time_zone("Asia/Shanghai")
    )
    rows = rows.with_columns(paid.dt.convert_time_zone("UTC"), pl.col("amount").cast(pl.Decimal(12, 2)))
    rows = rows.with_columns(customer="client", event_time="paid", load_time="paid")
    columns = {name: ContractColumn(type=kind, decimal=(12, 2), meaning=NAME) for name, kind in TYPES.items()}
    contract = Contract(
        contract="card_payment",
        meaning=NAME,
        file="f",
        columns=columns,
        customer="client",
        event_time=EventTime(column="paid", zone="Asia/Shanghai"),
    )
    tags = {}
    for text, *_ in EXAMPLES:
        written = msgspec.convert(yaml.safe_load(text.strip("`")), AggregateDefinition)
        at = Located(SimpleNamespace(aggregate=written), "tags.md", {})
        aggregate = AggregateReader(at, {"card_payment": contract}, Clock.of("Asia/Shanghai")).read()
        tags[text] = (aggregate, result_info(aggregate, contract, NAME))
    history = HistoryRelation(table=ibis.memtable(rows), unique=True)
    return aggregate_customers(tags, contract, history, AS_OF).row(0, named=True)


@pytest.mark.parametrize("example", EXAMPLES, ids=[row[0] for row in EXAMPLES])
def test_the_value_of_an_example(ann, example):
    value = ann[example[0]]
    told = example[1].strip("`")
    if told == "unknown":
        assert value is None
    elif isinstance(value, Decimal):
        assert value == Decimal(told)
    else:
        assert str(value) == told


def test_every_measure_has_an_example_and_a_row():
    shown = {yaml.safe_load(row[0].strip("`"))["measure"].split("(")[0] for row in EXAMPLES}
    assert shown == set(MEASURES)
    table = " ".join(row[0] for row in pages.rows(pages.section(PAGE, "Measures")))
    assert all(f"`{name}" in table for name in MEASURES)
