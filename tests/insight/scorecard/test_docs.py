"""docs/insight-scorecard.md: its Python runs as it stands, and its numbers are those of the code."""

import re
from pathlib import Path

from vostro.insight.scorecard import Limits
from vostro.insight.scorecard.bins import LEVEL_ROWS_LEAST, PREBINS, SHRINK_ROWS

PAGE = (Path(__file__).parents[3] / "docs" / "insight-scorecard.md").read_text(encoding="utf-8")


def test_the_python_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, "insight-scorecard.md", "exec"), {})


def test_its_numbers_are_those_of_the_code() -> None:
    limits = Limits()
    for said in (
        f"at most {PREBINS} prebins",
        f"at least {100 * limits.share_least:g} % of the rows",
        f"at most {limits.bins_most} bins",
        f"differ by {limits.z_least:g} standard errors",
        f"information value below {limits.iv_least:g}",
        f"p-value above {limits.p_most:g}",
        f"fewer than {LEVEL_ROWS_LEAST} rows",
        f"as if {SHRINK_ROWS:g} average customers",
    ):
        assert said in PAGE.replace("\n", " "), said
