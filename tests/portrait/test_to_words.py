"""Rules in words, both languages: what a call agent or a compliance officer would say."""

import pytest

from vostro.portrait import TagInfo, parse_rule
from vostro.words import Text


def tag(kind, en, zh, **more):
    return TagInfo(type=kind, name=Text(en=en, zh=zh), **more)


TAGS = {
    "age": tag("integer", "Age", "年龄", unit=Text(en="years", zh="岁")),
    "aum": tag("decimal", "Assets", "资产"),
    "fee": tag("decimal", "Fee", "费用"),
    "job": tag(
        "text",
        "Job",
        "职业",
        value_names={"st": Text(en="student", zh="学生"), "re": Text(en="retired", zh="退休")},
    ),
    "opted": tag("boolean", "Opted in", "同意营销"),
    "born": tag("date", "Date of birth", "出生日期"),
}

SAID = [
    ("age <> 18", "Age is not 18 years", "年龄不为18岁"),
    ("18 <= age", "Age is at least 18 years", "年龄不低于18岁"),
    ("NOT age < 18", "Age is at least 18 years", "年龄不低于18岁"),
    ("NOT (age < 18 OR opted)", "Age is at least 18 years and Opted in is no", "年龄不低于18岁，且同意营销为“否”"),
    ("NOT NOT opted", "Opted in is yes", "同意营销为“是”"),
    ("opted = FALSE", "Opted in is no", "同意营销为“否”"),
    ("job = 'st'", "Job is student", "职业为学生"),
    ("job IN ('st', 're', 'x')", "Job is student, retired or 'x'", "职业属于学生、退休、“x”之一"),
    ("job NOT IN ('st')", "Job is not student", "职业不为学生"),
    ("age NOT BETWEEN 18 AND 60", "Age is not between 18 and 60 years", "年龄不在18至60岁之间"),
    ("job NOT LIKE '%x%'", "Job does not contain 'x'", "职业不包含“x”"),
    ("job LIKE 'x_'", "Job fits the pattern 'x_'", "职业符合模式“x_”"),
    ("born < '2000-02-29'", "Date of birth is before 29 February 2000", "出生日期早于2000年2月29日"),
    ("aum >= 250000000", "Assets is at least 250,000,000", "资产不低于2.5亿"),
    ("aum >= 12345.60", "Assets is at least 12,345.60", "资产不低于12,345.60"),
    ("aum - fee * 12 > aum / 2", "Assets − Fee × 12 is more than Assets ÷ 2", "资产−费用×12大于资产÷2"),
    ("(aum - fee) * 2 > 1", "(Assets − Fee) × 2 is more than 1", "（资产−费用）×2大于1"),
    ("aum - (fee - 1) > 1", "Assets − (Fee − 1) is more than 1", "资产−（费用−1）大于1"),
    ("-(aum + fee) < 1", "−(Assets + Fee) is less than 1", "−（资产+费用）小于1"),
    ("COALESCE(aum, 0) < 5", "Assets is less than 5 or unknown", "资产小于5或未知"),
    ("COALESCE(aum, 0) > 5", "Assets is more than 5", "资产大于5"),
    ("NOT COALESCE(opted, TRUE)", "Opted in is no", "同意营销为“否”"),
    ("COALESCE(opted, TRUE)", "Opted in is yes or unknown", "同意营销为“是”或未知"),
    ("COALESCE(aum, fee) > 5", "Assets (or Fee, when unknown) is more than 5", "资产（未知时取费用）大于5"),
    (
        "age > 1 AND (opted OR job = 'st') AND aum > 2",
        "Age is more than 1 years, (either Opted in is yes or Job is student) and Assets is more than 2",
        "年龄大于1岁，且（同意营销为“是”，或职业为学生），且资产大于2",
    ),
    (
        "opted AND age > 1 OR aum > 2",
        "(Opted in is yes and Age is more than 1 years) or Assets is more than 2",
        "（同意营销为“是”，且年龄大于1岁），或资产大于2",
    ),
    ("aum IS NOT NULL", "Assets is known", "资产已知"),
    ("opted IS FALSE", "It is known that (Opted in is no)", "可以确认（同意营销为“否”）"),
    ("TRUE", "Always", "恒成立"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "en", "zh"), SAID, ids=[text for text, _, _ in SAID])
def test_said(text, en, zh):
    rule = parse_rule(text, TAGS)
    assert rule.words("en") == en
    assert rule.words("zh") == zh
