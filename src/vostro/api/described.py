"""Described 手写接口说明: what does OpenAPI say about the routes that are written against ASGI?"""

from typing import Any

from litestar import Litestar
from litestar.openapi.spec import (
    Example,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    PathItem,
    Reference,
    RequestBody,
    Schema,
)

from vostro.api.asyncapi import message_example
from vostro.api.problems import PROBLEM
from vostro.api.service import Service
from vostro.capture.intake import CALLS, SegmentCall, message_contracts

__all__ = ["describe_posting"]

_JSON, _LINES = "application/json", "application/x-ndjson"
_REFUSALS = {
    "400": "The body cannot be read.",
    "401": "The key is missing or not known.",
    "403": "The key may not send events.",
    "413": "More than 1,000 events or 8 MB.",
    "415": "Neither JSON nor JSON lines in UTF-8.",
    "422": "JSON, and no events.",
    "500": "A fault in Vostro; nothing of this request was kept.",
    "503": "Too much waits, or the database is away; send the same request again after Retry-After.",
}
_NOT_ANSWERED = {
    "400": "A parameter or the body cannot be read.",
    "401": "The key is missing or not known.",
    "403": "The key may not do this.",
    "404": "Nobody knows that customer.",
    "409": "There is no audience index yet, or it lacks a tag; 'vostro build' makes it.",
    "422": "A moment, a rule or a purpose is missing or wrong.",
    "500": "A fault in Vostro.",
    "503": "The database is away; ask again after Retry-After.",
}


def describe_posting(app: Litestar, service: Service) -> None:
    """Add the routes of ``posting`` to the application's OpenAPI document."""
    document = app.openapi_schema
    assert document.components is not None
    schemas: dict[str, Any] = document.components.schemas
    schemas |= {
        "Message": _message(),
        "EventAnswer": _event_answer(),
        "PostAnswer": _post_answer(),
        "Problem": _problem(),
    }
    paths = document.paths = document.paths or {}
    for path, item in paths.items():
        for operation in (item.get, item.post):
            if operation is not None and path.startswith(("/customers", "/audiences")):
                operation.responses = {**(operation.responses or {}), **_refusals(_NOT_ANSWERED)}
    paths["/events"] = PathItem(post=_events(service))
    for call in CALLS:
        paths[f"/v1/{call}"] = PathItem(post=_segment(call))


def _schema(**parts: Any) -> Any:
    """Return a schema; Litestar knows its words as texts, too."""
    return Schema(**parts)


def _events(service: Service) -> Operation:
    views = message_contracts(service.bank.contracts)
    one_schema = Reference(ref="#/components/schemas/Message")
    many = _schema(type="array", items=one_schema, min_items=1, max_items=1_000)
    wrapped = _schema(
        type="object", properties={"events": many}, required=["events"], additional_properties=False
    )
    examples: dict[str, Any] = {
        kind: Example(summary=view.contract.meaning.en, value=message_example(view))
        for kind, view in views.items()
    }
    body = RequestBody(
        required=True,
        content={
            _JSON: OpenAPIMediaType(schema=_schema(one_of=[one_schema, many, wrapped]), examples=examples),
            _LINES: OpenAPIMediaType(schema=_schema(type="string", description="One message on each line.")),
        },
    )
    answer = Reference(ref="#/components/schemas/PostAnswer")
    return Operation(
        tags=["events"],
        operation_id="PostEvents",
        summary="Take events in",
        description=(
            'One event, an array, or {"events": [...]}, up to 1,000; or one on each line. Each is checked against the '
            "contract of its kind. The answer comes when all are on the disk: accepted, known already (duplicate), or "
            "rejected and kept with the reason. 接收事件：逐条按数据契约校验，落盘后应答。"
        ),
        request_body=body,
        responses={
            "202": OpenAPIResponse(
                description="All were taken in or kept as rejects.", content=_content(_JSON, answer)
            ),
            **_refusals(_REFUSALS),
        },
    )


def _segment(call: SegmentCall) -> Operation:
    shape: dict[str, Any] = {"userId": "C00000001", "messageId": "m-1", "timestamp": "2026-02-01T01:00:00Z"}
    more: dict[str, dict[str, Any]] = {
        "track": {"event": "Page Opened", "properties": {"page": "deposits"}},
        "identify": {"anonymousId": "7f3a", "traits": {"plan": "gold"}},
        "page": {"name": "Deposits", "properties": {}},
        "screen": {"name": "Deposits", "properties": {}},
        "group": {"groupId": "G1", "traits": {}},
        "alias": {"previousId": "7f3a"},
    }
    value = {"batch": [{"type": "track"} | shape | more["track"]]} if call == "batch" else shape | more[call]
    media = OpenAPIMediaType(schema=_schema(type="object"), examples={"call": Example(value=value)})
    done = _schema(type="object", properties={"success": _schema(type="boolean")}, required=["success"])
    return Operation(
        tags=["segment"],
        operation_id=f"Segment{call.capitalize()}",
        summary=f"Segment-shaped {call}",
        description="As Segment's HTTP tracking API; docs/events-api.md tells how calls become events.",
        request_body=RequestBody(required=True, content={_JSON: media}),
        responses={
            "200": OpenAPIResponse(description="All are on the disk.", content=_content(_JSON, done)),
            **{code: each for code, each in _refusals(_REFUSALS).items() if code != "415"},
        },
    )


def _refusals(told: dict[str, str]) -> dict[str, OpenAPIResponse]:
    problem = Reference(ref="#/components/schemas/Problem")
    return {
        code: OpenAPIResponse(description=said, content=_content(PROBLEM, problem))
        for code, said in told.items()
    }


def _content(kind: str, schema: Any) -> dict[str, OpenAPIMediaType]:
    return {kind: OpenAPIMediaType(schema=schema)}


def _message() -> Any:
    text = _schema(type="string", max_length=200)
    return _schema(
        type="object",
        description="One event. /asyncapi.json tells the properties of each kind.",
        properties={
            "kind": _schema(type="string", description="The contract's `event`."),
            "customer": text,
            "event_time": _schema(
                type="string", format="date-time", description="When it happened, with a zone."
            ),
            "id": _schema(
                type=["string", "null"], max_length=200, description="The same id again adds nothing."
            ),
            "operation": _schema(type="string", enum=["new", "correct", "delete"], default="new"),
            "properties": _schema(type="object", description="The contract's columns."),
            "context": _schema(
                type=["object", "null"], description="Taken as columns context_... where declared."
            ),
        },
        required=["kind"],
        additional_properties=False,
    )


def _event_answer() -> Any:
    text = _schema(type="string")
    return _schema(
        type="object",
        properties={
            "status": _schema(type="string", enum=["accepted", "duplicate", "rejected"]),
            "id": text,
            "code": _schema(type="string", description="Why it was rejected."),
            "field": text,
            "detail": _schema(type="string", description="The reason, in the language of Accept-Language."),
        },
        required=["status"],
    )


def _post_answer() -> Any:
    count = _schema(type="integer", minimum=0)
    events = _schema(type="array", items=Reference(ref="#/components/schemas/EventAnswer"))
    properties = {"accepted": count, "duplicate": count, "rejected": count, "events": events}
    return _schema(type="object", properties=properties, required=list(properties))


def _problem() -> Any:
    text = _schema(type="string")
    properties = {
        "type": text,
        "title": text,
        "status": _schema(type="integer"),
        "detail": text,
        "code": text,
    }
    return _schema(type="object", description="RFC 9457", properties=properties, required=list(properties))
