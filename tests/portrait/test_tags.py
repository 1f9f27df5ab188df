"""Tags and segments from YAML: types, lineage, order, and every fault with file and line at once."""

# ruff: noqa: E501 - whole messages on one line

from pathlib import Path

import pytest

from vostro.capture import Contract, ContractColumn
from vostro.portrait import check_rules, parse_rule, read_segments, read_tags, tag_infos
from vostro.words import FaultsError, Text

MEANING = Text(en="a", zh="甲")
COLUMNS = {
    "customer_id": ContractColumn(type="text", meaning=MEANING, personal_data="identity"),
    "age": ContractColumn(type="integer", meaning=MEANING, personal_data="basic"),
    "aum": ContractColumn(type="decimal", meaning=MEANING, decimal=(38, 2), personal_data="financial"),
    "job": ContractColumn(type="text", meaning=MEANING, allowed=["student", "retired"]),
    "in_default": ContractColumn(type="boolean", meaning=MEANING),
}
CONTRACTS = {
    "clients": Contract(
        contract="clients",
        meaning=MEANING,
        file="c.csv",
        columns=COLUMNS,
        key=["customer_id"],
        customer="customer_id",
    ),
    "market": Contract(contract="market", meaning=MEANING, file="m.csv", columns={"age": COLUMNS["age"]}),
}
ATTRIBUTES = """\
- {tag: age, name: {en: Age, zh: 年龄}, dimension: basic, attribute: clients.age}
- {tag: aum, name: {en: Assets, zh: 资产}, dimension: consumption, attribute: clients.aum}
- {tag: job, name: {en: Job, zh: 职业}, dimension: basic, attribute: clients.job, uses: [show]}
"""


def bank(tmp_path: Path, tags: str = "", segments: str = "") -> Path:
    for name, text in (("tags", ATTRIBUTES), ("segments", "")):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "a.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "tags" / "b.yaml").write_text(tags, encoding="utf-8")
    (tmp_path / "segments" / "b.yaml").write_text(segments, encoding="utf-8")
    return tmp_path


def tag(code: str, rest: str) -> str:
    return f"- tag: {code}\n  name: {{en: A, zh: 甲}}\n  dimension: basic\n  {rest}\n"


def faults_of(folder: Path) -> list[str]:
    return [str(fault).split("\n")[0] for fault in check_rules(folder, CONTRACTS)]


def test_attributes_take_type_values_and_class_from_their_contract(tmp_path):
    tags = read_tags(bank(tmp_path), CONTRACTS)
    assert {code: each.type for code, each in tags.items()} == {
        "age": "integer",
        "aum": "decimal",
        "job": "text",
    }
    assert tags["job"].values == ("student", "retired")
    assert (tags["aum"].digits, tags["aum"].scale) == (20, 2)  # 18 before the point: products stay exact
    assert tags["aum"].sensitivity == "financial"
    assert tags["age"].columns == {"clients.age"}
    assert tags["age"].kind == "attribute"
    assert (tags["job"].file, tags["job"].line) == ("tags/a.yaml", 3)
    assert tag_infos(tags)["age"].name.zh == "年龄"


def test_rule_tags_know_their_lineage_and_come_after_what_they_read(tmp_path):
    text = (
        tag("vip", "rule: tier = 'gold' AND age > 30")
        + tag("tier", "tiers: {gold: aum >= 100, young: age < 30, mass: otherwise}")
        + tag("old", "rule: age > 60")
    )
    tags = read_tags(bank(tmp_path, text), CONTRACTS)
    order = list(tags)
    assert order.index("vip") > order.index("tier")
    assert (tags["tier"].type, tags["tier"].values) == ("text", ("gold", "young", "mass"))
    assert tags["vip"].type == "boolean"
    assert tags["vip"].depends == {"tier", "age"}
    assert tags["vip"].columns == {"clients.aum", "clients.age"}


def test_a_circle_is_told_once_with_its_path(tmp_path):
    text = (
        tag("one", "rule: two AND age > 1")
        + tag("two", "tiers: {x: three}")
        + tag("three", "rule: one")
        + tag("self", "rule: NOT self")
        + tag("behind", "rule: three AND age > 5")
    )
    assert faults_of(bank(tmp_path, text)) == [
        "tags/b.yaml:4: tags read each other in a circle: one → two → three → one",
        "tags/b.yaml:16: tag 'self' reads itself",
    ]


def test_a_long_chain_of_tags_is_no_circle(tmp_path):
    text = "".join(tag(f"t{i}", f"rule: t{i + 1} OR age > {i}") for i in range(1_200)) + tag(
        "t1200", "rule: age > 5"
    )
    tags = read_tags(bank(tmp_path, text), CONTRACTS)
    assert next(code for code in tags if code.startswith("t")) == "t1200"


