"""Product knowledge of a small bank, in Python and as files."""

from vostro.insight.recommend import Condition, Fit, LifeEvent, Product
from vostro.portrait import TagInfo
from vostro.words import Text

TAGS = {
    "age": TagInfo(type="integer", name=Text(en="Age", zh="年龄")),
    "balance": TagInfo(type="decimal", name=Text(en="Balance", zh="余额"), scale=2),
    "risk_level": TagInfo(type="integer", name=Text(en="Risk tolerance", zh="风险承受能力")),
    "child_days": TagInfo(type="integer", name=Text(en="Days since a child was born", zh="子女出生天数")),
    "city": TagInfo(type="text", name=Text(en="City", zh="城市")),
    "secret": TagInfo(type="integer", name=Text(en="Secret", zh="机密"), uses=("show",)),
}


def named(en: str, zh: str) -> Text:
    return Text(en=en, zh=zh)


PRODUCTS = [
    Product(product="accounts", name=named("account", "账户"), sold=False),
    Product(product="investments", name=named("investment", "投资"), sold=False),
    Product(product="salary_account", name=named("salary account", "工资账户"), kinds=("accounts",)),
    Product(
        product="deposit",
        name=named("term deposit", "定期存款"),
        needs=("accounts",),
        excludes=("investments",),
        fits=(
            Fit(when="balance > 50000", weight=2.0, why=named("a high balance lies idle", "余额较高且闲置")),
            Fit(when="age >= 60"),
        ),
    ),
    Product(
        product="fund",
        name=named("fund", "基金"),
        kinds=("investments",),
        needs=("accounts",),
        suitable=(
            Condition(
                when="risk_level >= 3", why=named("risk tolerance of 3 or more", "风险承受能力不低于 3 级")
            ),
        ),
        fits=(Fit(when="balance > 20000", weight=1.1), Fit(when="city = 'Brno'", weight=0.3)),
    ),
    Product(
        product="child_plan",
        name=named("savings plan for children", "儿童储蓄计划"),
        suitable=(Condition(when="age >= 18"),),
        fits=(Fit(life_event="new_child", weight=3.0),),
    ),
]
EVENTS = [
    LifeEvent(life_event="new_child", name=named("a child was born", "子女出生"), when="child_days <= 365")
]

FILE = """- product: accounts
  name: {en: account, zh: 账户}
  sold: false
- product: deposit
  name: {en: term deposit, zh: 定期存款}
  needs: [accounts]
  fits:
    - {when: balance > 50000, weight: 2, why: {en: a high balance lies idle, zh: 余额较高且闲置}}
    - {life_event: new_child}
"""
EVENT_FILE = """- life_event: new_child
  name: {en: a child was born, zh: 子女出生}
  when: child_days <= 365
"""
