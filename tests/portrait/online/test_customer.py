"""One customer at any moment has the tags that the batch build gives everyone as of that moment."""

import random
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
import yaml

from vostro.capture import drain, load, read_contracts
from vostro.engine import append_events
from vostro.portrait import build_portraits, read_tags
from vostro.portrait.catalogue.manual import ManualTags
from vostro.portrait.online import (
    PastReader,
    PortraitReader,
    Worker,
    customer_as_of,
    refresh_copies,
    refresh_online,
    seed,
)

from .benches import fresh_lake

NAME = {"en": "a", "zh": "甲"}
START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=60)
PEOPLE = [f"c{i:02d}" for i in range(12)]
CONTRACTS = """
- contract: card
  meaning: &a {en: a, zh: 甲}
  file: card*.csv
  customer: who
  event_time: {column: at}
  event: card_payment
  key: [id]
  columns:
    id: {type: text, meaning: *a}
    who: {type: text, meaning: *a}
    at: {type: moment, zone: UTC, meaning: *a}
    amount: {type: decimal, decimal: [12, 2], meaning: *a}
    city: {type: text, meaning: *a}
    rate: {type: number, meaning: *a}
- contract: visit
  meaning: *a
  file: visit*.csv
  customer: who
  event_time: {column: day, zone: Asia/Shanghai}
  columns:
    who: {type: text, meaning: *a}
    day: {type: date, meaning: *a}
    page: {type: text, meaning: *a}
- contract: client
  meaning: *a
  file: client*.csv
  customer: who
  key: [who]
  columns:
    who: {type: text, meaning: *a}
    born: {type: date, meaning: *a}
    income: {type: decimal, decimal: [12, 2], meaning: *a}
    note: {type: text, meaning: *a}
"""


def tag(code, **how):
    return {"tag": code, "name": NAME, "dimension": "behaviour", **how}


def aggregate(of, measure, **more):
    return {"aggregate": {"of": of, "measure": measure, **more}}


TAGS = [
    tag("payments", **aggregate("card_payment", "count", window="30 days")),
    tag("dining", **aggregate("card", "sum(amount)", where="city = 'Zürich'", window="7 days")),
    tag(
        "share",
        **aggregate("card", "sum(amount)", where="city = 'Zürich'", ratio_to={"measure": "sum(amount)"}),
    ),
    tag("trend", **aggregate("card", "count", window="10 days", trend=True)),
    tag("rate", **aggregate("card", "mean(rate)")),
    tag("cities", **aggregate("card", "top(city, 2)", window="40 days")),
    tag("pages", **aggregate("visit", "distinct(page)", window="20 days")),
    tag("last_visit", **aggregate("visit", "max(day)")),
    tag("last_city", attribute="card.city"),
    tag("born", attribute="client.born"),
    tag("income", attribute="client.income", expires="15 days"),
    tag("seen", attribute="visit.page"),
    tag("vip", manual="boolean"),
    tag("level", tiers={"high": "income > 500 AND payments > 2", "low": "otherwise"}),
    tag("wanted", rule="(level = 'high' OR vip) AND last_city <> 'Basel'"),
]


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bank")
    for name in ("contracts", "tags"):
        (folder / name).mkdir()
    (folder / "bank.yaml").write_text("bank: test\nsettings: {}\n")
    (folder / "contracts/all.yaml").write_text(CONTRACTS)
    (folder / "tags/all.yaml").write_text(yaml.safe_dump(TAGS, sort_keys=False, allow_unicode=True))
    return folder


def cards(chance, ids, before):
    lines = ["id,who,at,amount,city,rate"]
    for code in ids:
        at = before - timedelta(seconds=chance.randint(-86_400, 40 * 86_400))  # some are dated after the load
        city, rate = chance.choice(["Zürich", "Basel", ""]), chance.choice(["", "0.25", "1.1", "-3"])
        amount = f"{chance.randint(0, 300)}.{chance.randint(0, 99):02d}"
        lines.append(f"e{code},{PEOPLE[code % 11]},{at.isoformat()},{amount},{city},{rate}")
    return lines


def visits(chance, count, before):
    days = [(before - timedelta(days=chance.randint(0, 40))).date() for _ in range(count)]
    return ["who,day,page", *(f"{chance.choice(PEOPLE)},{day},p{chance.randint(1, 4)}" for day in days)]


def clients(chance):
    rows = [
        f"{who},19{chance.randint(50, 99)}-05-0{chance.randint(1, 9)},{chance.randint(0, 900)}.50,"
        for who in PEOPLE
    ]
    return ["who,born,income,note", *rows]


@pytest.fixture(params=range(2))
def history(request, bank, server_url, tmp_path):
    """A bank whose files came over two months, with corrections, late rows and events that arrived alone."""
    chance = random.Random(request.param)
    contracts = read_contracts(bank)
    tags = read_tags(bank, contracts)
    with fresh_lake(server_url, tmp_path) as lake:

        def take(name, day, lines):
            path = tmp_path / f"{name}{day}.csv"
            path.write_text("\n".join(lines) + "\n")
            load(contracts[name], path, store=lake.store, lake=lake, load_time=START + timedelta(days=day))

        for day in (10, 30, 50):
            moment = START + timedelta(days=day)
            take("card", day, cards(chance, chance.sample(range(90), 40), moment))
            take("visit", day, visits(chance, 30, moment))
            take("client", day, clients(chance))
            arrive(lake, chance, moment + timedelta(days=5))
            if chance.random() < 0.5:
                refresh_copies(lake, contracts)
        when = START + timedelta(days=20)
        manual = ManualTags(lake, tags, contracts)
        manual.set("vip", "c01", "true", by="ann", reason="x", moment=when)
        manual.set("vip", "c02", "true", by="ann", reason="x", moment=when, until=when + timedelta(days=15))
        manual.clear("vip", "c01", by="ann", reason="x", moment=START + timedelta(days=57))
        yield lake, tags, contracts


