"""Checks 契约校验: do the values of a block keep what the contract promises?

A contract is compiled once. A block is parsed with one Polars query, and one more finds out
which columns hold anything suspicious at all; only those few columns are looked at again to
find the rows. A file without faults therefore costs two passes, and no Python per record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vostro.capture.contract_faults import typed_bound
from vostro.capture.contracts import ROW_NUMBER, Contract, ContractColumn
from vostro.capture.errors import DeriveError
from vostro.capture.expressions import computed
from vostro.capture.faults import BlockFaults
from vostro.capture.parsing import ColumnParser, column_parser, dtype_of
from vostro.capture.reasons import reason
from vostro.words import Text

__all__ = ["ColumnCheck", "ContractChecks"]

# the years that dates have elsewhere (Python, PostgreSQL, spreadsheets); 0000 is no year
_CALENDAR: dict[str, tuple[str, Any, Any]] = {
    "date": ("date_impossible", date(1, 1, 1), date(9999, 12, 31)),
    "moment": (
        "moment_impossible",
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 30, tzinfo=UTC),
    ),
}
_NO_DAY = {code for code, _, _ in _CALENDAR.values()}
SHOWN_MAX = 12  # allowed values that a message lists


@dataclass(frozen=True)
class Rule:
    """A promise about typed values: when it holds, and what is said when it does not."""

    code: str
    say: Text
    holds: pl.Expr  # over the column, null counts as kept


@dataclass(frozen=True)
class ColumnCheck:
    """One column of a contract, compiled."""

    name: str
    header: str
    required: bool
    parser: ColumnParser
    rules: tuple[Rule, ...]
    derive: str | None = None  # an expression over the columns above, instead of a header


class ContractChecks:
    """A contract, compiled to Polars expressions."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.required = contract.required
        self.schema = pl.Schema({name: dtype_of(column) for name, column in contract.columns.items()})
        self.columns = tuple(self._compile(name, header) for name, header in contract.headers.items())
        self.derived = tuple(
            self._compile(name, name, column.derive)
            for name, column in contract.columns.items()
            if column.derive
        )
        self._asked = self._questions(self.columns)
        self._reading: dict[tuple[pl.DataType, ...], list[pl.Expr]] = {}  # by the types of the file's columns

    def _compile(self, name: str, header: str, derive: str | None = None) -> ColumnCheck:
        rules = _rules(self.contract, name, header)
        return ColumnCheck(
            name, header, name in self.required, column_parser(self.contract, name), rules, derive
        )

    def check(self, frame: pl.DataFrame, numbers: NDArray[np.int64]) -> tuple[pl.DataFrame, BlockFaults]:
        """Parse and check a block.

        Args:
            frame: columns by the file's headers, as the reader gives them.
            numbers: shape (n_rows,); the 1-based record number of each row.

        Returns:
            The typed columns of every row (null where a value is absent or broken), and the faults. A
            customer that another table knows is null: ``assign_customers`` fills it in.

        Raises:
            DeriveError: Polars cannot compute a derived column of these values.
        """
        typed = frame.select(self._readers(frame.schema))
        faults = BlockFaults(frame.height)
        suspects = typed.select(self._asked).row(0, named=True)
        mended = [
            self._column(column, frame[column.header], typed[column.name], suspects, faults)
            for column in self.columns
        ]
        series = {each.name: each for each in mended} | self._row_numbers(numbers)
        for column in self.derived:
            series[column.name] = self._derive(column, pl.DataFrame(list(series.values())), faults)
        for name in self.schema.keys() - series.keys():
            series[name] = pl.Series(name, [None] * frame.height, dtype=self.schema[name])
        return pl.DataFrame([series[name] for name in self.schema], nan_to_null=False), faults

    def _derive(self, column: ColumnCheck, above: pl.DataFrame, faults: BlockFaults) -> pl.Series:
        """Compute a column of others and check it; a broken record tells its own faults only."""
        assert column.derive is not None
        try:
            found = computed(above.lazy(), column.derive, column.name)
            raw = found.select(pl.when(pl.Series(faults.good)).then(column.name)).collect()
        except pl.exceptions.PolarsError as error:
            words = " ".join(str(error).split())[:200]
            source = self.contract.contract
            raise DeriveError(source=source, column=column.name, words=words) from error
        read = column.parser.expression(column.name, raw.schema[column.name])
        typed = raw.select(read.alias(column.name))
        suspects = typed.select(self._questions((column,))).row(0, named=True)
        return self._column(column, raw[column.name], typed[column.name], suspects, faults)

    def _readers(self, given: pl.Schema) -> list[pl.Expr]:
        """Return the expressions that read columns of these types; made once, small blocks are many."""
        types = tuple(given[column.header] for column in self.columns)
        if types not in self._reading:
            self._reading[types] = [
                column.parser.expression(column.header, dtype).alias(column.name)
                for column, dtype in zip(self.columns, types, strict=True)
            ]
        return self._reading[types]

    @staticmethod
    def _questions(columns: tuple[ColumnCheck, ...]) -> list[pl.Expr]:
        """Return what tells which columns have nulls and which promises are broken anywhere."""
        asked = [pl.col(column.name).null_count().alias(f"{column.name}/null") for column in columns]
        asked += [
            (~rule.holds).any().alias(f"{column.name}/{rule.code}")
            for column in columns
            for rule in column.rules
        ]
        return asked

    def _column(
        self,
        column: ColumnCheck,
        raw: pl.Series,
        typed: pl.Series,
        suspects: Mapping[str, Any],
        faults: BlockFaults,
    ) -> pl.Series:
        """Return the column with late repairs, noting its faults."""
        repaired = False
        if suspects[f"{column.name}/null"]:
            typed, repaired = self._unread(column, raw, typed, faults)
        for rule in column.rules:
            if repaired or suspects[f"{column.name}/{rule.code}"]:
                broken = typed.to_frame().select((~rule.holds).fill_null(False)).to_series()
                rows = _rows(broken)
                faults.add(rows, column.header, rule.code, rule.say, raw.gather(rows))
                if rule.code in _NO_DAY and len(rows):
                    typed = typed.scatter(rows, None)
        return typed

    def _unread(
        self, column: ColumnCheck, raw: pl.Series, typed: pl.Series, faults: BlockFaults
    ) -> tuple[pl.Series, bool]:
        """Look at the rows without a typed value: absent, readable after repair, or broken."""
        rows = _rows(typed.is_null())
        texts = raw.gather(rows).cast(pl.String)
        parser = column.parser
        absent = texts.is_null() | texts.is_in(parser.marks)
        unread = ~absent
        repaired = False
        if unread.any():
            unread_rows = rows[unread.to_numpy()]
            unread_texts = texts.filter(unread)
            values = parser.repair(unread_texts)
            blank = unread_texts.str.strip_chars().is_in(parser.marks) & values.is_null()
            repaired = values.null_count() < len(values)
            if repaired:
                kept = values.is_not_null()
                typed = typed.scatter(unread_rows[kept.to_numpy()], values.filter(kept))
            broken = values.is_null() & ~blank
            self._diagnose(column, unread_rows[broken.to_numpy()], unread_texts.filter(broken), faults)
            absent_rows = np.concatenate([rows[absent.to_numpy()], unread_rows[blank.to_numpy()]])
        else:
            absent_rows = rows
        if column.required and len(absent_rows):
            if column.derive is not None:
                absent_rows = absent_rows[faults.good[absent_rows]]
            say = reason("required", field=column.header)
            faults.add(np.sort(absent_rows), column.header, "required", say, None)
        return typed, repaired

    def _diagnose(
        self, column: ColumnCheck, rows: NDArray[np.uint32], texts: pl.Series, faults: BlockFaults
    ) -> None:
        if len(rows) == 0:
            return
        which = column.parser.diagnose(texts)
        for index, (_, code, say) in enumerate(column.parser.rules):
            mine = which == index
            faults.add(rows[mine.to_numpy()], column.header, code, say, texts.filter(mine))

    def _row_numbers(self, numbers: NDArray[np.int64]) -> dict[str, pl.Series]:
        return {
            name: pl.Series(name, numbers).cast(self.schema[name])
            for name, column in self.contract.columns.items()
            if column.from_ == ROW_NUMBER
        }


