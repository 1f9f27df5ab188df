"""Columns 消息成列: how do messages of one kind become the columns that a contract checks?

Whole columns are gathered at once. Only when a column holds something that no column can hold is
it looked through for the messages at fault; those become rejects, the others go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter, methodcaller
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vostro.capture.contracts import Contract
from vostro.capture.intake.messages import Message
from vostro.capture.intake.reasons import Reason, hint, message_reason
from vostro.capture.intake.view import MessageContract
from vostro.words import suggest

__all__ = ["ID_CHARACTERS_MAX", "MessageColumns", "message_columns"]

ID_CHARACTERS_MAX = 200
_CONTEXT = "context_"
_SCALARS = frozenset({str, int, float, bool, type(None)})
_TEXTS = frozenset({str, type(None)})
_NUMBERS = frozenset({int, type(None)})
_INTEGER_MAX = 2**63


@dataclass
class MessageColumns:
    """Messages of one kind: the columns of those that can be checked, and the reasons of the others."""

    frame: pl.DataFrame  # one row for each of ``places``: the contract's headers
    places: NDArray[np.int64]  # which messages the rows are, as indices into the given ones
    ids: list[str | None]  # of each row: the message's own
    operations: list[str]
    customers: list[str | None]
    reasons: dict[int, Reason] = field(default_factory=dict)  # by index into the given ones


def message_columns(
    view: MessageContract, contract: Contract, messages: Sequence[Message], load_time: datetime
) -> MessageColumns:
    """Gather messages into columns.

    Args:
        view: the contract of their kind.
        contract: ``view.whole`` or ``view.deletion``: which columns are wanted.
        messages: shape (n,), all of this kind.
        load_time: when they came, which is the moment of a deletion that states none.
    """
    reasons: dict[int, Reason] = {}
    deletion = contract is view.deletion
    parts = {name: list(map(attrgetter(name), messages)) for name in ("customer", "event_time", "id")}
    _check_texts(parts["customer"], "customer", reasons, required=not deletion and not contract.looked_up)
    _check_texts(parts["event_time"], "event_time", reasons, required=not deletion)
    if deletion:
        parts["event_time"] = [each or load_time.isoformat() for each in parts["event_time"]]
    _check_texts(parts["id"], "id", reasons, required=deletion and not view.key)
    properties = list(map(attrgetter("properties"), messages))
    _check_objects(properties, reasons)
    if not deletion:
        _check_names(view, properties, reasons)
    given = _with_context(contract, messages, properties)
    good = [i for i in range(len(messages)) if i not in reasons] if reasons else range(len(messages))
    columns = _columns(view, contract, parts, given, reasons)
    if reasons and len(good) != len(messages) - len(reasons):
        good = [i for i in good if i not in reasons]
    frame = pl.DataFrame(columns)
    places = np.fromiter(good, dtype=np.int64, count=len(good))
    if reasons:
        frame = frame[places]
        parts = {name: [values[i] for i in good] for name, values in parts.items()}
    operations = [messages[i].operation for i in good]
    return MessageColumns(frame, places, parts["id"], operations, parts["customer"], reasons)


def _check_texts(values: list[Any], name: str, reasons: dict[int, Reason], *, required: bool) -> None:
    """Note what is no text, too long, or missing; whole numbers become texts, empty texts None."""
    kinds = set(map(type, values))
    if not kinds <= _TEXTS:
        for i, value in enumerate(values):
            if type(value) is int:
                values[i] = str(value)
            elif type(value) not in _TEXTS:
                wanted = {"wanted": "a text", "wanted_zh": "文本"}
                reasons[i] = message_reason("message_type", name, _shown(value), **wanted)
                values[i] = None
        kinds = set(map(type, values))
    if "" in values:
        values[:] = [value or None for value in values]
        kinds = set(map(type, values))
    if required and type(None) in kinds:
        for i, value in enumerate(values):
            if value is None:
                reasons.setdefault(i, message_reason("message_required", name))
    if max(map(len, filter(None, values)), default=0) > ID_CHARACTERS_MAX:
        _check_lengths(values, name, reasons)
    if any("\0" in value for value in values if value is not None):
        wanted = {"wanted": "a text without NUL characters", "wanted_zh": "不含空字符（NUL）的文本"}
        for i, value in enumerate(values):
            if value is not None and "\0" in value:
                reasons.setdefault(i, message_reason("message_type", name, value, **wanted))


def _check_lengths(values: list[Any], name: str, reasons: dict[int, Reason]) -> None:
    for i, value in enumerate(values):
        if value is not None and len(value) > ID_CHARACTERS_MAX:
            reasons.setdefault(i, message_reason("message_long", name, value, max=ID_CHARACTERS_MAX))


def _check_objects(properties: list[Any], reasons: dict[int, Reason]) -> None:
    if set(map(type, properties)) == {dict}:
        return
    for i, value in enumerate(properties):
        if type(value) is not dict:
            if value is not None:
                wanted = {"wanted": "an object", "wanted_zh": "对象"}
                reasons.setdefault(i, message_reason("message_type", "properties", _shown(value), **wanted))
            properties[i] = {}


def _check_names(view: MessageContract, properties: list[dict[str, Any]], reasons: dict[int, Reason]) -> None:
    known = view.properties.keys()
    strange = [i for i, each in enumerate(properties) if not each.keys() <= known]
    for i in strange:
        name = next(name for name in properties[i] if name not in known)
        if name in (view.customer, view.clock):
            close: str | None = "customer" if name == view.customer else "event_time"
        else:
            close = suggest(name, set(known))
        source = view.contract.contract
        reasons.setdefault(
            i,
            message_reason(
                "property_unknown", name[:100], _shown(properties[i][name]), source=source, **hint(close)
            ),
        )


def _with_context(
    contract: Contract, messages: Sequence[Message], properties: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the properties, with those parts of the context that the contract declares."""
    wanted = [name for name in contract.headers if name.startswith(_CONTEXT)]
    if not wanted:
        return properties
    found = []
    for message, own in zip(messages, properties, strict=True):
        around = message.context if isinstance(message.context, dict) else {}
        flat = {_CONTEXT + name: value for name, value in around.items()}
        found.append({name: flat[name] for name in wanted if name in flat} | own)
    return found


