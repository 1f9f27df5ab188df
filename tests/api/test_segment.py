"""Segment's own Python library sends to us; what it calls sent is on the disk."""

from typing import Any

import pytest

from .conftest import Running

segment = pytest.importorskip("segment.analytics", reason="the extra `test` brings segment-analytics-python")


@pytest.fixture
def library(server: Running) -> Any:
    failures: list[Exception] = []
    client = segment.Client(
        "key",
        host=server.url,
        send=True,
        sync_mode=True,
        max_retries=0,
        on_error=lambda error, batch: failures.append(error),
    )
    client.failures = failures
    return client


def test_calls_of_the_library(server: Running, library: Any, customer: str) -> None:
    library.identify(customer, {"plan": "gold"}, anonymous_id=f"a-{customer}")
    library.track(
        customer, "Card Payment", {"payment_id": f"P{customer[1:]}777", "amount": 12.5, "merchant": "dining"}
    )
    library.page(anonymous_id=f"a-{customer}", name="Deposits")
    library.alias(f"old-{customer}", customer)
    library.screen(customer, name="Home")
    library.flush()
    assert library.failures == []
    assert sorted(server.kinds(customer)) == ["card_payment", "identity", "identity"]
    (page,) = server.client.get(f"/customers/anon:a-{customer}/events").json()["events"]
    assert page["kind"] == "page_view"
    assert page["body"] == {"name": "Deposits", "context_library_name": "analytics-python"}


@pytest.mark.parametrize("gzip", [False, True])
def test_batches_of_the_library(server: Running, customer: str, gzip: bool) -> None:
    failures: list[Exception] = []
    client = segment.Client(
        "key",
        host=server.url,
        gzip=gzip,
        upload_size=50,
        on_error=lambda error, batch: failures.append(error),
    )
    for number in range(120):
        client.track(customer, "card payment", {"payment_id": f"P{customer[1:]}9{number}", "amount": number})
    client.shutdown()
    assert failures == []
    assert server.kinds(customer).count("card_payment") == 100  # a page of them
    found = server.client.get(f"/customers/{customer}/events", params={"limit": 1000}).json()
    assert len(found["events"]) == 120


def test_short_calls_again(server: Running, customer: str) -> None:
    said = {
        "userId": customer,
        "event": "Page View",
        "messageId": f"m-{customer}",
        "timestamp": "2026-02-01T00:00:00.000Z",
    }
    for _ in range(2):
        answer = server.post(said, "/v1/track")
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert server.kinds(customer) == ["page_view"]
    assert server.post([said], "/v1/track").status_code == 422
    assert server.client.get("/v1/track").status_code == 405