def _rows(mask: pl.Series) -> NDArray[np.uint32]:
    return mask.arg_true().to_numpy().astype(np.uint32, copy=False)


def _rules(contract: Contract, name: str, header: str) -> tuple[Rule, ...]:
    """Compile range, allowed values and pattern of one column."""
    column = contract.columns[name]
    here = pl.col(name)
    rules: list[Rule] = []
    if column.type == "text":
        rules.append(Rule("nul", reason("nul", field=header), ~here.str.contains("\0", literal=True)))
    if column.type in _CALENDAR:
        code, first, last = _CALENDAR[column.type]
        rules.append(Rule(code, reason(code, field=header), here.is_between(first, last)))
    if column.min is not None:
        low = _bound(column, column.min)
        rules.append(Rule("below_min", reason("below_min", field=header, min=column.min), here >= low))
    if column.max is not None:
        high = _bound(column, column.max)
        rules.append(Rule("above_max", reason("above_max", field=header, max=column.max), here <= high))
    if column.allowed is not None:
        values = [typed_bound(column, value) for value in column.allowed]
        shown = ", ".join(str(value) for value in column.allowed[:SHOWN_MAX])
        shown += ", ..." if len(values) > SHOWN_MAX else ""
        allowed = pl.Series(values, dtype=dtype_of(column))
        rules.append(
            Rule(
                "not_allowed",
                reason("not_allowed", field=header, allowed=shown),
                here.is_in(allowed.implode()),
            )
        )
    if column.pattern is not None:
        say = reason("pattern", field=header, pattern=column.pattern)
        rules.append(Rule("pattern", say, here.str.contains(f"^(?:{column.pattern})$")))
    return tuple(rules)


def _bound(column: ContractColumn, value: Any) -> pl.Expr:
    return pl.lit(typed_bound(column, value), dtype_of(column))
