"""A definition in words reads as a colleague would say it, in both languages."""

import pytest

from vostro.capture import Contract, ContractColumn, EventTime
from vostro.engine import Located
from vostro.portrait import say_definition
from vostro.portrait.aggregate.reading import AggregateDefinition, RatioDefinition
from vostro.portrait.tag_definition import HouseholdDefinition, ModelDefinition, TagDefinition
from vostro.portrait.tags import build_tags
from vostro.words import Text


def column(kind: str, en: str, zh: str) -> ContractColumn:
    return ContractColumn(type=kind, meaning=Text(en, zh), decimal=(12, 2))


CONTRACTS = {
    "payments": Contract(
        contract="payments",
        meaning=Text("Card payments", "刷卡交易"),
        file="p.csv",
        customer="who",
        event_time=EventTime(column="at"),
        event="card_payment",
        columns={
            "who": column("text", "Customer", "客户号"),
            "at": column("moment", "When", "时间"),
            "amount": column("decimal", "Amount", "金额"),
            "merchant_group": column("text", "Merchant group", "商户类别"),
        },
    )
}
DINING = "merchant_group = 'dining'"


def aggregate(measure: str, **more: object) -> dict[str, object]:
    return {"aggregate": AggregateDefinition(of="card_payment", measure=measure, **more)}


CASES = [
    (aggregate("sum(amount)", where=DINING, window="90 days"),
     "sum of amount of card payments where merchant group is 'dining', last 90 days",
     "近90天刷卡交易的金额合计（商户类别为“dining”）"),
    (aggregate("count"), "number of card payments, all time", "有史以来刷卡交易的笔数"),
    (aggregate("top(merchant_group, 3)", window="2 weeks"),
     "most frequent merchant group of card payments (the first 3), last 14 days",
     "近14天刷卡交易中最常见的商户类别（前 3 个）"),
    (aggregate("days_since_last"), "days since the last of card payments, all time", "有史以来距最近一笔刷卡交易的天数"),
    (aggregate("count", window="30 days", trend=True),
     "change of the number of card payments, last 30 days, against the 30 days before",
     "近30天刷卡交易的笔数，较此前30天的增减比例"),
    (aggregate("sum(amount)", where=DINING, window="90 days", ratio_to=RatioDefinition()),
     "sum of amount of card payments where merchant group is 'dining', last 90 days, divided by sum of amount of card "
     "payments, last 90 days",
     "近90天刷卡交易的金额合计（商户类别为“dining”），与近90天刷卡交易的金额合计之比"),
    ({"attribute": "payments.merchant_group"}, "latest 'Merchant group' of 'Card payments'", "“刷卡交易”中最近的“商户类别”"),
    ({"model": ModelDefinition(estimator="e", value="tenth")},
     "tenth of the probability by estimator 'e' (1: the highest)", "模型“e”估计概率的十分位（1 为最高一成）"),
    ({"manual": "text", "values": {"a": Text("A", "甲"), "b": Text("B", "乙")}, "expires": "30 days"},
     "set by a person, one of a, b; known for 30 days", "由人员设置，取值：a、b；30天后失效"),
    ({"rule": "spent > 5"}, "Spent is more than 5", "消费大于5"),
    ({"tiers": {"high": "spent > 5", "low": "otherwise"}}, "high when spent is more than 5; otherwise low",
     "high：消费大于5；否则：low"),
    ({"household": HouseholdDefinition(by="group", sum="spent")},
     "sum of 'Spent' over customers with the same 'Group'", "“类别”相同的客户的“消费”合计"),
    ({"household": HouseholdDefinition(by="group")}, "number of customers with the same 'Group'", "“类别”相同的客户数"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "en", "zh"), CASES, ids=[en[:40] for _, en, _ in CASES])
def test_in_words(what: dict[str, object], en: str, zh: str) -> None:
    base = {"name": Text("T", "标"), "dimension": "basic"}
    made = [
        TagDefinition(tag="spent", name=Text("Spent", "消费"), dimension="basic", **aggregate("sum(amount)")),
        TagDefinition(
            tag="group", name=Text("Group", "类别"), dimension="basic", attribute="payments.merchant_group"
        ),
        TagDefinition(tag="t", **base, **what),
    ]
    tags, faults = build_tags({each.tag: Located(each, "tags/a.yaml", {}) for each in made}, CONTRACTS)
    assert not faults
    assert say_definition(tags["t"], tags, CONTRACTS, "en") == en
    assert say_definition(tags["t"], tags, CONTRACTS, "zh") == zh
