"""docs/audiences.md: its Python runs as it stands."""

from pathlib import Path

import pages
import pytest


def test_the_python_block_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (block,) = pages.blocks(pages.read("audiences.md"), "python")
    exec(compile(block.text, "audiences.md", "exec"), {})
    assert (tmp_path / "index" / "current").is_file()
