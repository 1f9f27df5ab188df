"""docs/insight-churn.md: its Python runs as it stands, and its table of portfolios is that of the bench."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from vostro.insight.churn.dormancy import CUSTOMERS_LEAST

PAGE = (Path(__file__).parents[3] / "docs" / "insight-churn.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=["churn", "wealth"])
def test_the_python_runs(block: str) -> None:
    if "wealth" in block and not find_spec("skfolio"):
        pytest.skip("skfolio is not installed: pip install 'vostro[wealth]'")
    exec(compile(block, "insight-churn.md", "exec"), {})


def test_its_numbers_are_those_of_the_code() -> None:
    assert f"fewer than {CUSTOMERS_LEAST} customers with two active days" in PAGE
