"""Disk: a full disk is one error, however a library words it."""

import errno
from pathlib import Path

import pytest

from vostro.engine import DiskFullError, disk_guard


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        RuntimeError("IO Error: Could not write file: No space left on device"),
        ValueError("No space left on device (os error 28)"),
    ],
)
def test_a_full_disk_is_told(error: Exception) -> None:
    with pytest.raises(DiskFullError, match="/data/bank") as caught, disk_guard(Path("/data/bank")):
        raise error
    assert caught.value.code == "engine.disk_full"
    assert "/data/bank" in caught.value.say("zh")


def test_other_errors_pass() -> None:
    with pytest.raises(PermissionError), disk_guard(Path()):
        raise PermissionError(errno.EACCES, "Permission denied")
