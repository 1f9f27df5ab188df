"""What the tests of the readers share: read a whole file, and check that every line is accounted for."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from vostro.capture.readers import BrokenRecord, SourceFormat, open_source

_LINE_END = re.compile("\r\n|\r|\n")


@dataclass
class Whole:
    """All that a source handed on."""

    header: tuple[str, ...]
    rows: list[tuple]
    lines: list[int]
    numbers: list[int]
    broken: list[BrokenRecord]

    @property
    def codes(self) -> list[str]:
        return [each.code for each in self.broken]

    def check_accounts_for(self, text: str, *, header_line_last: int = 1) -> None:
        """Every physical line that is not blank belongs to exactly one record; numbers leave no gap."""
        assert sorted([*self.numbers, *(each.number for each in self.broken)]) == list(
            range(1, len(self.rows) + len(self.broken) + 1)
        )
        extents = [(line, line + _line_ends(row)) for line, row in zip(self.lines, self.rows, strict=True)]
        extents += [(each.line, each.line_last) for each in self.broken]
        taken = [line for first, last in extents for line in range(first, last + 1)]
        assert len(taken) == len(set(taken)), "a line belongs to two records"
        filled = {line for line, content in enumerate(_LINE_END.split(text), start=1) if content}
        lost = {line for line in filled - set(taken) if line > header_line_last}
        assert not lost, f"lines lost: {lost}"


def _line_ends(row: tuple) -> int:
    return sum(len(_LINE_END.findall(value)) for value in row if value)


@pytest.fixture(scope="session")
def read() -> Callable[..., Whole]:
    """Read a whole file: ``read(path, delimiter=";", block_bytes=100)``."""

    def read(path: Path, *, block_bytes: int = 1 << 20, **fields: object) -> Whole:
        with open_source(path, SourceFormat(**fields), block_bytes=block_bytes) as source:
            whole = Whole(source.header, [], [], [], [])
            for block in source:
                assert tuple(block.frame.columns) == source.header
                whole.rows += block.frame.rows()
                whole.lines += block.lines.tolist()
                whole.numbers += block.numbers.tolist()
                whole.broken += block.broken
            assert source.bytes_done == source.bytes_total == path.stat().st_size
        return whole

    return read


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Write bytes (or text as UTF-8) to a file and return its path."""

    def put(content: bytes | str, name: str = "file.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put
