"""What the tests of online portraits share: tags of random definitions, the log filled from random histories."""

from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count

import msgspec
import polars as pl

from vostro.engine import Lake, Settings, Store, append_events
from vostro.portrait import Tag

from ..aggregate.cases import COLUMNS, CONTRACT, EPOCH, NAME, for_oracle, parse
from ..aggregate.oracle import oracle

CUSTOMERS = ("1", "2", "3")
CONTRACTS = {"payment": CONTRACT}
_NUMBERS = count()


def tags_of(definitions, clock):
    """Return a tag for each definition: ``t0``, ``t1``..."""
    found = {}
    for i, definition in enumerate(definitions):
        aggregate, info = parse(definition, clock)
        plain = {name: getattr(info, name) for name in ("type", "values", "digits", "scale")}
        found[f"t{i}"] = Tag(tag=f"t{i}", name=NAME, dimension="behaviour", aggregate=aggregate, **plain)
    return found


def expected(case, as_of, customer):
    asked = [for_oracle(each) for each in case.definitions]
    return [oracle(each, case.versions, customer, as_of, case.clock.offset_us) for each in asked]


def differences(case, as_of, customer, got):
    """Return the definitions whose value is not the oracle's."""
    wanted = expected(case, as_of, customer)
    return [
        f"{definition} of {customer} as of {as_of}: {one!r}, oracle {other!r}"
        for definition, one, other in zip(case.definitions, got, wanted, strict=True)
        if one != other
    ]


def moment(us):
    return datetime.fromtimestamp(us // 10**6, UTC).replace(microsecond=us % 10**6)


def body_of(row):
    """Return what the log keeps of a row: JSON without customer and clock."""
    return msgspec.json.encode(
        {name: row[name] for name in COLUMNS if name not in ("customer_id", "paid")}
    ).decode()


def log_frame(versions):
    """Return versions as rows of the log: the first of an event is new, unless it undoes it."""
    seen, rows = set(), []
    for i, row in enumerate(versions):
        fresh = row["event_id"] not in seen and not row["_deleted"]
        seen |= {row["event_id"]} if fresh else set()
        rows.append({
            "customer": row["customer"],
            "kind": "paid",
            "event_time": moment(row["event_time"]),
            "load_time": moment(row["load_time"]),
            "idempotency_key": f"payment:{row['event_id']}" + ("" if fresh else f"#{i}"),
            "body": body_of(row),
            "event_id": row["event_id"],
            "operation": "delete" if row["_deleted"] else "new" if fresh else "correct",
            "load_id": row["_load"],
            "origin": "api",
        })  # fmt: skip
    times = {name: pl.Datetime("us", "UTC") for name in ("event_time", "load_time")}
    return pl.DataFrame(rows, schema_overrides=times)


def log(store, versions, start=0, stop=None):
    """Append some of a history's versions, as one that arrives from outside."""
    some = versions[start:stop]
    if some:
        with store.begin() as connection:
            append_events(connection, log_frame(versions)[start:stop], queue=True)


@contextmanager
def fresh_lake(server_url, folder):
    """A lake of its own with a store of its own."""
    import psycopg

    name = f"online_{next(_NUMBERS)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE vostro_template STRATEGY file_copy")
    store = Store(server_url.replace("/postgres?", f"/{name}?"))
    lake = Lake(folder / name, store, Settings(memory_limit_mb=512, threads=1))
    try:
        yield lake
    finally:
        lake.close()
        store.close()
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


__all__ = ["CONTRACTS", "CUSTOMERS", "EPOCH", "differences", "fresh_lake", "log", "moment", "tags_of"]