def arrive(lake, chance, moment):
    """Let some events of the log come alone: new ones, corrections, deletions."""
    rows = []
    for number in range(6):
        code = chance.randint(0, 120)
        with lake.store.begin() as connection:
            from sqlalchemy import text

            known = connection.scalar(
                text("SELECT count(*) FROM event WHERE event_id = :id"), {"id": f"e{code}"}
            )
            load_id = connection.scalar(text("SELECT nextval(pg_get_serial_sequence('load', 'id'))"))
        operation = chance.choice(["correct", "delete"]) if known else "new"
        rows = [{
            "customer": PEOPLE[code % 11], "kind": "card_payment",
            "event_time": moment - timedelta(hours=chance.randint(0, 300)), "load_time": moment,
            "idempotency_key": f"card:e{code}" + (f"#{load_id}" if known else ""),
            "body": f'{{"id": "e{code}", "amount": "{number}.25", "city": "Basel", "rate": 0.5}}',
            "event_id": f"e{code}", "operation": operation, "load_id": load_id, "origin": "api",
        }]  # fmt: skip
        times = {name: pl.Datetime("us", "UTC") for name in ("event_time", "load_time")}
        with lake.store.begin() as connection:
            append_events(connection, pl.DataFrame(rows, schema_overrides=times), queue=True)


def batch(lake, tags, contracts, as_of):
    drain(lake.store, lake, contracts["card"])
    rows = build_portraits(tags, contracts, lake, as_of=as_of)
    return {row.pop("customer"): row for row in rows.iter_rows(named=True)}


def compare(wanted, got):
    differences = [
        (customer, code, got[customer].tags[code], value)
        for customer, tags in wanted.items()
        for code, value in tags.items()
        if got[customer].tags[code] != value
    ]
    assert differences == []


def test_past_moments_are_those_of_the_batch_build(history):
    lake, tags, contracts = history
    past = PastReader(lake, tags, contracts)
    moments = [
        START + timedelta(days=day, microseconds=us) for day in (12, 30, 35, 50, 60, 75) for us in (0, 1)
    ]
    found = {as_of: {who: past.read(who, as_of) for who in PEOPLE} for as_of in moments}
    for as_of in moments:
        compare(batch(lake, tags, contracts, as_of), found[as_of])
    refresh_copies(lake, contracts)
    for as_of in moments[::3]:
        compare(batch(lake, tags, contracts, as_of), {who: past.read(who, as_of) for who in PEOPLE})


def test_live_portraits_are_those_of_the_batch_build(history):
    lake, tags, contracts = history
    clock = {"now": START + timedelta(days=40)}
    worker = Worker(lake.store, lake, tags, contracts, batch=7, clock=lambda: clock["now"])
    seed(lake, tags, contracts, now=START + timedelta(days=55))
    arrive(lake, random.Random(7), START + timedelta(days=58))
    reader = PortraitReader(lake, tags, contracts)
    clock["now"] = NOW
    pending = reader.read_many(PEOPLE, as_of=NOW)
    worker.drain()
    applied = reader.read_many(PEOPLE, as_of=NOW)
    wanted = batch(lake, tags, contracts, NOW)
    compare(wanted, pending)
    compare(wanted, applied)


def test_a_refresh_builds_records_only_where_they_are_used(history):
    lake, tags, contracts = history
    assert refresh_online(lake, tags, contracts, now=NOW) == 0
    assert refresh_online(lake, tags, contracts, now=NOW, always=True) == len(PEOPLE)
    assert refresh_online(lake, tags, contracts, now=NOW) == len(PEOPLE)


def test_the_timeline_shows_what_counted(history):
    lake, tags, contracts = history
    past = PastReader(lake, tags, contracts)
    as_of = START + timedelta(days=45)
    events = past.events("c03", as_of)
    assert events == sorted(events, key=lambda each: (each.event_time, each.kind), reverse=True)
    assert {each.kind for each in events} <= {"card_payment", "visit"}
    assert all(each.event_time < as_of and each.load_time <= as_of for each in events)
    within = [
        each
        for each in events
        if each.kind == "card_payment" and each.event_time >= as_of - timedelta(days=30)
    ]
    assert len(within) == past.read("c03", as_of).tags["payments"]
    assert len(past.events("c03", as_of, limit=2)) == min(2, len(events))


def test_nobody_is_none(history):
    lake, tags, contracts = history
    assert customer_as_of(lake, tags, contracts, "nobody", NOW) is None
    assert customer_as_of(lake, tags, contracts, "c03", START - timedelta(days=1)) is None
    assert customer_as_of(lake, tags, contracts, "c03", NOW).tags["born"] is not None
