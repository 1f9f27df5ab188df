"""Screening 逐块筛查: which records of a block are accepted, and which become rejects?

One ``Screen`` lives for one file. It holds what must be remembered between blocks: the keys
seen, the months passed, and the keys of the tables that are referred to.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vostro.capture.checks import ContractChecks
from vostro.capture.contracts import ROW_NUMBER, Contract
from vostro.capture.customers import BroughtMap, CustomerMap, assign_customers, brought
from vostro.capture.errors import ColumnTypeError
from vostro.capture.faults import BlockFaults
from vostro.capture.keys import KeySet, key_hashes, repeated
from vostro.capture.moments import EventClock
from vostro.capture.readers import Block
from vostro.capture.reasons import reason
from vostro.capture.spool import broken_frame, is_flat, record_json

__all__ = ["REJECT_SCHEMA", "Screen", "Screened"]

REJECT_SCHEMA = pl.Schema(
    {
        "line": pl.Int64,
        "line_last": pl.Int64,
        "field": pl.String,
        "value": pl.String,
        "code": pl.String,
        "message_en": pl.String,
        "message_zh": pl.String,
        "record": pl.String,
    }
)
_NO_REJECTS = pl.DataFrame(schema=REJECT_SCHEMA)


@dataclass(frozen=True)
class Screened:
    """A block after screening."""

    accepted: pl.DataFrame  # typed columns, event_time when declared, load_time, _load, _line
    rejects: pl.DataFrame  # as REJECT_SCHEMA, in order of line
    faults_by_field: dict[str, int]  # records with a fault in that field of the file


class Screen:
    """A contract at work on one file."""

    def __init__(
        self,
        contract: Contract,
        *,
        file: str,
        load_id: int,
        load_time: datetime,
        references: dict[str, KeySet],
        seen: KeySet | None = None,
    ) -> None:
        """Prepare to screen a file.

        Args:
            contract: what the file promises.
            file: its name, for messages.
            load_id: of the load that it becomes part of.
            load_time: with a zone; the moment at which we learn of the records.
            references: for each column that refers to another table, the keys there; for a customer
                that another table knows, the ``CustomerMap``.
            seen: keys that are taken already; a set of its own by default.
        """
        self.contract, self.file = contract, file
        self.checks = ContractChecks(contract)
        self.clock = EventClock(contract, load_time, file) if contract.event_time else None
        self.references = references
        self.seen = seen if seen is not None else KeySet()
        self.load_id = load_id
        self.load_time = load_time
        self.known = contract.known  # None: what comes now is known now
        self.personal = _personal_headers(contract)
        numbered = {name for name, column in contract.columns.items() if column.from_ == ROW_NUMBER}
        # a row number cannot repeat inside a file
        self.key = [] if numbered & set(contract.key) and seen is None else list(contract.key)

    def screen(self, block: Block, moments: pl.Series | None = None) -> Screened:
        """Check a block.

        Args:
            block: as the reader gives it.
            moments: the event times of its rows where they are known already (replayed rejects).
        """
        frame = block.frame
        self._check_types(frame.schema)
        typed, faults = self.checks.check(frame, block.numbers)
        if self.clock is not None:
            raw = frame[self.clock.header] if self.clock.header in frame.columns else typed[self.clock.column]
            times = self.clock.read(typed, raw, faults, moments)
            typed = typed.with_columns(times)
        owners = self.references.get(self.contract.customer or "")
        if isinstance(owners, CustomerMap):
            typed = assign_customers(self.contract, owners, typed, faults)
        for reference in self.contract.references:
            self._refer(reference.column, reference.to, typed[reference.column], faults)
            known = self.references[reference.column]
            if isinstance(known, BroughtMap):
                typed = brought(typed, reference.column, known)
        if self.key:
            self._keys(typed, faults)
        return Screened(
            self._accepted(typed, block, faults), self._rejects(typed, block, faults), faults.by_field
        )

    def schema(self) -> pl.Schema:
        """Return the columns of the lake's table."""
        columns = dict(self.checks.schema)
        if self.clock is not None:
            columns["event_time"] = pl.Datetime("us", "UTC")
        return pl.Schema(
            columns | {"load_time": pl.Datetime("us", "UTC"), "_load": pl.Int64(), "_line": pl.Int64()}
        )

    def _check_types(self, given: pl.Schema) -> None:
        for column in self.checks.columns:
            dtype = given[column.header]
            if not is_flat(dtype):
                raise ColumnTypeError(file=self.file, column=column.header, type=str(dtype))

    def _refer(self, column: str, to: str, values: pl.Series, faults: BlockFaults) -> None:
        rows = np.flatnonzero(faults.good & values.is_not_null().to_numpy()).astype(np.uint32)
        texts = values.gather(rows)
        lost = ~self.references[column].has(key_hashes(texts.to_frame()))
        header = self.contract.headers.get(column, column)
        faults.add(
            rows[lost], header, "reference", reason("reference", field=header, to=to), texts.filter(lost)
        )

    def _keys(self, typed: pl.DataFrame, faults: BlockFaults) -> None:
        rows = np.flatnonzero(faults.good).astype(np.uint32)
        keys = typed.select(self.key)
        # hashed before broken rows are left out: copying a text key costs more than hashing it
        again = repeated(key_hashes(keys)[faults.good], self.seen)
        if not again.any():
            return
        headers = [self.contract.headers.get(name, name) for name in self.key]
        broken = rows[again]
        texts = keys[broken].select(pl.concat_str(pl.all().cast(pl.String), separator=" / ")).to_series()
        say = reason("key_repeated", field=", ".join(headers))
        faults.add(broken, headers[0], "key_repeated", say, texts)

    def _accepted(self, typed: pl.DataFrame, block: Block, faults: BlockFaults) -> pl.DataFrame:
        frame = typed.with_columns(
            self._known().alias("load_time"),
            pl.lit(self.load_id, pl.Int64).alias("_load"),
            pl.Series("_line", block.lines),
        )
        return frame if faults.good.all() else frame.filter(pl.Series(faults.good))

    def _known(self) -> pl.Expr:
        """Return since when the bank knows the records: the load, unless the contract says since when."""
        moment = pl.Datetime("us", "UTC")
        known = self.known
        if known is None:
            return pl.lit(self.load_time).cast(moment)
        if known == "event_time":
            return pl.col("event_time")
        day = known if isinstance(known, date) else date.fromisoformat(known)
        midnight = datetime.combine(day, time(), ZoneInfo(self.contract.zone or "UTC"))
        return pl.lit(midnight.astimezone(UTC)).cast(moment)

    def _rejects(self, typed: pl.DataFrame, block: Block, faults: BlockFaults) -> pl.DataFrame:
        if faults.good.all() and not block.broken:
            return _NO_REJECTS
        found = faults.by_record()
        rows = found["row"].to_numpy()
        records = record_json(
            block.frame[rows],
            pl.Series(block.numbers[rows]),
            self._around(typed, rows),
            found["field"].is_in(list(self.personal)),
        )
        rejects = found.select(
            pl.Series("line", block.lines[rows]),
            pl.lit(None, pl.Int64).alias("line_last"),
            "field", "value", "code", "message_en", "message_zh",
            records.alias("record"),
        )  # fmt: skip
        return pl.concat([rejects, broken_frame(block.broken, block.frame.columns)]).sort(
            "line", maintain_order=True
        )

    def _around(self, typed: pl.DataFrame, rows: NDArray[np.uint32]) -> pl.Series:
        """Return the event time of rows, or of the record before where theirs is unknown."""
        if self.clock is None or not self.clock.months:
            return pl.Series([None] * len(rows), dtype=pl.Datetime("us", "UTC"))
        return typed["event_time"].forward_fill().fill_null(self.clock.before).gather(rows)


def _personal_headers(contract: Contract) -> set[str]:
    """Return the fields of the file whose values are masked when shown."""
    headers = contract.headers
    personal = {headers.get(name, name) for name, column in contract.columns.items() if column.personal}
    if any(contract.columns[name].personal for name in contract.key):
        personal.add(headers.get(contract.key[0], contract.key[0]))  # a repeated key is told as one value
    return personal
