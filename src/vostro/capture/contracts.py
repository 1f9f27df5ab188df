"""Contracts 数据契约: which columns, types and ranges does a source promise?

A contract is a YAML definition in ``contracts/``. Its name is also the name of the table
in the lake.
"""

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import msgspec

from vostro.capture.readers import SourceFormat
from vostro.capture.watch.limits import Watch
from vostro.words import MomentFormatError, Text, canonical_json, digest, parse_span

__all__ = [
    "ROW_NUMBER",
    "ColumnType",
    "Contract",
    "ContractColumn",
    "CustomerVia",
    "EventTime",
    "LookedUpColumn",
    "PersonalData",
    "Reference",
    "WrittenContract",
    "parse_share",
]

ROW_NUMBER = "row_number"
ColumnType = Literal["text", "integer", "number", "decimal", "boolean", "date", "moment"]
_LATER = ("values", "derive", "years_from", "known", "reverses")
PersonalData = Literal["none", "basic", "contact", "identity", "sensitive", "financial"]


class ContractColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a source promises about one column."""

    type: ColumnType
    meaning: Text
    from_: str | None = msgspec.field(default=None, name="from")  # the file's header, or row_number
    required: bool = False
    min: Any = None  # integer, number, decimal, date or moment; of the column's own type
    max: Any = None
    allowed: list[Any] | None = None
    pattern: str | None = None  # text: a regular expression that the whole value matches
    values: dict[str, str] | None = None  # text in the file -> text that is read instead
    derive: str | None = None  # an SQL expression over the columns above instead of a header
    missing: list[str] | None = None  # texts that mean "no value"; default: the file's
    decimal: tuple[int, int] = (38, 2)  # digits in all, digits after the point
    zone: str | None = None  # moment: the zone of texts that state none
    layout: str | None = None  # date, moment: how the text is written, such as "%d.%m.%Y"
    years_from: int | None = None  # the first of the hundred years that a year of two digits names
    personal_data: PersonalData = "none"

    @property
    def personal(self) -> bool:
        """Tell whether values of this column are about a person and are masked when shown."""
        return self.personal_data != "none"


class LookedUpColumn(ContractColumn, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A column that is found in another contract's table: the customer, or what a reference brings."""

    via: str  # the column here
    table: str  # the contract that knows
    table_key: list[str]  # what identifies a record there
    key: str  # the column there that holds the values of ``via``
    value: str  # the column there that is looked up
    where: str | None = None  # which records there count: an SQL condition over its columns


