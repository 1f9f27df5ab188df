"""A bank whose people have several identifiers: what happened, under which identifier, and who was who when."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import msgspec
import polars as pl
import yaml
from hypothesis import strategies as st

from vostro.capture import drain, read_contracts
from vostro.engine import append_events
from vostro.portrait import read_tags
from vostro.portrait.identity.book import LINKED, append, body_of, write_people

from .online.test_customer import CONTRACTS, START, TAGS, tag

IDS = ("a", "b", "c", "d")
MOMENT = pl.Datetime("us", "UTC")
DAY = timedelta(days=1)
MORE = [
    tag("ids", aggregate={"of": "card", "measure": "distinct(who)"}),
    tag("note", attribute="client.note"),
    tag("home", household={"by": "note"}),
]


@dataclass(frozen=True)
class Row:
    """Something that became known of an identifier: a payment, a visit, a client's record, a manual tag."""

    what: str  # card, visit, client or vip
    number: int
    who: str
    at: datetime
    known: datetime
    value: int


@dataclass(frozen=True)
class Move:
    """From a moment on it is known that an identifier is another's, or its own again."""

    who: str
    person: str
    known: datetime


@cache
def definitions(folder):
    for name in ("contracts", "tags"):
        (folder / name).mkdir(parents=True)
    (folder / "bank.yaml").write_text("bank: test\nsettings: {}\n")
    (folder / "contracts/all.yaml").write_text(CONTRACTS)
    (folder / "tags/all.yaml").write_text(yaml.safe_dump(TAGS + MORE, sort_keys=False, allow_unicode=True))
    contracts = read_contracts(folder)
    return read_tags(folder, contracts), contracts


@st.composite
def histories(draw, rows=14, moves=6):
    """Rows and moves in the order in which they became known, each at a moment of its own."""
    kinds = st.sampled_from(["card", "card", "card", "visit", "client", "vip", "move", "move"])
    found = [Row(what, 900 + i, "a", START, START, i) for i, what in enumerate(("card", "visit", "client"))]
    who_is, now = {}, START
    for number in range(draw(st.integers(1, rows))):
        now += timedelta(days=draw(st.integers(0, 6)), minutes=draw(st.integers(1, 60)))
        what, who = draw(kinds), draw(st.sampled_from(IDS))
        if what == "move":
            # who has joined another leaves it again; who is on his own joins somebody who is
            person = who if who_is.get(who, who) != who else draw(st.sampled_from(IDS))
            if person != who and (who_is.get(person, person) != person or who in who_is.values()):
                continue
            who_is = {each: of for each, of in who_is.items() if each != who}
            who_is |= {who: person} if person != who else {}
            found.append(Move(who, person, now))
            continue
        back = timedelta(0) if what == "vip" else timedelta(hours=draw(st.integers(0, 400)))
        found.append(Row(what, number, who, now - back, now, draw(st.integers(0, 40))))
    return found


def people_of(history, as_of):
    """Return who was known as whom at a moment; the oracle of all tests here."""
    found = dict.fromkeys(IDS)
    for move in history:
        if isinstance(move, Move) and move.known <= as_of:
            found[move.who] = move.person
    return {who: person or who for who, person in found.items()}


def renamed(history, people):
    """Return the same history as if every identifier had always been its person's."""
    return [replace(each, who=people[each.who]) for each in history if isinstance(each, Row)]


def happen(lake, contracts, step):
    """Let one thing become known."""
    if isinstance(step, Move):
        move(lake, step)
    elif step.what == "card":
        pay(lake, step)
    elif step.what == "vip":
        say(lake, step)
    else:
        record(lake, contracts[step.what], step)


def move(lake, step):
    with lake.store.begin() as connection:
        since = IDS.index(step.who) + 1 if step.who in IDS else 0
        row = {"customer": step.who, "person": step.person, "since": since, "via": None}
        write_people(connection, pl.DataFrame([row], schema_overrides={"via": pl.String}))
        body = body_of(before="-", to=step.person)
        append(connection, LINKED, pl.Series([step.who]), pl.Series([body]), step.known)


def pay(lake, row):
    city = ("Zürich", "Basel", None)[row.value % 3]
    body = {"id": f"e{row.number}", "amount": f"{row.value}.25", "city": city, "rate": row.value / 8}
    event = {
        "customer": row.who, "kind": "card_payment", "event_time": row.at, "load_time": row.known,
        "idempotency_key": f"card:e{row.number}", "body": msgspec.json.encode(body).decode(),
        "event_id": f"e{row.number}", "operation": "new", "load_id": 1_000 + row.number, "origin": "api",
    }  # fmt: skip
    log(lake, event)


def say(lake, row):
    """Set the manual tag, or clear it."""
    kind = "vostro.tag.set" if row.value % 3 else "vostro.tag.cleared"
    value = None if kind.endswith("cleared") else str(row.value % 2 == 0).lower()
    body = {"tag": "vip", "value": value, "by": "ann", "reason": "r", "until": None}
    event = {
        "customer": row.who, "kind": kind, "event_time": row.at, "load_time": row.known,
        "idempotency_key": f"vip:{row.number}", "body": msgspec.json.encode(body).decode(),
    }  # fmt: skip
    log(lake, event)


def log(lake, event):
    times = dict.fromkeys(("event_time", "load_time"), MOMENT)
    with lake.store.begin() as connection:
        append_events(connection, pl.DataFrame([event], schema_overrides=times), queue=True)


def record(lake, contract, row):
    """Put one row into the lake, as a load of its own."""
    known = {"load_time": row.known, "_load": 1_000 + row.number, "_line": 2}
    if contract.contract == "visit":
        day = row.at.date()
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)
        found = {"who": row.who, "day": day, "page": f"p{row.value % 5}", "event_time": midnight}
    else:
        found = {"who": row.who, "born": date(1980, 1, 1) + row.value * DAY, "note": f"n{row.value % 2}"}
        found["income"] = row.value * 40
    frame = pl.DataFrame([found | known]).with_columns(
        pl.col("^(event|load)_time$").cast(MOMENT), pl.col("^income$").cast(pl.Decimal(12, 2))
    )
    with lake.stage(contract.contract, f"load-{row.number}") as stage, lake.store.begin() as connection:
        stage.write(frame)
        lake.publish(connection, stage)


def settle(lake, contracts):
    """Copy what arrived alone into the lake, as a build does first."""
    drain(lake.store, lake, contracts["card"])
