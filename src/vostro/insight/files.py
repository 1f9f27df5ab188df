"""Model files 模型文件: an estimator as one JSON file that is read back exactly, or refused.

No pickle: the file is text, runs nothing when it is read, and carries the digest of its content.
"""

import os
from pathlib import Path
from typing import TypeVar

import msgspec

from vostro.insight.errors import ModelFileError
from vostro.words import canonical_json, digest

__all__ = ["read_state", "state_digest", "write_state"]

T = TypeVar("T", bound=msgspec.Struct)
FORMAT = 1


class _File(msgspec.Struct, frozen=True):
    """What stands in a model file."""

    format: int
    version: str
    state: msgspec.Raw


def state_digest(state: msgspec.Struct) -> str:
    """Return the digest of a state: the model's version."""
    return digest(canonical_json(state))


def write_state(path: Path, state: msgspec.Struct, version: str) -> None:
    """Write a state beside the path, then put it in its place in one step."""
    body = msgspec.json.encode(_File(FORMAT, version, msgspec.Raw(canonical_json(state))))
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        with draft.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_state(path: Path, shape: type[T]) -> T:
    """Read a state.

    Raises:
        ModelFileError: the file is absent, damaged, changed or of another version.
    """
    try:
        file = msgspec.json.decode(path.read_bytes(), type=_File)
        if file.format != FORMAT:
            raise ModelFileError(path=path, reason=f"format {file.format}")
        if digest(bytes(file.state)) != file.version:
            raise ModelFileError(path=path, reason="digest")
        return msgspec.json.decode(file.state, type=shape)
    except OSError as error:
        raise ModelFileError(path=path, reason=error.strerror or "read") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelFileError(path=path, reason="JSON") from error
