"""Spool 拒收暂存: where do rejects wait until the load is committed?

In an anonymous temporary file beside the lake, already in PostgreSQL's COPY form: a file with
5 M bad records needs no more memory than one with five, and ``kill -9`` leaves nothing behind.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from vostro.capture.readers import BrokenRecord
from vostro.engine import disk_guard

__all__ = ["REJECT_COLUMNS", "RejectSpool", "broken_frame", "is_flat", "record_json"]

REJECT_COLUMNS = (
    "load_id", "source", "file", "line", "line_last", "field", "value", "code",
    "message_en", "message_zh", "record", "created",
)  # fmt: skip
VALUE_CHARACTERS_MAX = 1_000  # what a message shows; the record itself is kept whole
_FLAT = (pl.String, pl.Boolean, pl.Date, pl.Datetime, pl.Time, pl.Categorical, pl.Enum, pl.Null)
_MEMORY_BYTES = 4 << 20
_PIECE_BYTES = 1 << 20
_COPY = f"COPY reject ({', '.join(REJECT_COLUMNS)}) FROM STDIN (FORMAT csv)"


class RejectSpool:
    """Rejects of one load, in file order."""

    def __init__(self, folder: Path, fixed: dict[str, Any]) -> None:
        """Open a spool; ``fixed`` holds what is equal for all: load_id, source, file, created."""
        self.folder = folder
        self.fixed = fixed
        self.rows = 0
        self.by_reason: dict[str, int] = {}
        self._file = tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES, dir=str(folder))  # noqa: SIM115

    def add(self, rejects: pl.DataFrame) -> None:
        """Append rejects: columns line, line_last, field, value, code, message_en, message_zh, record."""
        if rejects.height == 0:
            return
        self.rows += rejects.height
        for code, count in rejects.group_by("code").len().iter_rows():
            self.by_reason[code] = self.by_reason.get(code, 0) + count
        fixed = [pl.lit(value).alias(name) for name, value in self.fixed.items()]
        # PostgreSQL's texts hold no NUL; its visible sign takes its place
        shown = pl.col("field", "value", "record").str.replace_all("\0", "␀", literal=True)
        frame = (
            rejects.with_columns(*fixed, shown)
            .with_columns(pl.col("value").str.head(VALUE_CHARACTERS_MAX))
            .select(REJECT_COLUMNS)
        )
        with disk_guard(self.folder):
            frame.write_csv(self._file, include_header=False, quote_style="non_numeric")

    def copy_into(self, connection: sa.Connection) -> None:
        """Insert the rejects into the store, in the caller's transaction."""
        self._file.seek(0)
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
            while piece := self._file.read(_PIECE_BYTES):
                copy.write(piece)

    def close(self) -> None:
        """Throw the temporary file away."""
        self._file.close()


def is_flat(dtype: pl.DataType) -> bool:
    """Tell whether values of a type have one usual text each."""
    return dtype.is_numeric() or dtype in _FLAT


def record_json(
    frame: pl.DataFrame, numbers: pl.Series, moments: pl.Series, personal: pl.Series
) -> pl.Series:
    """Return each record as JSON (``KeptRecord``): its number, the event time around it, its texts by header."""
    flat = [name for name, dtype in frame.schema.items() if is_flat(dtype)]
    values = frame.select(pl.struct(pl.col(flat).cast(pl.String)).alias("values")).to_series()
    iso = moments.dt.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    whole = pl.DataFrame({"number": numbers, "moment": iso, "personal": personal, "values": values})
    return whole.select(pl.struct(pl.all()).struct.json_encode().alias("record")).to_series()


def broken_frame(broken: Sequence[BrokenRecord], header: Sequence[str]) -> pl.DataFrame:
    """Return the rejects of records that the reader could not split into fields."""
    raw = pl.DataFrame(
        {
            "number": [each.number for each in broken],
            "raw": [each.raw for each in broken],
            "header": [list(header)] * len(broken),
        },
        schema={"number": pl.Int64, "raw": pl.String, "header": pl.List(pl.String)},
    )
    return pl.DataFrame(
        {
            "line": [each.line for each in broken],
            "line_last": [each.line_last for each in broken],
            "field": [None] * len(broken),
            "value": [None] * len(broken),
            "code": [each.code.removeprefix("capture.") for each in broken],
            "message_en": [each.message.en for each in broken],
            "message_zh": [each.message.zh for each in broken],
            "record": raw.select(pl.struct(pl.all()).struct.json_encode()).to_series(),
        },
        schema_overrides={"line": pl.Int64, "line_last": pl.Int64, "field": pl.String, "value": pl.String},
    )
