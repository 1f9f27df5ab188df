"""Kept evidence 证据留存: what was compared, what came of it, and under which parameters?

Records (only a digest of each), pairs and frequencies are tables of the lake, replaced in the
transaction that changes the book of people; the parameters are a row of the store.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import polars as pl
import sqlalchemy as sa

from vostro.engine import Lake, LakeTableMissingError, identity_model
from vostro.portrait.identity.parameters import Model, Parameters
from vostro.portrait.identity.prepared import ROW, fields_of

__all__ = ["Evidence", "place_pairs", "read_evidence", "read_model", "write_evidence", "write_model"]

_ALL = "all"
_RECORDS, _PAIRS, _FREQUENCIES = "identity_record", "identity_pair", "identity_frequency"
_ENDS = ("source_a", "id_a", "source_b", "id_b")
_FREQUENCY = {"field": pl.String, "value": pl.String, "share": pl.Float64}
_RECORD = {"source": pl.String, "id": pl.String, "digest": pl.UInt64, "leader": pl.String}


@dataclass(frozen=True)
class Evidence:
    """What the last run has left."""

    records: pl.DataFrame  # source, id, digest of the cleaned fields, leader: the first record of its group
    pairs: pl.DataFrame  # source_a, id_a, source_b, id_b, probability, weight, key, a level for each field


def read_evidence(lake: Lake) -> Evidence:
    """Return what was kept; empty before the first run."""
    empty = pl.DataFrame(schema=dict.fromkeys(_ENDS, pl.String))
    return Evidence(_table(lake, _RECORDS, pl.DataFrame(schema=_RECORD)), _table(lake, _PAIRS, empty))


def write_evidence(lake: Lake, connection: sa.Connection, evidence: Evidence) -> None:
    """Replace what was kept, visible when the caller's transaction commits."""
    _replace(lake, connection, _RECORDS, evidence.records)
    _replace(lake, connection, _PAIRS, evidence.pairs)


def read_model(lake: Lake, connection: sa.Connection) -> Model | None:
    """Return the settled parameters and frequencies, or None before the first run."""
    query = sa.select(identity_model.c.parameters).order_by(identity_model.c.settled.desc()).limit(1)
    found = connection.scalar(query)
    if found is None:
        return None
    parameters = msgspec.convert(found, Parameters)
    fields = fields_of(dict(parameters.kinds))
    rows = _table(lake, _FREQUENCIES, pl.DataFrame(schema=_FREQUENCY))
    rows = rows.sort("field", "value")
    frequencies = {str(name): part.select("value", "share") for (name,), part in rows.group_by("field")}
    if not parameters.estimated:
        frequencies = {}
    return Model(parameters, fields, frequencies)


def write_model(lake: Lake, connection: sa.Connection, model: Model, moment: datetime) -> None:
    """Put parameters in force from now on."""
    plain: dict[str, Any] = msgspec.to_builtins(model.parameters)
    connection.execute(identity_model.delete().where(identity_model.c.settled == moment))
    connection.execute(identity_model.insert().values(settled=moment, parameters=plain))
    frames = [
        frame.select(pl.lit(column).alias("field"), "value", "share")
        for column, frame in model.frequencies.items()
    ]
    empty = pl.DataFrame(schema=_FREQUENCY)
    _replace(lake, connection, _FREQUENCIES, pl.concat([empty, *frames]))


def place_pairs(prepared: pl.DataFrame, pairs: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Return kept pairs by the places of their records now; those of records that are gone are left out."""
    columns: dict[str, pl.DataType | type[pl.DataType]] = {
        "probability": pl.Float64,
        "weight": pl.Float64,
        "key": pl.Int32,
    }
    columns |= {field.column: pl.String for field in model.fields}
    if pairs.is_empty():
        return pl.DataFrame(schema={"l": pl.Int64, "r": pl.Int64, **columns})
    places = prepared.select(ROW, "source", "id")
    found = pairs.join(places, left_on=["source_a", "id_a"], right_on=["source", "id"]).rename({ROW: "l"})
    found = found.join(places, left_on=["source_b", "id_b"], right_on=["source", "id"]).rename({ROW: "r"})
    return found.select("l", "r", *[pl.col(name).cast(dtype) for name, dtype in columns.items()])


def _table(lake: Lake, table: str, empty: pl.DataFrame) -> pl.DataFrame:
    try:
        return lake.scan(table).collect()
    except LakeTableMissingError:
        return empty


def _replace(lake: Lake, connection: sa.Connection, table: str, frame: pl.DataFrame) -> None:
    with lake.stage(table, _ALL) as stage:
        stage.write(frame)
        lake.publish(connection, stage)
