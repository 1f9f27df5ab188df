"""docs/insight-price.md: its Python runs as it stands."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[3] / "docs" / "insight-price.md").read_text(encoding="utf-8")


def test_the_python_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, "insight-price.md", "exec"), {})
