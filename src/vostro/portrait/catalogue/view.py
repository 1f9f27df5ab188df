"""The customer view 客户视图: what is known of one customer at a moment, and from where?

Values come from whoever computes portraits; here they are put into words, with their source and
the moment since when they hold. Who somebody is, how to reach them, and sensitive data are
masked unless they are asked for.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl

from vostro.capture import mask
from vostro.engine import Lake
from vostro.portrait.catalogue.definition import say_definition
from vostro.portrait.catalogue.estimates import estimate_history
from vostro.portrait.catalogue.identity_view import IdentityView
from vostro.portrait.catalogue.manual import CLEARED, SET, manual_history
from vostro.portrait.types import Dimension
from vostro.words import Text, iso

if TYPE_CHECKING:
    from vostro.capture import Contract
    from vostro.portrait.online import CustomerEvent
    from vostro.portrait.segments import Segment
    from vostro.portrait.tags import Tag

__all__ = ["MASKED", "CustomerView", "CustomerViews", "Record", "TagValue", "TimelineEvent"]

MASKED = ("identity", "contact", "sensitive")
_YES, _NO, _UNKNOWN = Text("yes", "是"), Text("no", "否"), Text("unknown", "未知")
_OWN = {
    SET: Text("Tag set by a person", "人工设置标签"),
    CLEARED: Text("Tag cleared by a person", "人工清除标签"),
}


class TagValue(msgspec.Struct, frozen=True):
    """One tag of the customer."""

    tag: str
    name: Text
    dimension: Dimension
    kind: str
    value: (
        bool | int | float | str | None
    )  # as data; decimals, dates and moments as text; masked where it must be
    said: Text  # in words, with its unit
    source: Text
    since: str | None = None  # ISO 8601: since when it holds, where something says so
    masked: bool = False


class Record(msgspec.Struct, frozen=True):
    """One row that a source states of the customer: an account, an address."""

    contract: str
    meaning: Text
    since: str | None  # ISO 8601: when it happened or was loaded
    fields: dict[str, str]  # column -> value, masked where it must be; unknown ones are left out


class TimelineEvent(msgspec.Struct, frozen=True):
    """Something that happened to the customer."""

    event_time: str
    load_time: str
    kind: str
    meaning: Text
    fields: dict[str, str]


class CustomerView(msgspec.Struct, frozen=True):
    """One customer as known at a moment."""

    customer: str
    as_of: str
    tags: list[TagValue]
    segments: dict[str, Text]  # code -> name, of the segments that he is in
    holds: list[Text]  # names of the tags ``holds_...`` that are true
    records: list[Record]  # what sources state of him: his account, his address
    events: list[TimelineEvent]  # newest first, one page of them
    events_known: int  # all that are known
    sources: dict[str, int]  # contract -> records of this customer
    identity: IdentityView | None = None  # who he is; None: the bank does not ask, or did not know him


class CustomerViews:
    """Shows customers of one bank."""

    def __init__(
        self,
        lake: Lake,
        tags: "Mapping[str, Tag]",
        contracts: "Mapping[str, Contract]",
        segments: "Mapping[str, Segment]",
        *,
        unmask: bool = False,
    ) -> None:
        """Look into a bank's lake; ``unmask`` shows who customers are, how to reach them, and sensitive data."""
        self.lake, self.tags, self.contracts, self.segments = lake, tags, contracts, segments
        self.masked = () if unmask else MASKED

    def view(
        self,
        customer: str,
        *,
        as_of: datetime,
        portrait: Mapping[str, Any],
        events: "Sequence[CustomerEvent]",
        identity: IdentityView | None = None,
        skip: int = 0,
        limit: int = 20,
    ) -> CustomerView:
        """Put together what was known of a customer at a moment.

        Args:
            customer: who.
            as_of: the moment; nothing that happened or was loaded later is seen.
            portrait: the customer's tags at that moment, one value a tag, None where it is unknown.
            events: all that had happened to him by then, newest first.
            identity: who he is, as known at that moment.
            skip: how many of the newest events to leave out.
            limit: how many events to show.
        """
        viewer = _Viewer(self.lake, self.contracts, customer, as_of, self.masked)
        rules = {code: each.rule.for_customer() for code, each in self.segments.items()}
        return CustomerView(
            customer=customer,
            as_of=iso(as_of),
            tags=viewer.tags(self.tags, portrait),
            segments={code: self.segments[code].name for code, holds in rules.items() if holds(portrait)},
            holds=[
                tag.name
                for code, tag in self.tags.items()
                if code.startswith("holds_") and tag.type == "boolean" and portrait.get(code)
            ],
            records=viewer.records(),
            events=[viewer.event(each) for each in events[skip : skip + limit]],
            events_known=len(events),
            identity=identity,
            sources={name: rows.height for name, rows in viewer.rows.items() if rows.height},
        )