class CustomerVia(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The customer by way of another contract: whose account is it?"""

    via: str  # the column here
    to: str  # "disp.account_id": the contract and its column with the same values
    is_: str = msgspec.field(name="is")  # the column there that names the customer; called so here, too
    where: str | None = None

    @property
    def table(self) -> str:
        """Return the contract that knows the customer."""
        return self.to.partition(".")[0]

    @property
    def key(self) -> str:
        """Return the column there that holds the values of ``via``."""
        return self.to.partition(".")[2]


class EventTime(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a record's event happened: a column, or months that run in order."""

    column: str | None = None
    months_in_order: str | None = None  # a column of month names, the file being in order of time
    first: str | None = None  # months_in_order: year and month of the first record, "2008-05"
    zone: str | None = None  # the zone of dates, of months and of moments that state none

    @property
    def source_column(self) -> str:
        """Return the column that the event time comes from."""
        return self.column or self.months_in_order or ""


class Reference(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A column whose values exist in another contract's column."""

    column: str
    to: str  # "accounts.account_id"
    brings: list[str] = []  # columns of the record referred to that are kept beside this one

    @property
    def table(self) -> str:
        """Return the contract that is referred to."""
        return self.to.partition(".")[0]

    @property
    def key(self) -> str:
        """Return the column that is referred to."""
        return self.to.partition(".")[2]


class Contract(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The columns, types, ranges and lateness that a source promises."""

    contract: str
    meaning: Text
    file: str  # a file name in the data folder; a glob such as calls_*.csv is allowed
    columns: dict[str, ContractColumn]
    format: SourceFormat = msgspec.field(default_factory=SourceFormat)
    key: list[str] = msgspec.field(default_factory=list)
    customer: str | None = None
    event_time: EventTime | None = None
    event: str | None = None  # the kind of event that every accepted row is
    reverses: str | None = None  # a row with a value here undoes the event that has this key
    lateness: str | None = None  # "7 days"
    rejects_max: str | None = None  # "5 %"
    references: list[Reference] = msgspec.field(default_factory=list)
    ignore: dict[str, str | Text] = msgspec.field(default_factory=dict)  # header -> why
    zone: str | None = None  # the zone of moments whose column names none
    known: Any = None  # since when the bank has known its records: event_time, or a date; default: the load
    expected: str | None = None  # "every 1 day": how often something new comes
    watch: Watch = msgspec.field(default_factory=Watch)
    awaited: bool = False  # the file is an answer to a campaign: it comes after the decision

    @property
    def lateness_span(self) -> timedelta | None:
        """Return how late an event may be loaded, or None for any lateness."""
        return None if self.lateness is None else parse_span(self.lateness)

    @property
    def expected_span(self) -> timedelta | None:
        """Return how long it takes until something new comes, or None when that is not promised."""
        return None if self.expected is None else parse_rhythm(self.expected)

    @property
    def rejects_share_max(self) -> float:
        """Return the share of records, 0 to 1, above which the whole file is refused."""
        return 1.0 if self.rejects_max is None else float(parse_share(self.rejects_max))

    @property
    def headers(self) -> dict[str, str]:
        """Return ``{column: header in the file}`` of the columns that the file itself holds."""
        return {
            name: column.from_ or name
            for name, column in self.columns.items()
            if column.from_ != ROW_NUMBER and not column.derive and not isinstance(column, LookedUpColumn)
        }

    @property
    def looked_up(self) -> LookedUpColumn | None:
        """Return the customer's column where another contract knows the customer, or None."""
        column = self.columns.get(self.customer or "")
        return column if isinstance(column, LookedUpColumn) else None

    @property
    def required(self) -> set[str]:
        """Return the columns that every record has a value in."""
        needed = {name for name, column in self.columns.items() if column.required}
        needed.update(self.key)
        if self.customer:
            needed.add(self.looked_up.via if self.looked_up else self.customer)
        if self.event_time and self.event_time.column:
            needed.add(self.event_time.column)
        return needed

    def missing(self, name: str) -> list[str]:
        """Return the texts that mean "no value" in a column; the empty text always does."""
        marks = self.columns[name].missing
        if marks is None:
            marks = list(self.format.missing)
        return ["", *(mark for mark in marks if mark)]

    def zone_of(self, name: str) -> str | None:
        """Return the zone in which a moment without a zone is read, or None."""
        event = self.event_time
        of_event = event.zone if event and event.column == name else None
        return self.columns[name].zone or of_event or self.zone

    def digest(self) -> str:
        """Return the digest of all that decides what is loaded; a changed meaning changes nothing.

        A file that was loaded under one digest is loaded again under another.
        """
        plain = msgspec.to_builtins(self, enc_hook=str)
        plain.pop("meaning")
        for name in ("rejects_max", "file", "expected", "watch", "awaited"):
            plain.pop(name)
        plain["ignore"] = sorted(plain.pop("ignore"))
        for reference in plain["references"]:
            if not reference["brings"]:
                reference.pop("brings")
        columns = list(plain["columns"].values())
        for column in columns:
            column.pop("meaning")
        for part in (plain, *columns):  # a contract from before these fields keeps its digest
            for name in _LATER:
                if part.get(name, "") is None:
                    part.pop(name)
        return digest(canonical_json(plain))


class WrittenContract(Contract, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A contract as it stands in its file; ``resolve`` makes a ``Contract`` of it."""

    customer: str | CustomerVia | None = None  # type: ignore[assignment]


def parse_share(text: str) -> Decimal:
    """Read a share such as ``"5 %"``.

    >>> parse_share("5 %")
    Decimal('0.05')

    Raises:
        ValueError: not a number between 0 and 100 followed by %.
    """
    number, sign, rest = text.partition("%")
    try:
        share = Decimal(number.strip()) / 100
    except InvalidOperation:
        share = Decimal(-1)
    if sign != "%" or rest.strip() or not 0 <= share <= 1:
        raise ValueError(text)
    return share


def parse_rhythm(text: str) -> timedelta:
    """Read a rhythm such as ``"every 1 day"``.

    >>> parse_rhythm("every 2 weeks").days
    14

    Raises:
        MomentFormatError: not ``every`` and a span.
    """
    word, _, span = text.strip().partition(" ")
    if word != "every":
        wanted = {"wanted_en": "a rhythm", "wanted_zh": "周期"}
        raise MomentFormatError(text=text, **wanted, example="every 1 day")
    return parse_span(span)
