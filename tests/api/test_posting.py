"""POST /events over a real socket: answers per event, refusals with their status, nothing else."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import Running
from .conftest import payment as pay


def test_one_many_and_lines(server: Running, customer: str) -> None:
    payment = partial(pay, customer=customer)
    assert server.post(payment(1)).status_code == 202
    answer = server.post([payment(1), payment(2), payment(3, amount=-1)]).json()
    assert (answer["accepted"], answer["duplicate"], answer["rejected"]) == (1, 1, 1)
    assert [each["status"] for each in answer["events"]] == ["duplicate", "accepted", "rejected"]
    assert answer["events"][2] == {
        "status": "rejected", "id": payment(3)["id"], "code": "below_min", "field": "amount", "detail": "amount is below 0",
    }  # fmt: skip
    lines = "\n".join(json.dumps(payment(number)) for number in (4, 5))
    answer = server.client.post("/events", content=lines, headers={"content-type": "application/x-ndjson"})
    assert answer.json()["accepted"] == 2
    assert server.post({"events": [payment(6)]}).json()["accepted"] == 1
    assert len(server.kinds(customer)) == 5


def test_words_in_the_language_that_is_asked_for(server: Running, customer: str) -> None:
    payment = partial(pay, customer=customer)
    answer = server.post(payment(1, amount=-1), headers={"accept-language": "zh-CN,zh;q=0.9"}).json()
    assert answer["events"][0]["detail"] == "amount 小于下限 0"
    problem = server.client.post(
        "/events", content=b"{", headers={"content-type": "application/json", "accept-language": "zh"}
    )
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["code"] == "capture.body_json"
    assert "请求体" in problem.json()["detail"]


def test_gzip(server: Running, customer: str) -> None:
    payment = partial(pay, customer=customer)
    body = gzip.compress(json.dumps([payment(n) for n in range(500)]).encode())
    headers = {"content-type": "application/json; charset=UTF-8", "content-encoding": "gzip"}
    assert server.client.post("/events", content=body, headers=headers).json()["accepted"] == 500


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"7", "application/json", 422),
        (json.dumps([pay(1)] * 1_001).encode(), "application/json", 413),
        (b"[" + b" " * (9 << 20) + b"]", "application/json", 413),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"{}", "", 415),
        (b"{}", "application/json; charset=gbk", 415),
    ],
)
def test_bodies_that_cannot_be_read(server: Running, content: bytes, kind: str, status: int) -> None:
    headers = {"content-type": kind} if kind else {}
    answer = server.client.post("/events", content=content, headers=headers)
    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_without_a_length_too_much_is_too_much(server: Running) -> None:
    def endless():
        for _ in range(20):
            yield b" " * (1 << 20)

    answer = server.client.post("/events", content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


def test_other_methods_and_paths(server: Running) -> None:
    answer = server.client.get("/events")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    answer = server.client.get("/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("kind", "customer", "event_time", "id", "operation", "properties", "context")
LIKELY = st.fixed_dictionaries(
    {"kind": st.sampled_from(["card_payment", "page_view", "identity"]) | JSON},
    optional={
        "customer": st.text(max_size=4) | JSON,
        "event_time": st.datetimes().map(lambda each: each.isoformat() + "Z") | JSON,
        "id": st.text(max_size=4) | JSON,
        "operation": st.sampled_from(["new", "correct", "delete"]) | JSON,
        "properties": st.dictionaries(
            st.sampled_from(["payment_id", "amount", "merchant", "name", "previous"]), JSON
        )
        | JSON,
        "context": JSON,
    },
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LIKELY | JSON, min_size=1, max_size=6))
def test_any_json_is_answered_for_each_event(shared: Running, messages: list) -> None:
    answer = shared.post(messages)
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert len(told["events"]) == len(messages)
    assert told["accepted"] + told["duplicate"] + told["rejected"] == len(messages)
    for each in told["events"]:
        assert (each["status"] == "rejected") == ("code" in each)
    assert all(each.get("code") != "fault" for each in told["events"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.sampled_from(["application/json", "application/x-ndjson", "text/plain"]))
def test_any_bytes_are_answered(shared: Running, body: bytes, kind: str) -> None:
    answer = shared.client.post("/events", content=body, headers={"content-type": kind})
    assert answer.status_code in (202, 400, 413, 415, 422), answer.text


def test_the_same_events_from_many_at_once_are_each_accepted_once(server: Running, customer: str) -> None:
    payment = partial(pay, customer=customer)

    def send(start: int) -> int:
        with httpx.Client(base_url=server.url, timeout=60) as client:
            batch = [payment(n % 40) for n in range(start, start + 25)]
            return client.post("/events", json=batch).json()["accepted"]

    with ThreadPoolExecutor(8) as pool:
        accepted = sum(pool.map(send, range(0, 400, 10)))
    assert accepted == 40
    assert len(server.kinds(customer)) == 40
