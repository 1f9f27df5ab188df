"""Portraits, events and audiences over HTTP say what the rooms behind them say; errors have one shape."""

from datetime import UTC, datetime

import polars as pl
import pytest

from vostro.engine import Workspace
from vostro.portrait import build_index, build_portraits, index_folder
from vostro.portrait.online import Worker

from .conftest import Desk, payment

NOW = datetime.now(UTC)


def recent(number: int, **changes: object) -> dict:
    return payment(number, event_time=NOW.isoformat(), **changes)


def test_a_portrait_holds_what_was_acknowledged(desk: Desk) -> None:
    with desk.client() as client:
        assert client.get("/customers/C1").status_code == 404
        for number in range(1, 4):
            client.post("/events", json=recent(number))
            answer = client.get("/customers/C1").json()
            assert answer["tags"] == {"dining_spend_90d": f"{12.5 * number:.2f}"}
            assert answer["customer"] == "C1"
        worker = Worker(desk.workspace.store, desk.workspace.lake, desk.bank.tags, desk.bank.contracts)
        worker.drain()
        assert client.get("/customers/C1").json()["tags"] == {"dining_spend_90d": "37.50"}
        client.post("/events", json={"kind": "card_payment", "id": payment(2)["id"], "operation": "delete"})
        client.post("/events", json=recent(3, operation="correct", amount=1))
        assert client.get("/customers/C1").json()["tags"] == {"dining_spend_90d": "13.50"}
        before = client.get("/customers/C1", params={"as_of": "2020-01-01T00:00:00Z"})
        assert (before.status_code, before.json()["code"]) == (404, "portrait.customer_unknown")


def test_events_of_a_customer(desk: Desk) -> None:
    with desk.client() as client:
        client.post("/events", json=[payment(n, event_time=f"2026-02-0{n}T00:00:00Z") for n in range(1, 6)])
        client.post("/events", json={"kind": "card_payment", "id": payment(5)["id"], "operation": "delete"})
        found = client.get("/customers/C1/events", params={"limit": 2}).json()
        assert [each["event_time"][:10] for each in found["events"]] == ["2026-02-04", "2026-02-03"]
        assert found["more"] is True
        early = {"before": "2026-02-02T00:00:00Z", "kind": "card_payment"}
        assert len(client.get("/customers/C1/events", params=early).json()["events"]) == 1
        assert client.get("/customers/C1/events", params={"kind": "page_view"}).json()["events"] == []


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 1001}, {"limit": "x"}, {"before": "yesterday"}, {"unmask": "perhaps"}]
)
def test_parameters_that_cannot_be(desk: Desk, query: dict) -> None:
    with desk.client() as client:
        answer = client.get("/customers/C1/events", params=query)
        assert answer.status_code in (400, 422)
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json()) == {"type", "title", "status", "detail", "code"}


def test_audiences(desk: Desk) -> None:
    with desk.client() as client:
        asked = {"rule": "dining_spend_90d > 20"}
        missing = client.post("/audiences/count", json=asked)
        assert (missing.status_code, missing.json()["code"]) == (409, "portrait.index_missing")
        client.post("/events", json=[recent(n, customer=f"C{n % 4}") for n in range(1, 10)])
        _build(desk)
        told = client.post("/audiences/count", json=asked).json()
        assert (told["count"], told["customers"]) == (4, 4)
        assert told["outdated"] is False
        assert told["as_of"].endswith("Z") or told["as_of"].endswith("+00:00")
        assert [step["running"] for step in told["conditions"]] == [4]
        assert client.post("/audiences/count", json={"rule": "dining_spend_90d > 30"}).json()["count"] == 1
        whole = client.post("/audiences/portrait", json=asked | {"against": "dining_spend_90d > 30"}).json()
        assert whole["count"] == 4
        assert whole["overlap"]["both"] == 1
        refused = client.post("/audiences/extract", json=asked)
        assert (refused.status_code, refused.json()["code"]) == (422, "api.purpose_missing")
        listed = client.post("/audiences/extract", json=asked | {"purpose": "letter"}).json()
        assert sorted(listed["customers"]) == ["C0", "C1", "C2", "C3"]
        assert (
            len(
                client.post("/audiences/extract", json=asked | {"purpose": "x", "sample": 2}).json()[
                    "customers"
                ]
            )
            == 2
        )
        wrong = client.post(
            "/audiences/count", json={"rule": "dinning_spend_90d > 2"}, headers={"accept-language": "zh"}
        )
        assert (wrong.status_code, wrong.json()["code"]) == (422, "portrait.rule")
        assert client.post("/audiences/count", json={"rule": "x", "more": 1}).status_code == 400
    assert len(desk.events("personal_data_shown")) == 2


def _build(desk: Desk) -> None:
    workspace: Workspace = desk.workspace
    from vostro.capture import drain

    for contract in desk.bank.contracts.values():
        drain(workspace.store, workspace.lake, contract)
    as_of = datetime.now(UTC)
    portraits: pl.DataFrame = build_portraits(
        desk.bank.tags, desk.bank.contracts, workspace.lake, as_of=as_of
    )
    index = build_index(portraits, desk.bank.tags, as_of=as_of, version=desk.bank.version)
    index.save(index_folder(workspace.state))


def test_health(desk: Desk) -> None:
    with desk.client() as client:
        told = client.get("/health").json()
    assert (told["status"], told["store"], told["waiting"]) == ("ok", "ok", 0)
