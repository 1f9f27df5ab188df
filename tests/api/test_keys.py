"""Keys: only who has one is answered, for what it allows; nothing tells a key again."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.api import ApiKeysError, KeyMissingError, new_key, read_keys
from vostro.engine import Workspace

from .conftest import Desk, payment


def entry(name: str, rights: str, secret: str) -> str:
    return f"{name}:{rights}:{hashlib.sha256(secret.encode()).hexdigest()}"


@pytest.fixture
def locked(workspace: Workspace) -> Desk:
    keys = ", ".join(
        [entry("shop", "events", "s1"), entry("desk", "read", "d1"), entry("lead", "read+unmask", "l1")]
    )
    return Desk(workspace, keys)


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def test_who_may_what(locked: Desk) -> None:
    with locked.client() as client:
        for headers, status in (
            (bearer("s1"), 202),
            ({"x-api-key": "s1"}, 202),
            (bearer("d1"), 403),
            ({}, 401),
            (bearer("x"), 401),
        ):
            assert client.post("/events", json=payment(1), headers=headers).status_code == status
        for secret, status in (("d1", 200), ("s1", 403), ("x", 401)):
            assert client.get("/customers/C1/events", headers=bearer(secret)).status_code == status
            assert client.get("/customers/C1", headers=bearer(secret)).status_code == status
        answer = client.get("/customers/C1/events")
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="vostro"')
        assert answer.json()["code"] == "api.key_missing"
        assert client.get("/health").status_code == 200


def test_segment_sends_the_key_as_user_name_or_in_the_body(locked: Desk) -> None:
    said = {"event": "x", "userId": "C1"}
    basic = {"authorization": "Basic " + base64.b64encode(b"s1:").decode()}
    with locked.client() as client:
        assert client.post("/v1/track", json=said, headers=basic).status_code == 200
        assert client.post("/v1/track", json=said | {"writeKey": "s1"}).status_code == 200
        assert client.post("/v1/track", json=said | {"writeKey": "x"}).status_code == 401
        assert client.post("/v1/track", json=said).status_code == 401
        assert client.post("/v1/track", json=said, headers={"authorization": "Basic !!"}).status_code == 401


def test_unmasking_needs_right_and_purpose_and_is_written_down(locked: Desk) -> None:
    with locked.client() as client:
        client.post("/events", json=payment(1), headers=bearer("s1"))
        path = "/customers/C1/events"
        masked = client.get(path, headers=bearer("d1")).json()
        assert masked["masked"] is True
        assert masked["events"][0]["body"]["merchant"] == "dining"
        assert client.get(path, params={"unmask": True}, headers=bearer("d1")).status_code == 403
        assert client.get(path, params={"unmask": True}, headers=bearer("l1")).status_code == 422
        assert locked.events("personal_data_shown") == []
        asked = {"unmask": True, "purpose": "complaint 7"}
        assert client.get(path, params=asked, headers=bearer("l1")).json()["masked"] is False
    (noted,) = locked.events("personal_data_shown")
    assert noted["customer"] == "C1"
    assert '"purpose": "complaint 7"' in noted["body"]
    assert '"key": "lead"' in noted["body"]


def test_a_new_key_is_let_in() -> None:
    secret, text = new_key("shop", ["events", "read"])
    ring = read_keys(text)
    assert ring.match(secret.encode()).name == "shop"
    assert secret not in text
    with pytest.raises(KeyMissingError):
        ring.match(secret.encode() + b"x")


@pytest.mark.parametrize(
    "setting",
    [
        "kiosk",
        "kiosk:read",
        "kiosk:read:abc",
        "kiosk:all:" + "0" * 64,
        ":read:" + "0" * 64,
        "a b:read:" + "0" * 64,
    ],
)
def test_a_wrong_setting_is_told_without_repeating_it(setting: str) -> None:
    with pytest.raises(ApiKeysError) as caught:
        read_keys(setting)
    assert setting not in str(caught.value)


@given(st.binary(max_size=40), st.binary(max_size=40) | st.none())
def test_no_header_opens_the_door_by_chance(authorization: bytes, own: bytes | None) -> None:
    ring = read_keys(entry("shop", "events", "a long secret that nobody guesses"))
    with pytest.raises(KeyMissingError):
        ring.find(authorization, own)


def test_without_keys_other_names_of_this_machine_are_refused(desk: Desk) -> None:
    with desk.client() as client:
        answer = client.get("/customers/C1/events", headers={"host": "evil.example"})
        assert (answer.status_code, answer.json()["code"]) == (403, "api.host")
        answer = client.post("/events", json=payment(1), headers={"host": "evil.example:8642"})
        assert answer.status_code == 403
        assert client.get("/customers/C1/events", headers={"host": "127.0.0.1:8642"}).status_code == 200
