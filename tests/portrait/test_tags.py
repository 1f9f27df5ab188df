"""Tags from YAML: types, lineage, order, and every fault with file and line at once."""

# ruff: noqa: E501 - whole messages on one line

import pytest

from vostro.portrait import check_rules, parse_rule, read_tags, tag_infos
from vostro.words import FaultsError

from .banks import CONTRACTS, bank, faults_of, tag


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


FAULTS = [
    (tag("x", "attribute: clients.agee"), "tags/b.yaml:4: contract 'clients' has no column 'agee'; did you mean 'clients.age'?"),
    (tag("x", "attribute: client.age"), "tags/b.yaml:4: contract 'client' does not exist; did you mean 'clients'?"),
    (tag("x", "attribute: market.age"), "tags/b.yaml:4: contract 'market' has no customer column"),
    (tag("x", "rule: agee > 1"), "tags/b.yaml:4: there is no tag 'agee'; did you mean age?"),
    (tag("x", "tiers:\n    low: age < 1\n    high: age > 'a'"), "tags/b.yaml:6: age is a number, 'a' is text; they cannot be compared"),
    (tag("x", "tiers:\n    low: otherwise\n    high: age > 1"), "tags/b.yaml:5: 'otherwise' must be the last tier: those below it are never reached"),
    (tag("x", "tiers: {}"), "tags/b.yaml:4: there is no tier"),
    (tag("x", "unit: {en: a, zh: 甲}"), "tags/b.yaml:1: tag 'x' needs exactly one of attribute, aggregate, tiers, rule, model, manual, household and identity; it has none"),
    (tag("x", "rule: age > 1\n  attribute: clients.age"), "tags/b.yaml:4: tag 'x' needs exactly one of attribute, aggregate, tiers, rule, model, manual, household and identity; it has attribute, rule"),
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


def test_a_fault_shows_the_place_in_both_languages(tmp_path):
    fault = check_rules(bank(tmp_path, tag("x", "rule: age > 1 AND agee < 2")), CONTRACTS)[0]
    for language in ("en", "zh"):
        lines = fault.say(language).split("\n")
        assert lines[1].strip() == "age > 1 AND agee < 2"
        assert lines[2].index("^") - lines[1].index("a") == 12
    assert "没有标签" in fault.say("zh")


def test_no_rule_makes_a_forbidden_tag_allowed(tmp_path):
    tags = read_tags(
        bank(tmp_path, tag("student", "rule: job = 'student'") + tag("rich", "rule: aum > 5 OR age > 90")),
        CONTRACTS,
    )
    assert tags["student"].uses == ("show",)  # as job itself
    assert tags["rich"].uses == ("segment", "decide", "show")
    assert (tags["student"].sensitivity, tags["rich"].sensitivity) == ("none", "financial")
    again = bank(tmp_path, tag("student", "rule: job = 'student'\n  uses: [show, price]"))
    assert faults_of(again) == [
        "tags/b.yaml:5: use 'price' is not allowed: tag 'job', which it reads, may not be used so"
    ]