FAULTS = [
    (tag("x", "attribute: clients.agee"), "tags/b.yaml:4: contract 'clients' has no column 'agee'; did you mean 'clients.age'?"),
    (tag("x", "attribute: client.age"), "tags/b.yaml:4: contract 'client' does not exist; did you mean 'clients'?"),
    (tag("x", "attribute: market.age"), "tags/b.yaml:4: contract 'market' has no customer column"),
    (tag("x", "rule: agee > 1"), "tags/b.yaml:4: there is no tag 'agee'; did you mean age?"),
    (tag("x", "tiers:\n    low: age < 1\n    high: age > 'a'"), "tags/b.yaml:6: age is a number, 'a' is text; they cannot be compared"),
    (tag("x", "tiers:\n    low: otherwise\n    high: age > 1"), "tags/b.yaml:5: 'otherwise' must be the last tier: those below it are never reached"),
    (tag("x", "tiers: {}"), "tags/b.yaml:4: there is no tier"),
    (tag("x", "unit: {en: a, zh: 甲}"), "tags/b.yaml:1: tag 'x' needs exactly one of attribute, tiers and rule; it has none"),
    (tag("x", "rule: age > 1\n  attribute: clients.age"), "tags/b.yaml:4: tag 'x' needs exactly one of attribute, tiers and rule; it has attribute, rule"),
    (tag("case", "rule: age > 1"), "tags/b.yaml:1: 'case' is a word of SQL; call the tag 'case_tag' or the like"),
    (tag("current_date", "rule: age > 1"), "tags/b.yaml:1: 'current_date' is a word of SQL; call the tag 'current_date_tag' or the like"),
    (tag("x", "ruel: age > 1"), "tags/b.yaml:4: unknown field 'ruel'; did you mean 'rule'?"),
    (tag("x", "rule: age > 1").replace("basic", "basics"), "tags/b.yaml:3: dimension: Invalid enum value 'basics'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fault"), FAULTS, ids=[fault.split(": ", 1)[1][:40] for _, fault in FAULTS])
def test_a_fault_has_file_and_line(tmp_path, text, fault):
    folder = bank(tmp_path, text)
    assert faults_of(folder) == [fault]
    with pytest.raises(FaultsError):
        read_tags(folder, CONTRACTS)


def test_words_that_look_like_sql_may_still_be_tags(tmp_path):
    text = "".join(
        tag(code, "rule: age > 1") for code in ("month", "date", "day", "level", "rank", "status", "type")
    )
    tags = read_tags(bank(tmp_path, text), CONTRACTS)
    assert parse_rule("month AND date AND NOT level = type", tags).tags == {"month", "date", "level", "type"}


def test_all_faults_of_tags_and_segments_at_once(tmp_path):
    tags = (
        tag("x", "rule: agee > 1") + tag("y", "rule: x AND age > 1") + tag("z", "attribute: clients.nothing")
    )
    segments = """\
- segment: one
  name: {en: One, zh: 一}
  rule: age >= 18 AN in_default
- segment: two
  name: {en: Two, zh: 二}
  rule: |
    age >= 18
    AND job = 'student'
- {segment: three, name: {en: Three, zh: 三}, rule: x OR age > 2}
"""
    assert faults_of(bank(tmp_path, tags, segments)) == [
        "tags/b.yaml:4: there is no tag 'agee'; did you mean age?",
        "tags/b.yaml:12: contract 'clients' has no column 'nothing'",
        "segments/b.yaml:3: 'AN' is not expected here; is AND, OR or an operator missing before it?",
        "segments/b.yaml:6: tag 'job' may not be used to select a segment (its uses: show)",
    ]  # 'y' and 'three' read a tag that has its own fault: they are not told again


def test_a_fault_shows_the_place_in_both_languages(tmp_path):
    fault = check_rules(bank(tmp_path, tag("x", "rule: age > 1 AND agee < 2")), CONTRACTS)[0]
    for language in ("en", "zh"):
        lines = fault.say(language).split("\n")
        assert lines[1].strip() == "age > 1 AND agee < 2"
        assert lines[2].index("^") - lines[1].index("a") == 12
    assert "没有标签" in fault.say("zh")


def test_segments(tmp_path):
    folder = bank(tmp_path, "", "- {segment: adults, name: {en: Adults, zh: 成年}, rule: age >= 18}\n")
    segments = read_segments(folder, read_tags(folder, CONTRACTS))
    assert segments["adults"].rule.words("zh") == "年龄不低于18"
    assert segments["adults"].rule.tags == {"age"}
    (folder / "segments" / "b.yaml").write_text(
        "- {segment: a, name: {en: A, zh: 甲}, rule: aged > 1}\n", encoding="utf-8"
    )
    with pytest.raises(FaultsError, match=r"segments/b\.yaml:1"):
        read_segments(folder, read_tags(folder, CONTRACTS))


def test_broken_yaml_of_tags_does_not_blame_segments(tmp_path):
    folder = bank(tmp_path, "- tag: [", "- {segment: a, name: {en: A, zh: 甲}, rule: anything > 1}\n")
    assert len(faults_of(folder)) == 1
