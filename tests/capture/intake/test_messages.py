"""A body becomes messages, or is refused as a whole; whatever bytes come, nothing else happens."""

import gzip
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.capture.intake import (
    BODY_BYTES_MAX,
    MESSAGES_MAX,
    BodyEmptyError,
    BodyJsonError,
    BodyLargeError,
    BodyManyError,
    BodyShapeError,
    BodyZippedError,
    Broken,
    Message,
    read_messages,
    unpack,
)
from vostro.words import VostroError

ONE = {"kind": "k", "customer": "C", "event_time": "2026-02-01T00:00:00Z", "properties": {"a": 1}}


@pytest.mark.parametrize(
    "body",
    [ONE, [ONE], {"events": [ONE]}],
)
def test_three_shapes_say_the_same(body: object) -> None:
    (message,) = read_messages(json.dumps(body).encode())
    assert isinstance(message, Message)
    assert (message.kind, message.properties, message.operation) == ("k", {"a": 1}, "new")


def test_lines() -> None:
    found = read_messages(b'{"kind":"a"}\n\n{"kind":"b"}\nnonsense\n[1]\n', lines=True)
    assert [getattr(each, "kind", None) for each in found] == ["a", "b", None, None]
    assert all(isinstance(each, Broken) for each in found[2:])
    assert found[2].raw == "nonsense"


def test_numbers_keep_their_digits() -> None:
    (message,) = read_messages(b'{"properties":{"a":1.10,"b":1e400,"c":12345678901234567890123}}')
    assert message.properties == {"a": "1.10", "b": "1e400", "c": 12345678901234567890123}


def test_an_unknown_field_is_told_with_the_likely_one() -> None:
    (broken,) = read_messages(b'{"kind":"a","propertis":{}}')
    assert isinstance(broken, Broken)
    assert broken.reason.code == "message_field"
    assert "'properties'" in broken.reason.say.en
    assert msgspec.json.decode(broken.raw) == {"kind": "a", "propertis": {}}


def test_good_and_broken_messages_of_one_body_keep_their_order() -> None:
    found = read_messages(b'[{"kind":"a"}, 7, {"kind":"b"}]')
    assert [type(each) for each in found] == [Message, Broken, Message]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", BodyEmptyError),
        (b" \n", BodyEmptyError),
        (b"[]", BodyEmptyError),
        (b'{"events":[]}', BodyEmptyError),
        (b"{", BodyJsonError),
        (b'{"kind":"\xff"}', BodyJsonError),
        (b'{"kind":"\\ud800"}', BodyJsonError),
        (b"[" * 5_000, BodyJsonError),
        (b'[{"properties":' + b'{"a":' * 5_000, BodyJsonError),
        (b"7", BodyShapeError),
        (b'"text"', BodyShapeError),
        (b"null", BodyShapeError),
        (json.dumps([ONE] * (MESSAGES_MAX + 1)).encode(), BodyManyError),
    ],
)
def test_bodies_that_hold_no_messages(body: bytes, error: type[VostroError]) -> None:
    with pytest.raises(error) as caught:
        read_messages(body)
    assert caught.value.say("en") != caught.value.say("zh")


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_messages_or_refused(body: bytes, lines: bool) -> None:
    try:
        found = read_messages(body, lines=lines)
    except VostroError as error:
        assert 400 <= error.status < 500
    else:
        assert found
        assert all(isinstance(each, Message | Broken) for each in found)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_messages_or_refused(value: object) -> None:
    try:
        found = read_messages(json.dumps(value).encode())
    except VostroError as error:
        assert error.status in (400, 413, 422)
    else:
        assert len(found) == (len(value) if isinstance(value, list) else 1)


def test_gzip() -> None:
    whole = json.dumps([ONE] * 100).encode()
    assert unpack(gzip.compress(whole), "gzip") == whole
    assert unpack(whole, "identity") == whole


@pytest.mark.parametrize(
    ("body", "encoding"),
    # A time inside the bytes would give the two test workers different names for the same test.
    [(b"no gzip", "gzip"), (gzip.compress(b"x" * 1_000, mtime=0)[:-9], "gzip"), (b"x", "br"), (b"", "gzip")],
)
def test_what_is_not_gzip_is_refused(body: bytes, encoding: str) -> None:
    with pytest.raises(BodyZippedError):
        unpack(body, encoding)


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(BodyLargeError):
        unpack(gzip.compress(b"\0" * (BODY_BYTES_MAX + 1)), "gzip")
