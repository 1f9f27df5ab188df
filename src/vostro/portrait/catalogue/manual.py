"""Manual tags 人工标签: what did a person say of a customer, why, and until when?

Every setting and every clearing is an event of the log, so that it has an author, a reason
and a moment, is never lost, and can be read as of any moment. Values are kept as text in one
canonical form and read back in the tag's type.
"""

import secrets
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import msgspec
import polars as pl

from vostro.engine import Lake, append_events, read_events
from vostro.portrait.catalogue.errors import ManualTagError, ManualUntilError, ManualValueError, unknown_tag
from vostro.portrait.catalogue.known import require_customer
from vostro.portrait.catalogue.naming import named, names_of
from vostro.words import MomentFormatError, canonical_json, iso, parse_moment, suggest

if TYPE_CHECKING:
    from vostro.capture import Contract
    from vostro.portrait.tags import Tag

__all__ = ["CLEARED", "SET", "ManualSetting", "ManualTags", "canonical_value", "manual_history"]

SET, CLEARED = "vostro.tag.set", "vostro.tag.cleared"
_BODY = pl.Struct(dict.fromkeys(("tag", "value", "by", "reason", "until"), pl.String()))
_MOMENT = pl.Datetime("us", "UTC")
_WORDS: dict[str, tuple[str, str]] = {
    "integer": ("a whole number", "整数"),
    "number": ("a number", "数值"),
    "decimal": ("an amount such as 1200.50", "金额，例如 1200.50"),
    "boolean": ("true or false", "true 或 false"),
    "date": ("a date such as 2026-01-31", "日期，例如 2026-01-31"),
    "moment": ("a moment with a zone: 2026-01-31T09:00+08:00", "带时区的时刻，例如 2026-01-31T09:00+08:00"),
    "text": ("text that is not empty", "非空文本"),
}  # fmt: skip
_TRUTH = {"true": "true", "yes": "true", "1": "true", "是": "true"}
_TRUTH |= {"false": "false", "no": "false", "0": "false", "否": "false"}


class ManualSetting(msgspec.Struct, frozen=True):
    """One value that a person set, or the clearing of it (``value`` None)."""

    tag: str
    customer: str
    value: str | None  # canonical text
    by: str
    reason: str
    moment: str  # ISO 8601, UTC
    until: str | None = None  # ISO 8601, UTC; unknown from then on


class ManualTags:
    """Sets and clears manual tags of a bank's customers."""

    def __init__(self, lake: Lake, tags: "Mapping[str, Tag]", contracts: "Mapping[str, Contract]") -> None:
        """Work in a lake, whose store keeps the events; contracts say who is a customer."""
        self._lake, self._tags, self._contracts = lake, tags, contracts

    def set(
        self,
        tag: str,
        customer: str,
        value: str,
        *,
        by: str,
        reason: str,
        moment: datetime,
        until: datetime | None = None,
    ) -> ManualSetting:
        """Set a manual tag of one customer.

        Args:
            tag: a manual tag's code.
            customer: who.
            value: as text; it must be of the tag's type, and of its list where it has one.
            by: the person.
            reason: why.
            moment: now.
            until: the value is unknown from then on; None: as long as the tag's ``expires`` says.

        Raises:
            TagUnknownError, ManualTagError, ManualValueError, ManualUntilError, CustomerUnknownError.
        """
        text = canonical_value(self._manual(tag), value)
        if until is not None and until <= moment:
            raise ManualUntilError(tag=tag, until=iso(until), moment=iso(moment))
        require_customer(self._lake, self._contracts, customer)
        end = iso(until) if until else None
        return self._append(SET, ManualSetting(tag, customer, text, by, reason, iso(moment), end), moment)

    def clear(self, tag: str, customer: str, *, by: str, reason: str, moment: datetime) -> ManualSetting:
        """Make a manual tag of one customer unknown again; what it was stays in the log.

        Raises:
            TagUnknownError, ManualTagError, CustomerUnknownError.
        """
        self._manual(tag)
        require_customer(self._lake, self._contracts, customer)
        return self._append(CLEARED, ManualSetting(tag, customer, None, by, reason, iso(moment)), moment)

    def _manual(self, code: str) -> "Tag":
        if code not in self._tags:
            raise unknown_tag(code, self._tags)
        if self._tags[code].kind != "manual":
            raise ManualTagError(tag=code, kind=self._tags[code].kind)
        return self._tags[code]

    def _append(self, kind: str, setting: ManualSetting, moment: datetime) -> ManualSetting:
        kept = {name: getattr(setting, name) for name in ("tag", "value", "by", "reason", "until")}
        key = f"{kind}:{setting.tag}:{setting.customer}:{setting.moment}:{secrets.token_hex(8)}"
        row = {
            "customer": setting.customer,
            "kind": kind,
            "event_time": moment.astimezone(UTC),
            "load_time": moment.astimezone(UTC),
            "idempotency_key": key,  # saying the same again is another event
            "body": canonical_json(kept).decode(),
        }
        events = pl.DataFrame([row], schema_overrides={"event_time": _MOMENT, "load_time": _MOMENT})
        with self._lake.store.begin() as connection:
            append_events(connection, events, queue=True)  # online portraits take it in, too
        return setting