class _Viewer:
    """Reads what the lake and the log hold of one customer at a moment, once."""

    def __init__(
        self,
        lake: Lake,
        contracts: "Mapping[str, Contract]",
        customer: str,
        as_of: datetime,
        masked: tuple[str, ...],
    ) -> None:
        self.lake, self.contracts, self.customer = lake, contracts, customer
        self.as_of, self.masked = as_of, masked
        self.by_kind = {each.event: each for each in contracts.values() if each.event}
        self.rows = {name: self._rows(each) for name, each in contracts.items() if each.customer is not None}

    def _rows(self, contract: "Contract") -> pl.DataFrame:
        """Return the customer's known rows of a contract, the one that counts last at the end."""
        from vostro.portrait.build import known_rows

        assert contract.customer is not None
        if not self.lake.partitions(contract.contract):
            return pl.DataFrame()
        rows = known_rows(self.lake, contract, self.as_of)
        rows = rows.filter(pl.col(contract.customer).cast(pl.String) == self.customer)
        held = rows.collect_schema()
        if "event_time" in held:
            rows = rows.filter(pl.col("event_time") < self.as_of)
        order = [name for name in ("event_time", "_load", "_line") if name in held]
        return (rows.sort(order, nulls_last=False, maintain_order=True) if order else rows).collect()

    def tags(self, tags: "Mapping[str, Tag]", portrait: Mapping[str, Any]) -> list[TagValue]:
        held = manual_history(self.lake, tags, customer=self.customer)
        held |= estimate_history(self.lake, tags, customer=self.customer)
        return [
            self._tag(tag, tags, portrait.get(code), held.get(code))
            for code, tag in tags.items()
            if "show" in tag.uses
        ]

    def _tag(
        self, tag: "Tag", tags: "Mapping[str, Tag]", value: object, history: pl.DataFrame | None
    ) -> TagValue:
        masked = tag.sensitivity in self.masked and value is not None
        plain = _plain(value)
        shown = mask(str(plain)) if masked else plain
        said = Text(str(shown), str(shown)) if masked else _say(value, tag)
        source = _source(tag, tags, self.contracts)
        since = None
        if tag.attribute is not None:
            since = self._since(self.rows[tag.attribute[0]])
        elif history is not None and value is not None:
            last = history.filter(pl.col("since") <= self.as_of).sort("since").tail(1)
            since = iso(last["since"][0])
            if "by" in history.columns:
                who = f"{last['by'][0]}: {last['reason'][0]}"
                source = Text(en=f"set by {who}", zh=f"由 {who} 设置")
        return TagValue(
            tag.tag,
            tag.name,
            tag.dimension,
            tag.kind,
            shown,
            said,
            source,
            since if value is not None else None,
            masked,
        )

    def _since(self, rows: pl.DataFrame) -> str | None:
        times = [
            rows[name][-1] for name in ("event_time", "load_time") if rows.height and name in rows.columns
        ]
        found = next((each for each in times if each is not None), None)
        return iso(found) if found is not None else None

    def records(self) -> list[Record]:
        """Return what sources state of the customer, beside events and the row that is himself."""
        found = []
        for name, rows in self.rows.items():
            contract = self.contracts[name]
            if contract.event is not None or contract.key == [contract.customer]:
                continue
            for row in rows.iter_rows(named=True):
                since = row.get("event_time") or row.get("load_time")
                fields = self._fields(contract, row)
                found.append(Record(name, contract.meaning, iso(since) if since else None, fields))
        return found

    def event(self, event: "CustomerEvent") -> TimelineEvent:
        """Return an event with what it says, masked where it must be."""
        contract = self.by_kind.get(event.kind) or self.contracts.get(event.kind)
        if contract is not None:
            shown, meaning = self._fields(contract, event.body), contract.meaning
        else:
            shown = {name: str(value) for name, value in event.body.items() if value is not None}
            meaning = _OWN.get(event.kind, Text(event.kind, event.kind))
        return TimelineEvent(iso(event.event_time), iso(event.load_time), event.kind, meaning, shown)

    def _fields(self, contract: "Contract", row: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        for name, column in contract.columns.items():
            value = row.get(name)
            if value is not None and name != contract.customer:
                text = str(_plain(value))
                found[name] = (mask(text) or "") if column.personal_data in self.masked else text
        return found


def _source(tag: "Tag", tags: "Mapping[str, Tag]", contracts: "Mapping[str, Contract]") -> Text:
    """Say where a value comes from: a rule names the tags that it reads, others say what they are."""
    if tag.kind == "rule":
        read = [tags[code].name for code in tags if code in tag.depends]
        return Text(
            en="rule over " + ", ".join(name.en for name in read),
            zh="规则，依据" + "、".join(name.zh for name in read),
        )
    return Text(en=say_definition(tag, tags, contracts, "en"), zh=say_definition(tag, tags, contracts, "zh"))


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return iso(value) if value.tzinfo else value.isoformat()
    if isinstance(value, Decimal | date):
        return str(value)
    return value


def _say(value: object, tag: "Tag") -> Text:
    """Return a value in words, with the tag's unit."""
    if value is None:
        return _UNKNOWN
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, str) and value in tag.value_names:
        return tag.value_names[value]
    if isinstance(value, int | float | Decimal):
        text = _number(value)
        unit = tag.unit
        return Text(f"{text} {unit.en}", f"{text}{unit.zh}") if unit else Text(text, text)
    plain = str(_plain(value))
    return Text(plain, plain)


def _number(value: float | Decimal) -> str:
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.2f}"
    return f"{value:,}"
