"""``docs/rules.md`` says what is so: every rule, sentence, refusal, tag file and program on it is run."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from vostro.portrait import RuleError, TagInfo, check_rules, parse_rule
from vostro.words import Text

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")


def _tags():
    tags = {}
    for row in re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", PAGE, re.MULTILINE):
        code, what, en, zh = row
        kind = re.match(r"\w+", what)[0]
        unit = re.search(r"unit (\S+) (\S+)", what)
        tags[code] = TagInfo(
            type=kind,
            name=Text(en=en, zh=zh),
            values=tuple(re.findall("`(.*?)`", what)) or None,
            unit=Text(en=unit[1], zh=unit[2]) if unit else None,
        )
    return tags


TAGS = _tags()
EXAMPLES = re.findall(r"```sql\n(.*?)\n```\n> (.*?)\n>\n> (.*?)\n", PAGE, re.DOTALL)
REFUSALS = re.findall(r"^\| `(.*?)` \| ((?!\w+, unit)[^|]*?) \|$", PAGE, re.MULTILINE)


def test_the_page_holds_what_these_tests_look_for():
    assert len(TAGS) == 12
    assert len(EXAMPLES) == PAGE.count("```sql") >= 10
    assert len(REFUSALS) == 14


@pytest.mark.parametrize(("text", "en", "zh"), EXAMPLES, ids=[text for text, _, _ in EXAMPLES])
def test_a_rule_is_read_and_said(text, en, zh):
    rule = parse_rule(text, TAGS)
    assert rule.words("en") == en
    assert rule.words("zh") == zh


@pytest.mark.parametrize(("text", "reason"), REFUSALS, ids=[text for text, _ in REFUSALS])
def test_a_mistake_is_refused(text, reason):
    with pytest.raises(RuleError) as caught:
        parse_rule(text, TAGS)
    assert caught.value.reason.en == reason


def test_the_carets():
    said = re.search(r"```text\n(.*?)\n```", PAGE, re.DOTALL)[1]
    with pytest.raises(RuleError) as caught:
        parse_rule(said.splitlines()[1].strip(), TAGS)
    assert str(caught.value) == said


def test_claims_about_numbers_and_the_unknown():
    def ask(text, **portrait):
        return parse_rule(text, TAGS).for_customer()(portrait)

    assert ask("0.1 * 3 = 0.3") is True
    assert (
        ask("instalment_cny <= income_cny * 0.55", instalment_cny=Decimal("0.55"), income_cny=Decimal("1.00"))
        is True
    )
    assert ask("age < 30", age=None) is None
    assert ask("NOT age < 30", age=None) is None
    assert ask("age / 0 = 1", age=3) is None
    assert ask("euribor_rate = 1", euribor_rate=float("nan")) is None


def test_the_tag_file(tmp_path):
    (tmp_path / "tags").mkdir()
    attributes = "".join(
        f"- {{tag: {code}, name: {{en: a, zh: b}}, dimension: basic, attribute: clients.{code}}}\n"
        for code in TAGS
    )
    (tmp_path / "tags" / "a.yaml").write_text(attributes, encoding="utf-8")
    wealth = re.search(r"```yaml\n# tags/wealth.yaml\n(.*?)```", PAGE, re.DOTALL)[1]
    (tmp_path / "tags" / "wealth.yaml").write_text(wealth, encoding="utf-8")
    assert check_rules(tmp_path, {"clients": _clients()}) == []


def _clients():
    from vostro.capture import Contract, ContractColumn

    meaning = Text(en="a", zh="b")
    columns = {code: ContractColumn(type=info.type, meaning=meaning) for code, info in TAGS.items()}
    return Contract(contract="clients", meaning=meaning, file="a.csv", columns=columns, customer="city")


def test_the_program():
    exec(re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1], {})
