"""The log of models 模型日志: every step of every version, and how champions were found to be, as events.

Who is champion is read from here and nowhere else, so that it can be told who said so, when and why,
and so that the same log gives the same champions.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import polars as pl
import sqlalchemy as sa

from vostro.engine import append_events, read_events
from vostro.insight.promotion import Standing, Step, StepKind, standing
from vostro.insight.watch import ModelWatch
from vostro.words import canonical_json, digest, iso

__all__ = ["KIND", "WATCHED", "lock_estimator", "read_standing", "read_watches", "say_step", "say_watch"]

KIND: dict[StepKind, str] = {
    "trained": "vostro.model.trained",
    "proposed": "vostro.model.proposed",
    "approved": "vostro.model.approved",
    "rejected": "vostro.model.rejected",
    "rolled_back": "vostro.model.rolled_back",
}
WATCHED = "vostro.model.watched"
_NOBODY = ""  # a step is about an estimator, not about a customer
_MOMENT = pl.Datetime("us", "UTC")


def lock_estimator(connection: sa.Connection, estimator: str) -> None:
    """Let nobody else take a step of the estimator until this transaction ends."""
    query = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
    connection.execute(query, {"name": f"vostro.model:{estimator}"})


def read_standing(connection: sa.Connection, estimator: str) -> Standing:
    """Return where an estimator stands."""
    return standing(estimator, _steps(connection, estimator))


def say_step(connection: sa.Connection, step: Step, moment: datetime) -> Standing:
    """Write a step into the log, and return where the estimator stands after it.

    Args:
        connection: in a transaction that holds the lock of the estimator.
        step: what was done.
        moment: when, with a zone.
    """
    number = len(_steps(connection, step.estimator))
    said = msgspec.structs.replace(step, moment=iso(moment))
    kind = KIND[step.step]
    key = f"{kind}:{step.estimator}:{step.version}:{number}"
    _append(connection, kind, key, canonical_json(said), moment)
    return read_standing(connection, step.estimator)


def say_watch(connection: sa.Connection, watch: ModelWatch, moment: datetime) -> None:
    """Write into the log how a champion was found to be; the same finding twice is one event."""
    body = canonical_json(watch)
    key = f"{WATCHED}:{watch.estimator}:{digest(body)}"
    _append(connection, WATCHED, key, body, moment)


def read_watches(connection: sa.Connection, estimator: str) -> list[ModelWatch]:
    """Return how the champions of an estimator were found to be, in the order of the log."""
    bodies: Sequence[str] = read_events(connection, kind=WATCHED)["body"].to_list()
    found = [msgspec.json.decode(body, type=ModelWatch) for body in bodies]
    return [each for each in found if each.estimator == estimator]


def _steps(connection: sa.Connection, estimator: str) -> list[Step]:
    events = pl.concat([read_events(connection, kind=kind) for kind in KIND.values()]).sort("sequence")
    found = [msgspec.json.decode(body, type=Step) for body in events["body"].to_list()]
    return [each for each in found if each.estimator == estimator]


def _append(connection: sa.Connection, kind: str, key: str, body: bytes, moment: datetime) -> None:
    when = moment.astimezone(UTC)
    row = {
        "customer": _NOBODY,
        "kind": kind,
        "event_time": when,
        "load_time": when,
        "idempotency_key": key,
        "body": body.decode(),
    }
    frame = pl.DataFrame([row], schema_overrides={"event_time": _MOMENT, "load_time": _MOMENT})
    append_events(connection, frame.with_columns(origin=pl.lit("vostro")))
