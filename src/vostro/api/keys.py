"""Keys 接口密钥: who may use the API, and for what?

Only the SHA-256 of a key is kept, so that neither the bank's folder nor the environment tells
it. A key is 32 random bytes: no list of likely keys helps whoever reads the hash.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from typing import Literal, get_args

import msgspec

from vostro.api.errors import ApiKeysError, HostError, KeyMissingError, RightMissingError

__all__ = ["ANYBODY", "RIGHTS", "Key", "KeyRing", "Right", "check_host", "new_key", "read_keys"]

Right = Literal["events", "read", "unmask"]
RIGHTS: tuple[Right, ...] = get_args(Right)
_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_.-]{0,40}$")
_HASH = re.compile(r"^[0-9a-f]{64}$")
_BEARER, _BASIC = b"bearer ", b"basic "
_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})
_REMEMBERED_MAX = 1_000


class Key(msgspec.Struct, frozen=True):
    """A caller of the API."""

    name: str
    rights: frozenset[Right]
    sha256: str

    def need(self, right: Right) -> None:
        """Refuse what the key may not do.

        Raises:
            RightMissingError: it may not.
        """
        if right not in self.rights:
            raise RightMissingError(name=self.name, right=right)


ANYBODY = Key("localhost", frozenset(RIGHTS), "")  # where no keys are set, and only this machine can ask


class KeyRing:
    """The keys of a bank."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.keys = tuple(keys)
        self._known: dict[bytes, Key] = {}  # headers that were right before

    def find(self, authorization: bytes | None, api_key: bytes | None = None) -> Key:
        """Return the key that a request came with.

        Args:
            authorization: ``Bearer KEY``, or ``Basic`` with the key as the user's name.
            api_key: the header ``X-API-Key``.

        Raises:
            KeyMissingError: none, or none that is known.
        """
        if not self.keys:
            return ANYBODY
        header = authorization or (None if api_key is None else _BEARER + api_key)
        if header is None:
            raise KeyMissingError
        found = self._known.get(header)
        if found is None:
            found = self.match(_secret(header))
            if len(self._known) < _REMEMBERED_MAX:
                self._known[header] = found
        return found

    def match(self, secret: bytes) -> Key:
        """Return the key with this secret.

        Raises:
            KeyMissingError: there is none.
        """
        if not self.keys:
            return ANYBODY
        given = hashlib.sha256(secret).hexdigest()
        found = [key for key in self.keys if hmac.compare_digest(key.sha256, given)]
        if not found or not secret:
            raise KeyMissingError
        return found[0]


def read_keys(setting: str | None) -> KeyRing:
    """Read the setting ``api_keys``.

    >>> ring = read_keys("shop:events:" + "0" * 64 + ", desk:read+unmask:" + "1" * 64)
    >>> [key.name for key in ring.keys]
    ['shop', 'desk']

    Raises:
        ApiKeysError: it cannot be read; the message does not repeat it.
    """
    entries = [each.strip() for each in (setting or "").split(",") if each.strip()]
    return KeyRing([_read_key(number, entry) for number, entry in enumerate(entries, start=1)])


def new_key(name: str, rights: Sequence[str]) -> tuple[str, str]:
    """Make a key: return the secret, to be given to the caller, and the entry for ``api_keys``."""
    secret = f"{name}_{secrets.token_urlsafe(32)}"
    entry = f"{name}:{'+'.join(rights)}:{hashlib.sha256(secret.encode()).hexdigest()}"
    _read_key(1, entry)
    return secret, entry


def check_host(host: str) -> None:
    """Without keys, answer only who asks for this machine by its own name: a page from elsewhere cannot.

    Raises:
        HostError: another name.
    """
    if host not in _LOCAL and host.rpartition(":")[0] not in _LOCAL:
        raise HostError


def _read_key(number: int, entry: str) -> Key:
    name, _, rest = entry.partition(":")
    rights, _, sha256 = rest.partition(":")
    may = [right.strip() for right in rights.split("+")]
    if not _NAME.match(name):
        raise _refuse(number, "the name must be letters, digits, _ . or -", "名称只可用字母、数字及 _ . -")
    unknown = [right for right in may if right not in RIGHTS]
    if unknown:
        shown = ", ".join(RIGHTS)
        raise _refuse(number, f"a right is none of {shown}", f"权限须为 {shown} 之一")
    if not _HASH.match(sha256.strip().lower()):
        raise _refuse(
            number, "what follows is no SHA-256 of 64 hexadecimal digits", "末段不是 64 位十六进制 SHA-256"
        )
    return Key(name, frozenset(right for right in RIGHTS if right in may), sha256.strip().lower())


def _refuse(number: int, problem_en: str, problem_zh: str) -> ApiKeysError:
    return ApiKeysError(number=number, problem_en=problem_en, problem_zh=problem_zh)


def _secret(header: bytes) -> bytes:
    if header[: len(_BEARER)].lower() == _BEARER:
        return header[len(_BEARER) :].strip()
    if header[: len(_BASIC)].lower() == _BASIC:
        try:
            return base64.b64decode(header[len(_BASIC) :], validate=True).partition(b":")[0]
        except ValueError:
            raise KeyMissingError from None
    raise KeyMissingError
