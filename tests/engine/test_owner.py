"""Owner: one process works in a folder, and the second is told who does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vostro.engine import OwnerError
from vostro.engine.owner import OwnerLock, read_owner

HOLD = """
import sys
from pathlib import Path
from vostro.engine.owner import OwnerLock
lock = OwnerLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_the_second_owner_is_refused_with_pid_and_since(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        with pytest.raises(OwnerError) as caught:
            OwnerLock(tmp_path)
        assert caught.value.data["pid"] == other.pid
        assert caught.value.data["since"][:2] == "20"
        assert str(other.pid) in caught.value.say("zh")
        note = read_owner(tmp_path)
        assert note is not None and note.pid == other.pid
        other.kill()
        other.wait()
        assert read_owner(tmp_path) is None
        OwnerLock(tmp_path).release()


def test_the_same_process_cannot_own_twice_either(tmp_path: Path) -> None:
    lock = OwnerLock(tmp_path)
    with pytest.raises(OwnerError):
        OwnerLock(tmp_path)
    lock.release()
    lock.release()
    assert read_owner(tmp_path) is None


def test_a_forked_child_does_not_hold_the_lock_on(tmp_path: Path) -> None:
    lock = OwnerLock(tmp_path)
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(write_end)
        os.read(read_end, 1)
        os._exit(0)
    lock.release()
    OwnerLock(tmp_path).release()
    os.write(write_end, b".")
    os.waitpid(child, 0)
