"""Paths that cannot be read or written are told in a sentence, without a trace."""

import errno
from pathlib import Path

import pytest

from vostro.console import path_error
from vostro.console.failures import PathError


@pytest.mark.parametrize("write", [lambda path: path.read_text(), lambda path: (path / "x").mkdir()])
def test_a_path_that_is_not_there_is_named(tmp_path: Path, write: object) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        write(tmp_path / "nowhere")  # type: ignore[operator]
    told = path_error(caught.value)
    assert isinstance(told, PathError)
    assert str(tmp_path / "nowhere") in told.say("en")
    assert "不存在" in told.say("zh")


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    told = path_error(IsADirectoryError(errno.EISDIR, "Is a directory", "/x/a.part", None, str(tmp_path)))
    assert told is not None
    assert str(tmp_path) in told.say("en")
    assert "folder, not a file" in told.say("en")


def test_the_name_of_a_file_in_the_making_is_not_told() -> None:
    told = path_error(PermissionError(errno.EACCES, "Permission denied", "/bank/out/tmp1x.part"))
    assert told is not None
    assert "tmp1x" not in told.say("en")


@pytest.mark.parametrize(
    "error",
    [
        OSError("no number"),
        OSError(errno.EIO, "I/O", "/x"),
        FileNotFoundError(errno.ENOENT, "", "/b/.vostro/lake/x"),
    ],
)
def test_a_fault_of_our_own_keeps_its_trace(error: OSError) -> None:
    assert path_error(error) is None
