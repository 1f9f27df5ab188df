"""Calls of Segment's libraries become messages by the rule that the documentation states."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.capture.intake import Broken, Message, read_segment
from vostro.words import VostroError

from .conftest import NOW, Counter

RECEIVED = datetime(2026, 2, 1, 12, tzinfo=UTC)


def calls(said: dict[str, Any], call: Any = "track", received: datetime = RECEIVED) -> list[Any]:
    return read_segment(json.dumps(said).encode(), call, received)[0]


def one(said: dict[str, Any], call: Any = "track") -> Message:
    (message,) = calls(said, call)
    assert isinstance(message, Message)
    return message


def test_track() -> None:
    said = {
        "event": "Order Completed", "userId": "C1", "messageId": "m1", "timestamp": "2026-02-01T11:00:00Z",
        "properties": {"orderId": "O1", "address": {"postalCode": "4000-1"}, "products": [{"sku": 1}]},
    }  # fmt: skip
    message = one(said)
    assert (message.kind, message.customer, message.id) == ("order_completed", "C1", "m1")
    assert message.event_time == "2026-02-01T11:00:00Z"
    assert message.properties == {
        "order_id": "O1",
        "address_postal_code": "4000-1",
        "products": '[{"sku":1}]',
    }


def test_anonymous() -> None:
    assert one({"event": "x", "anonymousId": "7f3a"}).customer == "anon:7f3a"
    assert one({"event": "x", "anonymousId": "7f3a", "userId": "C1"}).customer == "C1"
    assert one({"event": "x"}).customer is None
    assert one({"event": "x", "userId": 7}).customer == 7


def test_page_screen_group() -> None:
    page = one(
        {"userId": "C1", "name": "Deposits", "category": "Products", "properties": {"url": "u"}}, "page"
    )
    assert (page.kind, page.properties) == (
        "page_view",
        {"name": "Deposits", "category": "Products", "url": "u"},
    )
    assert one({"userId": "C1", "name": "Home"}, "screen").kind == "screen_view"
    group = one({"userId": "C1", "groupId": "G1", "traits": {"plan": "gold"}}, "group")
    assert (group.kind, group.properties) == ("group", {"group_id": "G1", "plan": "gold"})


def test_identify_with_both_ids_says_who_is_who() -> None:
    said = {"userId": "C1", "anonymousId": "7f3a", "messageId": "m", "traits": {"firstName": "Ann"}}
    who, same = calls(said, "identify")
    assert (who.kind, who.properties, who.id) == ("identify", {"first_name": "Ann"}, "m")
    assert (same.kind, same.customer, same.id) == ("identity", "C1", "m/identity")
    assert same.properties == {"previous": "anon:7f3a", "evidence": "segment identify"}


@pytest.mark.parametrize(
    ("previous", "anonymous", "found"),
    [
        ("old-7", None, "old-7"),
        ("7f3a", "7f3a", "anon:7f3a"),
        ("0b5c2f5e-7a52-4b3e-9c0e-0f3f7a1f6a11", None, "anon:0b5c2f5e-7a52-4b3e-9c0e-0f3f7a1f6a11"),
    ],
)
def test_alias(previous: str, anonymous: str | None, found: str) -> None:
    message = one(
        {"userId": "C1", "previousId": previous, "anonymousId": anonymous, "messageId": "m"}, "alias"
    )
    assert (message.kind, message.properties["previous"]) == ("identity", found)


def test_clock_that_is_wrong_by_an_hour() -> None:
    said = {
        "event": "x",
        "userId": "C",
        "timestamp": "2026-02-01T12:59:58Z",
        "sentAt": "2026-02-01T13:00:00Z",
    }
    assert one(said).event_time == "2026-02-01T11:59:58+00:00"
    assert one(said | {"sentAt": "2026-02-01T12:00:03Z"}).event_time == said["timestamp"]
    assert one(said | {"originalTimestamp": "2026-02-01T12:59:00Z"}).event_time == "2026-02-01T11:59:00+00:00"
    assert one({"event": "x"}).event_time == RECEIVED.isoformat()
    assert one(said | {"timestamp": "today"}).event_time == "today"


def test_batch_shares_clock_and_context() -> None:
    body = {
        "sentAt": "2026-02-01T13:00:00Z",
        "context": {"library": {"name": "x"}},
        "batch": [
            {"type": "track", "event": "Card Frozen", "userId": "C1", "timestamp": "2026-02-01T13:00:00Z",
             "context": {"page": {"url": "u"}}},
            {"type": "identify", "userId": "C1", "anonymousId": "a"},
            {"type": "nonsense", "userId": "C1"},
            7,
        ],
    }  # fmt: skip
    found = calls(body, "batch")
    assert [getattr(each, "kind", None) for each in found] == [
        "card_frozen",
        "identify",
        "identity",
        "nonsense",
        None,
    ]
    assert found[0].event_time == "2026-02-01T12:00:00+00:00"
    assert found[0].context == {"library_name": "x", "page_url": "u"}
    assert isinstance(found[4], Broken)


def test_write_key_of_the_body() -> None:
    assert read_segment(b'{"writeKey":"k","event":"x"}', "track", RECEIVED)[1] == "k"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = ("type", "event", "userId", "anonymousId", "messageId", "timestamp", "sentAt", "traits", "properties",
         "context", "name", "groupId", "previousId")  # fmt: skip
CALL = st.dictionaries(st.sampled_from(NAMES), JSON)


@given(
    st.sampled_from(["track", "identify", "page", "screen", "group", "alias", "batch"]),
    CALL,
    st.lists(CALL, max_size=3),
)
def test_whatever_is_sent_is_messages_or_refused(call: Any, said: dict[str, Any], batch: list[Any]) -> None:
    try:
        found = calls(said | {"batch": batch} if call == "batch" else said, call)
    except VostroError as error:
        assert error.status in (400, 422)
    else:
        assert all(isinstance(each, Message | Broken) for each in found)


def test_what_no_contract_knows_is_kept(counter: Counter) -> None:
    who, same = calls(
        {"userId": "C1", "anonymousId": "7f3a", "messageId": "m", "timestamp": NOW.isoformat()}, "identify"
    )
    page = calls(
        {"anonymousId": "7f3a", "messageId": "p", "properties": {"page": "x"}, "timestamp": NOW.isoformat()},
        "page",
    )
    assert counter.codes(who, same, *page) == ["kind_unknown", None, None]
    assert counter.events()["kind"].to_list() == ["identity", "page_view"]
    assert counter.events()["customer"].to_list() == ["C1", "anon:7f3a"]
    assert [each.source for each in counter.rejects()] == ["identify"]
