"""A second process that owns a bank's folder, for tests that kill it."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SCRIPT = """
import sys
from pathlib import Path
from vostro.engine import Settings, Workspace
workspace = Workspace.open(Path(sys.argv[1]), Settings())
print(workspace.server.pid, flush=True)
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""


class Owner:
    """Another process with an open workspace, which runs lines of Python for us."""

    def __init__(self, bank: Path, *, prefix: tuple[str, ...] = ()) -> None:
        command = [*prefix, sys.executable, "-c", SCRIPT, str(bank)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "XDG_RUNTIME_DIR": ""},
        )
        assert self.process.stdout is not None
        self.server_pid = int(self.process.stdout.readline() or self.fail())

    def fail(self) -> str:
        assert self.process.stderr is not None
        raise AssertionError(self.process.stderr.read())

    def run(self, line: str) -> None:
        """Run one line of Python over there."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n" or self.fail()

    def end(self) -> str:
        """Let it end by itself, and return what it wrote to the terminal."""
        _, errors = self.process.communicate(timeout=60)
        return errors


@contextlib.contextmanager
def owner_of(bank: Path, *, prefix: tuple[str, ...] = ()) -> Iterator[Owner]:
    owner = Owner(bank, prefix=prefix)
    try:
        yield owner
    finally:
        owner.process.kill()
        owner.process.communicate()


def ordinary_user() -> tuple[str, ...]:
    """The command that runs another as an ordinary user; it may read Python wherever that is installed."""
    setpriv = shutil.which("setpriv") or "setpriv"
    read = "+dac_read_search"
    return (
        setpriv,
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        f"--inh-caps={read}",
        f"--ambient-caps={read}",
    )
