"""docs/insight-value.md: its Python runs as it stands, and its numbers are those of the bench."""

import re
from pathlib import Path
from typing import Any

from vostro.insight.value.fitting import REPEATERS_LEAST

PAGE = (Path(__file__).parents[3] / "docs" / "insight-value.md").read_text(encoding="utf-8")


def test_the_python_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, "insight-value.md", "exec"), {})


def test_its_table_is_that_of_the_bench(measured_cdnow: dict[str, Any]) -> None:
    for name in ("all", "all_plain"):
        told = measured_cdnow[name]
        row = (
            f"{told['expected']:,.0f} ({100 * told['total_error']:+.1f} %) | {told['expected_low']:,.0f} – "
            f"{told['expected_high']:,.0f} | {told['rmse']:.3f} | {told['mae']:.3f} |"
        )
        assert row.replace("-", "−") in PAGE, row
    assert f"fewer than {REPEATERS_LEAST} customers" in PAGE
