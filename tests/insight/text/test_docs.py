"""docs/insight-text.md: its Python runs as it stands, and its numbers are those of the code."""

import re
from pathlib import Path

from vostro.insight.text import pieces, reading, topics, training

PAGE = (Path(__file__).parents[3] / "docs" / "insight-text.md").read_text(encoding="utf-8")


def test_the_python_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        exec(compile(block, "insight-text.md", "exec"), {})


def test_its_numbers_are_those_of_the_code() -> None:
    for said in (
        f"At least {reading.TEXTS_LEAST} different texts",
        f"at most {pieces.CHARACTERS_MOST:,} characters",
        f"{topics.NUMBERS[0]} to {topics.NUMBERS[-1]} topics are tried",
    ):
        assert said in PAGE.replace("\n", " "), said
    assert len(training.COSTS) * len(training.WORD_WEIGHTS) == 8, "Eight settings"
