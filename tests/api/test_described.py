"""OpenAPI and AsyncAPI tell the truth: every route is there, examples are taken in, schemas agree with the checks."""

from typing import Any

import jsonschema_rs
import pytest

from vostro.api.asyncapi import asyncapi, message_schema
from vostro.capture.intake import CALLS, message_contracts

from .conftest import Desk, payment

PATHS = {"/events", *(f"/v1/{call}" for call in CALLS), "/health", "/asyncapi.json", "/customers/{customer}",
         "/customers/{customer}/events", "/audiences/count", "/audiences/portrait", "/audiences/extract"}  # fmt: skip


def test_every_route_is_described(desk: Desk) -> None:
    with desk.client() as client:
        document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == PATHS
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert operation["summary"], path
            assert operation["responses"], path
            if method == "post":
                assert operation["requestBody"]["content"], path


def test_references_lead_somewhere(desk: Desk) -> None:
    with desk.client() as client:
        for path in ("/openapi.json", "/asyncapi.json"):
            document = client.get(path).json()
            for reference in _references(document):
                found = document
                for part in reference.removeprefix("#/").split("/"):
                    found = found[part]


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [each for inner in value.values() for each in _references(inner)]
    return [each for inner in value for each in _references(inner)] if isinstance(value, list) else []


def test_examples_of_segment_and_events_are_taken_in(desk: Desk) -> None:
    with desk.client() as client:
        document = client.get("/openapi.json").json()
        for path, item in document["paths"].items():
            if "post" not in item or path.startswith("/audiences"):
                continue
            examples = item["post"]["requestBody"]["content"]["application/json"]["examples"]
            for example in examples.values():
                answer = client.post(path, json=example["value"])
                assert answer.status_code in (200, 202), (path, answer.text)


def test_asyncapi_names_every_kind(desk: Desk) -> None:
    document = asyncapi(desk.bank)
    assert document["asyncapi"] == "3.0.0"
    assert set(document["components"]["messages"]) == {"card_payment", "page_view", "identity"}
    for message in document["components"]["messages"].values():
        jsonschema_rs.meta.validate(message["payload"])


@pytest.mark.parametrize(
    ("message", "good"),
    [
        (payment(1), True),
        (payment(1, amount="12.50"), True),
        (payment(1, merchant=None), True),
        (payment(1, merchant="hotel"), False),
        (payment(1, color="red"), False),
        (payment(1, amount=-1), False),
        (payment(1, amount=None), False),
        ({name: value for name, value in payment(1).items() if name != "customer"}, False),
    ],
)
def test_schema_and_check_agree(desk: Desk, message: dict[str, Any], good: bool) -> None:
    schema = message_schema(message_contracts(desk.bank.contracts)["card_payment"])
    assert jsonschema_rs.validator_for(schema).is_valid(message) == good
    with desk.client() as client:
        assert client.post("/events", json=message).json()["rejected"] == (not good)
