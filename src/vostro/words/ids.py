"""Identifiers 标识: names that can be checked, and digests that name content."""

import hashlib
import re
from difflib import get_close_matches

import msgspec

__all__ = ["CODE", "canonical_json", "digest", "suggest"]

CODE = re.compile(r"^[a-z][a-z0-9_]{0,62}$")


def canonical_json(value: object) -> bytes:
    """Return the one JSON form of a value: keys sorted, no blanks, UTF-8.

    >>> canonical_json({"b": 1, "a": "é"})
    b'{"a":"\\xc3\\xa9","b":1}'
    """
    return msgspec.json.encode(value, order="sorted")


def digest(*parts: bytes | str) -> str:
    """Return the SHA-256 of the parts, each framed by its length, as 64 hexadecimal digits.

    >>> digest("ab", "c") == digest("a", "bc")
    False
    """
    sha = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        sha.update(len(data).to_bytes(8, "big"))
        sha.update(data)
    return sha.hexdigest()


def suggest(word: str, known: list[str] | tuple[str, ...] | set[str]) -> str | None:
    """Return the known word that looks most like ``word``, or None when none does.

    >>> suggest("agee", ["job", "age"])
    'age'
    """
    close = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return close[0] if close else None
