"""Allowed uses hold wherever a rule is read: whoever parses one over tags says what it is for."""

import ast
from pathlib import Path

import pytest

import vostro
from vostro.portrait import RuleError, parse_rule, read_segments, read_tags
from vostro.words import FaultsError

from ..banks import CONTRACTS, bank, tag

SOURCE = Path(vostro.__file__).parent
# Rules over something else than a bank's tags, or rules whose uses are checked by what they read:
WITHOUT_USE = {
    "portrait/aggregate/reading.py": "over columns of a contract",
    "portrait/tag_making.py": "a rule tag inherits the uses of what it reads",
    "portrait/bench.py": "made-up tags",
    "portrait/index/bench.py": "made-up tags",
    "insight/definitions.py": "over fields of events",
    "insight/cluster_rules.py": "written by the program over features that it may read",
}


def _calls_without_use(path: Path) -> int:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "parse_rule"
    ]
    return sum("use" not in {each.arg for each in call.keywords} for call in calls)


def test_every_rule_over_tags_says_its_use() -> None:
    found = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if _calls_without_use(path)}
    assert found <= set(WITHOUT_USE)


@pytest.mark.parametrize("use", ["segment", "decide", "price"])
def test_a_tag_is_refused_for_what_it_may_not_do(tmp_path: Path, use: str) -> None:
    """``job`` may only be shown, ``age`` may be used for all but prices."""
    tags = read_tags(bank(tmp_path), CONTRACTS)
    with pytest.raises(RuleError, match="may not be used to"):
        parse_rule("job = 'student'", tags, use=use)
    if use == "price":
        with pytest.raises(RuleError, match="may not be used to set a price"):
            parse_rule("age > 3", tags, use=use)
    else:
        assert parse_rule("age > 3", tags, use=use).tags == {"age"}


def test_a_tag_that_may_price_does(tmp_path: Path) -> None:
    text = tag("tenure", "attribute: clients.age\n  uses: [price, decide]") + tag(
        "long", "rule: tenure > 5\n  uses: [price]"
    )
    tags = read_tags(bank(tmp_path, text), CONTRACTS)
    assert parse_rule("long OR tenure > 9", tags, use="price").tags == {"long", "tenure"}
    with pytest.raises(RuleError, match="may not be used to select a segment"):
        parse_rule("long", tags, use="segment")


def test_a_segment_of_a_forbidden_tag_is_a_fault(tmp_path: Path) -> None:
    folder = bank(tmp_path, segments="- {segment: s, name: {en: S, zh: 群}, rule: job = 'student'}\n")
    with pytest.raises(
        FaultsError, match=r"segments/b\.yaml:1: tag 'job' may not be used to select a segment"
    ):
        read_segments(folder, read_tags(folder, CONTRACTS))
