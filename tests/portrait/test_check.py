"""What the rule language refuses: for each mistake the place, the reason and, where one is near, a suggestion."""

import pytest

from vostro.portrait import RuleError, TagInfo, parse_rule
from vostro.words import Text

TAGS = {
    "age": TagInfo(type="integer", name=Text(en="Age", zh="年龄")),
    "stars": TagInfo(type="integer", name=Text(en="Stars", zh="星级"), values=(1, 2, 3)),
    "aum_cny": TagInfo(type="decimal", name=Text(en="Assets", zh="资产")),
    "rate": TagInfo(type="number", name=Text(en="Rate", zh="利率"), uses=("show", "decide")),
    "job": TagInfo(type="text", name=Text(en="Job", zh="职业"), values=("student", "retired", "admin.")),
    "city": TagInfo(type="text", name=Text(en="City", zh="城市")),
    "in_default": TagInfo(type="boolean", name=Text(en="In default", zh="违约")),
    "born": TagInfo(type="date", name=Text(en="Born", zh="出生日期")),
    "seen": TagInfo(type="moment", name=Text(en="Seen", zh="最近到访")),
}

# rule, the text under the carets, words of the reason, the suggestion
REFUSED = [
    ("agee >= 18", "agee", "no tag 'agee'", "age"),
    ("age >= 18 AND\n  jub = 'student'", "jub", "no tag 'jub'", "job"),
    ("AGE >= 18", "AGE", "no tag 'AGE'", "age"),
    ("年龄 >= 18", "年龄", "no tag", "age"),
    ("clients.age >= 18", "clients.age", "without a table", "age"),
    ('job = "student"', '"student"', "single quotes", None),
    ("job = 'studnt'", "'studnt'", "not a value of job", "'student'"),
    ("job IN ('student', 'Retired')", "'Retired'", "not a value of job", "'retired'"),
    ("stars = 4", "4", "not a value of stars (1, 2, 3)", None),
    ("age > '18'", "'18'", "cannot be compared", "18"),
    ("age = 'old'", "'old'", "cannot be compared", None),
    ("city = 5", "5", "cannot be compared", "'5'"),
    ("in_default = 1", "1", "cannot be compared", "TRUE"),
    ("in_default = 'no'", "'no'", "cannot be compared", "FALSE"),
    ("in_default > FALSE", "in_default", "cannot be compared with '>'", None),
    ("born = seen", "born", "cannot be compared", None),
    ("born > '2026-02-30'", "'2026-02-30'", "not a date", None),
    ("seen > '2026-02-01'", "'2026-02-01'", "time zone", None),
    ("seen > TIMESTAMP '2026-02-01 09:00'", "'2026-02-01 09:00'", "time zone", None),
    ("age", "age", "a condition is needed", None),
    ("age AND in_default", "age", "a condition is needed", None),
    ("NOT city", "city", "a condition is needed", None),
    ("city + 1 > 2", "city", "only numbers", None),
    ("-in_default = 1", "in_default", "only numbers", None),
    ("age = NULL", "age", "never true; write IS NULL", None),
    ("age IN (1, NULL)", "NULL", "never", None),
    ("age NOT IN ()", "age", "IN needs a list", None),
    ("age IN (stars)", "stars", "written values only", None),
    ("age IN (SELECT 1)", "age", "IN needs a list", None),
    ("age BETWEEN 60 AND 18", "age BETWEEN 60 AND 18", "the lower value comes first", None),
    ("18 < age < 60", "18 < age", "parentheses", None),
    ("in_default = age IS NULL", "age", "parentheses", None),
    ("age IS 5", "age IS 5", "NULL, TRUE or FALSE", None),
    ("city LIKE job", "job", "pattern in quotes", None),
    ("age LIKE '1%'", "age", "LIKE is for text", None),
    ("city LIKE 'a\\%'", "'a\\%'", "'\\' means different things", None),
    ("city LIKE 'a!%' ESCAPE '!'", "city LIKE 'a!%' ESCAPE '!'", "% and _ only", None),
    ("city ILIKE 'a%'", "city ILIKE 'a%'", "capitals", None),
    ("city LIKE ANY ('a', 'b')", "'a', 'b'", "ANY is not allowed", None),
    ("UPPER(city) = 'A'", "UPPER(city", "only function of a rule is COALESCE", None),
    ("risk_score(age) > 1", "risk_score", "only function of a rule is COALESCE", None),
    ("born > CURRENT_DATE", None, "reads no clock", None),
    ("NOW() > seen", None, "not allowed", None),
    ("CASE WHEN age > 1 THEN TRUE END", None, "tiers", None),
    ("CAST(age AS TEXT) = '1'", None, "type already", None),
    ("age::text = '1'", None, "type already", None),
    ("age % 2 = 0", None, "MOD is not allowed", None),
    ("city || 'x' = 'y'", None, "texts are not joined", None),
    ("age > 18 || in_default", None, "OR between conditions", None),
    ("age IS DISTINCT FROM stars", None, "not allowed", None),
    ("(age, stars) = (1, 2)", None, "not allowed", None),
    ("EXISTS (SELECT 1)", None, "not allowed", None),
    ("age > (SELECT 1)", None, "reads tags only", None),
    ("age > ?", None, "not allowed", None),
    ("age BETWEEN SYMMETRIC 1 AND 2", None, "SYMMETRIC", None),
    ("COALESCE(age, 'x') > 1", "'x'", "cannot be compared", None),
    ("COALESCE(in_default, 0)", "0", "cannot be compared", "FALSE"),
    ("", "", "empty", None),
    ("  -- nothing", None, "empty", None),
    ("age > 18 AND", None, "lacks a value", None),
    ("age >", ">", "lacks a value", None),
    ("age > 18 in_default", "in_default", "not expected here", None),
    ("age > 18 && in_default", "&&", "not expected here", "AND"),
    ("age >= 18; DROP TABLE event", ";", "';' is not used", None),
    ("age ＞ 18", "＞", "not an SQL sign", ">"),
    ("age > 18 AND （in_default）", "（", "not an SQL sign", "("),
    ("job = ‘student’", "‘", "not an SQL sign", "'"),
    ("age ≥ 18", "≥", "not an SQL sign", ">="),
    ("job = 'student", "'", "not closed", None),
    ("(age > 18", "(", "not closed", None),
    ("age > 18)", ")", "closes nothing", None),
    ("age > 1e999", "1e999", "not a number", None),
    ("age > 1_000", "_000", "not expected here", None),
    ("(" * 61 + "in_default" + ")" * 61, "(", "nested more than 60", None),
    ("NOT " * 90 + "in_default", None, "nested more than 60", None),
    ("age " + "+ 1 " * 90 + "> 1", None, "nested more than 60", None),
    ("in_default OR " * 8_000 + "in_default", None, "characters", None),
    ("*", None, "not allowed", None),
    ("age > 1\0", "\0", "not an SQL sign", " "),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "under", "reason", "suggestion"), REFUSED, ids=[row[0][:40] for row in REFUSED]
)
def test_refused_with_place_reason_and_suggestion(text, under, reason, suggestion):
    with pytest.raises(RuleError) as caught:
        parse_rule(text, TAGS)
    error = caught.value
    assert reason in error.reason.en
    assert error.suggestion == suggestion
    line = text.split("\n")[error.line - 1] if len(text) < 10_000 else text
    assert 1 <= error.column <= len(line) + 1
    if under is not None:
        assert line[error.column - 1 :].startswith(under)
        assert str(error).endswith("^" * len(under) if under.isascii() else "^")
    for language in ("en", "zh"):
        said = error.say(language)
        assert f"{error.line}" in said and "^" in said and said.isprintable() is False  # it has line ends
    assert any("一" <= letter <= "鿿" for letter in error.reason.zh)