def canonical_value(tag: "Tag", text: str) -> str:
    """Return a value's one text form, which reads back to the same value of the tag's type.

    Raises:
        ManualValueError: the text is no such value, or not one of the tag's list.
    """
    try:
        found = _READ[tag.type](text.strip())
    except (ValueError, InvalidOperation, MomentFormatError):
        found = ""
    if tag.type == "decimal" and found:
        found = _fitting(Decimal(found), tag.digits, tag.scale)
    if not found:
        en, zh = _WORDS[tag.type]
        raise ManualValueError(tag=tag.tag, value=text, wanted_en=en, wanted_zh=zh)
    if tag.values is not None and found not in tag.values:
        listed = ", ".join(map(str, tag.values))
        close = suggest(found, {str(value) for value in tag.values})
        en, zh = f"one of {listed}", f"{listed} 之一"
        if close:
            en, zh = f"{en}; did you mean '{close}'?", f"{zh}（是否想写“{close}”？）"
        raise ManualValueError(tag=tag.tag, value=text, wanted_en=en, wanted_zh=zh)
    return found


def manual_history(
    lake: Lake,
    tags: "Mapping[str, Tag]",
    *,
    customer: str | Collection[str] | None = None,
    people: pl.DataFrame | None = None,
    cleared: bool = False,
) -> dict[str, pl.DataFrame]:
    """Return what manual tags were when.

    Args:
        lake: of the bank.
        tags: of the bank; other kinds are left out.
        customer: only this one, or these.
        people: ``customer`` and ``person`` of those who have another's name: what was said of any
            identifier was said of the person, and the last word counts.
        cleared: keep clearings, too, as values that are unknown.

    Returns:
        For each manual tag one row a setting: ``customer``, ``value`` (the tag's type), ``since`` and
        ``end`` (moments; end null: still), ``by`` and ``reason``. A value holds in [since, end): until the
        next setting or clearing, its own ``until``, or the tag's ``expires``, whichever is first.
    """
    wanted = {code: tag for code, tag in tags.items() if tag.kind == "manual"}
    if not wanted:
        return {}
    with lake.store.begin() as connection:
        names = names_of(customer)
        whose: list[str | None] = [None] if names is None else [*names]
        parts = [read_events(connection, kind=kind, customer=who) for kind in (SET, CLEARED) for who in whose]
    events = named(pl.concat(parts).sort("sequence"), people)
    body = events["body"].str.json_decode(_BODY).struct.unnest()
    rows = (
        events.select("customer", since="event_time")
        .hstack(body)
        .with_columns(
            until=pl.col("until").str.to_datetime("%+", time_zone="UTC", time_unit="us"),
            next=pl.col("since").shift(-1).over("customer", "tag"),
        )
    )
    return {
        code: _of_tag(rows.filter(pl.col("tag") == code), tag, cleared=cleared)
        for code, tag in wanted.items()
    }


def _of_tag(rows: pl.DataFrame, tag: "Tag", *, cleared: bool) -> pl.DataFrame:
    from vostro.portrait.rule import polars_type

    span = tag.expires_span
    expiry = pl.col("since") + span if span is not None else pl.lit(None, _MOMENT)
    end = pl.min_horizontal("next", "until", expiry)
    value = _typed(pl.col("value"), tag).cast(polars_type(tag), strict=False)
    rows = rows if cleared else rows.filter(pl.col("value").is_not_null())
    return rows.select("customer", value.alias("value"), "since", end.alias("end"), "by", "reason")


def _typed(text: pl.Expr, tag: "Tag") -> pl.Expr:
    if tag.type == "boolean":
        return text == "true"
    if tag.type == "date":
        return text.str.to_date("%Y-%m-%d", strict=False)
    if tag.type == "moment":
        return text.str.to_datetime("%+", time_zone="UTC", time_unit="us", strict=False)
    return text


def _number(text: str) -> str:
    number = float(text)
    return repr(number) if abs(number) < float("inf") else ""


def _fitting(amount: Decimal, digits: int, scale: int) -> str:
    """Return an amount at the tag's scale; empty when that would change it or it has too many digits."""
    if not amount.is_finite() or amount.adjusted() >= digits - scale:
        return ""
    rounded = amount.quantize(Decimal(1).scaleb(-scale))
    return f"{rounded:f}" if rounded == amount else ""


_READ: dict[str, Callable[[str], str]] = {
    "text": str,
    "integer": lambda text: str(int(text)) if abs(int(text)) < 2**63 else "",
    "number": _number,
    "decimal": lambda text: str(Decimal(text)),
    "boolean": lambda text: _TRUTH.get(text.lower(), ""),
    "date": lambda text: date.fromisoformat(text).isoformat(),
    "moment": lambda text: iso(parse_moment(text)),
}
