"""AsyncAPI 异步接口说明: which events may be sent, as a machine reads it?

Made from the contracts: one message for each kind, its payload as JSON Schema.
"""

from typing import Any

from vostro import __version__
from vostro.bank import Bank
from vostro.capture import Contract, ContractColumn
from vostro.capture.intake import MessageContract, message_contracts

__all__ = ["asyncapi", "message_example", "message_schema"]

_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": ["integer", "string"], "pattern": r"^\s*[+-]?[0-9]+(\.0*)?\s*$"},
    "number": {"type": ["number", "string"]},
    "decimal": {"type": ["number", "string"]},
    "boolean": {"type": ["boolean", "string"]},
    "date": {"type": "string", "format": "date"},
    "moment": {"type": "string", "format": "date-time"},
}
_EXAMPLES: dict[str, Any] = {
    "text": "text",
    "integer": 1,
    "number": 1.5,
    "decimal": 1.5,
    "boolean": True,
    "date": "2026-02-01",
    "moment": "2026-02-01T09:00:00+08:00",
}


def asyncapi(bank: Bank) -> dict[str, Any]:
    """Return the AsyncAPI 3.0 document of a bank's events."""
    views = message_contracts(bank.contracts)
    name = bank.header.bank
    messages = {kind: _message(view) for kind, view in views.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Events of {bank.header.name.en}",
            "version": __version__,
            "description": f"Events that {name} takes in by POST /events. 银行接收的事件。",
        },
        "defaultContentType": "application/json",
        "channels": {
            "events": {
                "address": "/events",
                "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in views},
                "bindings": {"http": {"bindingVersion": "0.3.0"}},
            }
        },
        "operations": {
            "receiveEvents": {
                "action": "receive",
                "channel": {"$ref": "#/channels/events"},
                "summary": "Take events in: one, or up to 1,000 at a time.",
                "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
            }
        },
        "components": {"messages": messages},
    }


def message_schema(view: MessageContract) -> dict[str, Any]:
    """Return the JSON Schema of the messages of one kind, with the contract's limits."""
    inside = {name: _column(column) for name, column in view.properties.items()}
    stated = set(view.key) - {view.key[0]} if len(view.key) == 1 else set(view.key)
    needed = [
        name
        for name, column in view.properties.items()
        if column.required and (name in stated or name not in view.key)
    ]
    properties = {
        "type": "object",
        "properties": inside,
        "additionalProperties": False,
        "required": needed,
    }
    envelope = {
        "kind": {"const": view.kind},
        "customer": {"type": "string", "maxLength": 200, "description": _said(view.contract, view.customer)},
        "event_time": {"type": "string", "description": _said(view.contract, view.clock)},
        "id": {"type": "string", "maxLength": 200, "description": _id(view)},
        "operation": {"enum": ["new", "correct", "delete"], "default": "new"},
        "properties": properties,
        "context": {"type": "object"},
    }
    required = ["kind", "event_time"] + ([] if view.contract.looked_up else ["customer"])
    required += ["properties"] if needed else []
    return {"type": "object", "properties": envelope, "required": required, "additionalProperties": False}


def message_example(view: MessageContract) -> dict[str, Any]:
    """Return a message of one kind that has the right shape; its values stand for nothing."""
    inside = {
        name: _example(column)
        for name, column in view.properties.items()
        if column.required and name not in view.key
    }
    return {
        "kind": view.kind,
        "customer": "C00000001",
        "event_time": _EXAMPLES["moment"],
        "id": "E1",
        "properties": inside,
    }


def _message(view: MessageContract) -> dict[str, Any]:
    meaning = view.contract.meaning
    return {
        "name": view.kind,
        "title": meaning.en,
        "summary": meaning.zh,
        "contentType": "application/json",
        "payload": message_schema(view),
        "examples": [{"name": "shape", "payload": message_example(view)}],
    }


def _column(column: ContractColumn) -> dict[str, Any]:
    found = dict(_TYPES[column.type]) | {"description": f"{column.meaning.en} {column.meaning.zh}"}
    if column.type in ("integer", "number", "decimal"):
        found |= {
            word: each
            for word, each in (("minimum", column.min), ("maximum", column.max))
            if each is not None
        }
    if column.allowed is not None:
        found["enum"] = [*column.allowed] + ([] if column.required else [None])
    if column.pattern is not None:
        found["pattern"] = f"^(?:{column.pattern})$"
    if column.personal:
        found["x-personal-data"] = column.personal_data
    if not column.required:
        kinds = found.get("type")
        if kinds is not None:
            found["type"] = [*([kinds] if isinstance(kinds, str) else kinds), "null"]
    return found


def _example(column: ContractColumn) -> Any:
    if column.allowed:
        return column.allowed[0]
    return column.min if column.min is not None and column.type != "date" else _EXAMPLES[column.type]


def _said(contract: Contract, name: str) -> str:
    meaning = contract.columns[name].meaning
    return f"{meaning.en} {meaning.zh}"


def _id(view: MessageContract) -> str:
    if len(view.key) == 1:
        return f"The event's {view.key[0]}, where the properties do not state it."
    if view.key:
        return f"Not needed: {', '.join(view.key)} name the event. For deletions, their values joined by /."
    return "Names the event; sent again, it adds nothing. Without it, a message sent twice is two events."