def _columns(
    view: MessageContract,
    contract: Contract,
    parts: dict[str, list[Any]],
    properties: list[dict[str, Any]],
    reasons: dict[int, Reason],
) -> dict[str, pl.Series]:
    """Return a column for each header of the contract."""
    columns: dict[str, pl.Series] = {}
    for name in contract.headers:
        if name == view.customer:
            columns[name] = pl.Series(name, parts["customer"], dtype=pl.String)
        elif name == view.clock:
            columns[name] = _moments(contract, name, parts["event_time"])
        else:
            values = list(map(methodcaller("get", name), properties))
            if view.key == [name]:
                values = [own if own is not None else of for own, of in zip(values, parts["id"], strict=True)]
            columns[name] = _series(name, values, reasons)
    return columns


def _series(name: str, values: list[Any], reasons: dict[int, Reason]) -> pl.Series:
    """Return values as texts, or as whole numbers when they all are."""
    kinds = set(map(type, values))
    if not kinds <= _SCALARS:
        for i, value in enumerate(values):
            if type(value) not in _SCALARS:
                reasons.setdefault(i, message_reason("property_nested", name, _shown(value)))
                values[i] = None
        kinds = set(map(type, values))
    if int in kinds and kinds <= _NUMBERS:
        if all(-_INTEGER_MAX <= value < _INTEGER_MAX for value in values if value is not None):
            return pl.Series(name, values, dtype=pl.Int64)
        values = [None if value is None else str(value) for value in values]
    if bool in kinds:
        words: dict[Any, str] = {True: "true", False: "false"}
        values = [words[value] if value is True or value is False else value for value in values]
    return pl.Series(name, values, dtype=pl.String, strict=False)


def _moments(contract: Contract, name: str, values: list[Any]) -> pl.Series:
    """Return the moments as the event's column reads them: a date is the day of the contract's zone."""
    texts = pl.Series(name, values, dtype=pl.String)
    if contract.columns[name].type != "date" or not (texts.str.len_chars() > len("2026-01-01")).any():
        return texts
    zone = contract.zone_of(name) or "UTC"
    moments = texts.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", strict=False)
    return moments.dt.convert_time_zone(zone).dt.strftime("%Y-%m-%d").fill_null(texts)


def _shown(value: object) -> str:
    return str(value)[:ID_CHARACTERS_MAX]