def test_a_tag_is_refused_for_a_use_that_is_not_allowed():
    assert parse_rule("rate > 0.1", TAGS, use="decide").tags == {"rate"}
    with pytest.raises(RuleError) as caught:
        parse_rule("age > 1 AND rate > 0.1", TAGS, use="segment")
    assert caught.value.column == 13
    assert "may not be used to select a segment" in caught.value.reason.en


ACCEPTED = [
    "age >= 18 -- adults only, don't ask\n AND NOT in_default /* it's law */",
    "((((age)))) > (((18)))",
    "job IN ('student') AND city NOT LIKE 'X%'",
    "NVL(age, 0) > 1",
    "born BETWEEN '1990-01-01' AND DATE '1999-12-31'",
    "DATE '1990-01-01' < born",
    "seen >= '2026-01-31T09:00+08:00'",
    "in_default IS NOT TRUE AND (age > 1) IS TRUE",
    "(age > 18) = in_default",
    "TRUE OR NULL",
    "+age > - 5",
    "in_default OR " * 5_000 + "in_default",
    "age IN (" + ", ".join(map(str, range(9_000))) + ")",
    "(" * 30 + "age > 1" + ")" * 30,
    "age = 1 AND age <> 2 AND NOT age = 3 AND age != 4",
]


@pytest.mark.parametrize("text", ACCEPTED, ids=[text[:40] for text in ACCEPTED])
def test_accepted(text):
    rule = parse_rule(text, TAGS)
    portrait = dict.fromkeys(TAGS)
    assert rule.for_customer()(portrait) in (True, False, None)


def test_not_like_is_the_opposite_of_like():
    # sqlglot keeps NOT LIKE as a flag of Like; losing it would turn a rule into its opposite.
    for text in ("city NOT LIKE 'a%'", "NOT city LIKE 'a%'", "NOT (city LIKE 'a%')"):
        ask = parse_rule(text, TAGS).for_customer()
        assert [ask({"city": city}) for city in ("abc", "xyz", None)] == [False, True, None]


def test_precedence_is_that_of_sql():
    ask = parse_rule("in_default OR age > 60 AND NOT stars = 1", TAGS).for_customer()
    assert ask({"in_default": True, "age": 1, "stars": 1}) is True
    assert ask({"in_default": False, "age": 70, "stars": 1}) is False
    ask = parse_rule("age - 1 - 2 * 3 = 4", TAGS).for_customer()
    assert ask({"age": 11}) is True
