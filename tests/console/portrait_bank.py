# ruff: noqa: E501  definitions stand one a line
"""A simulated bank of forty days, loaded file by file into a real workspace, with tags of every dimension.

One day's payments are cut off and lose their amounts; one branch is closed; a few records are broken: the
report has something to show.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from vostro.bank import read_bank
from vostro.capture import load
from vostro.engine import Settings, Workspace
from vostro.portrait import build_portraits
from vostro.stages import PortraitReport, portrait_report

START = datetime(2026, 3, 2, 4, tzinfo=UTC)
DAYS, CLIENTS = 40, 900
MERCHANTS = {"dining": 0.25, "groceries": 0.35, "travel": 0.1, "fuel": 0.15, "other": 0.15}
CITIES = ["Shanghai", "Hangzhou", "Nanjing", "Suzhou", "Ningbo", "Wuxi"]

HEADER = """
bank: harbour
name: {en: Harbour Bank, zh: 海港银行}
currency: CNY
zone: Asia/Shanghai
"""
CONTRACTS = """
- contract: branches
  meaning: {en: Branches, zh: 网点}
  file: branches_*.csv
  key: [branch]
  watch: {snapshot: true}
  columns:
    branch: {type: text, meaning: {en: Branch, zh: 网点}}
    city: {type: text, meaning: {en: City, zh: 城市}}
- contract: clients
  meaning: {en: "Customers, weekly", zh: 客户周报}
  file: clients_*.csv
  key: [client]
  customer: client
  expected: every 1 week
  references: [{column: branch, to: branches.branch}]
  columns:
    client: {type: text, personal_data: identity, meaning: {en: Customer number, zh: 客户号}}
    age: {type: integer, min: 16, max: 110, personal_data: basic, meaning: {en: Age, zh: 年龄}}
    city: {type: text, personal_data: basic, meaning: {en: City of residence, zh: 居住城市}}
    branch: {type: text, meaning: {en: Branch, zh: 所属网点}}
    balance: {type: decimal, decimal: [14, 2], personal_data: financial, meaning: {en: Balance, zh: 存款余额}}
    opened: {type: date, meaning: {en: Account opened on, zh: 开户日期}}
    phone: {type: text, personal_data: contact, meaning: {en: Telephone, zh: 联系电话}}
    app: {type: boolean, meaning: {en: Uses the app, zh: 使用手机银行}}
- contract: payments
  meaning: {en: Card payments, zh: 银行卡消费}
  file: payments_*.csv
  key: [payment]
  customer: client
  event_time: {column: paid}
  event: card_payment
  expected: every 1 day
  columns:
    payment: {type: text, meaning: {en: Payment, zh: 支付流水号}}
    client: {type: text, personal_data: identity, meaning: {en: Customer number, zh: 客户号}}
    paid: {type: moment, meaning: {en: When, zh: 支付时间}}
    amount: {type: decimal, decimal: [12, 2], min: 0, meaning: {en: Amount, zh: 金额}}
    merchant: {type: text, allowed: [dining, groceries, travel, fuel, other], meaning: {en: Merchant group, zh: 商户类别}}
"""
TAGS = """
- {tag: age, name: {en: Age, zh: 年龄}, dimension: basic, attribute: clients.age, unit: {en: years, zh: 岁}, owner: Data office}
- {tag: city, name: {en: City, zh: 居住城市}, dimension: basic, attribute: clients.city}
- {tag: phone, name: {en: Telephone, zh: 联系电话}, dimension: basic, attribute: clients.phone, uses: [decide]}
- {tag: opened, name: {en: Customer since, zh: 开户日期}, dimension: basic, attribute: clients.opened}
- tag: age_band
  name: {en: Age band, zh: 年龄段}
  dimension: basic
  tiers: {young: age < 30, middle: age < 55, senior: otherwise}
  values: {young: {en: under 30, zh: 30 岁以下}, middle: {en: 30 to 54, zh: 30 至 54 岁}, senior: {en: 55 and above, zh: 55 岁及以上}}
- {tag: balance, name: {en: Balance, zh: 存款余额}, dimension: credit, attribute: clients.balance, purpose: {en: Serve by wealth, zh: 分层服务}, refresh: 1 week}
- tag: wealth_tier
  name: {en: Wealth tier, zh: 财富等级}
  dimension: credit
  tiers: {gold: balance >= 200000, silver: balance >= 50000, mass: otherwise}
  values: {gold: {en: gold, zh: 金卡}, silver: {en: silver, zh: 银卡}, mass: {en: mass market, zh: 大众}}
- {tag: uses_app, name: {en: Uses the app, zh: 使用手机银行}, dimension: behaviour, attribute: clients.app}
- {tag: payments_30d, name: {en: "Payments, last 30 days", zh: 近30天消费笔数}, dimension: consumption, aggregate: {of: payments, measure: count, window: 30 days}}
- {tag: spend_30d, name: {en: "Spending, last 30 days", zh: 近30天消费金额}, dimension: consumption, aggregate: {of: payments, measure: sum(amount), window: 30 days}}
- {tag: spend_mean, name: {en: Mean payment, zh: 笔均消费}, dimension: consumption, aggregate: {of: payments, measure: mean(amount), window: 30 days}}
- {tag: spend_max, name: {en: Largest payment, zh: 最大单笔消费}, dimension: consumption, aggregate: {of: payments, measure: max(amount), window: 30 days}}
- {tag: dining_share, name: {en: Share of dining, zh: 餐饮消费占比}, dimension: interest, aggregate: {of: payments, measure: sum(amount), where: "merchant = 'dining'", window: 30 days, ratio_to: {measure: sum(amount)}}}
- {tag: travel_count, name: {en: Travel payments, zh: 旅行消费笔数}, dimension: interest, aggregate: {of: payments, measure: count, where: "merchant = 'travel'", window: 30 days}}
- {tag: top_merchant, name: {en: Favourite merchant group, zh: 最常消费类别}, dimension: interest, aggregate: {of: payments, measure: top(merchant), window: 30 days}}
- {tag: days_quiet, name: {en: Days since the last payment, zh: 距上次消费天数}, dimension: behaviour, aggregate: {of: payments, measure: days_since_last}, unit: {en: days, zh: 天}}
- {tag: spend_trend, name: {en: Trend of spending, zh: 消费趋势}, dimension: consumption, aggregate: {of: payments, measure: sum(amount), window: 14 days, trend: true}}
- {tag: foodie, name: {en: Likes dining out, zh: 餐饮偏好}, dimension: interest, rule: dining_share > 0.3}
- {tag: traveller, name: {en: Traveller, zh: 旅行偏好}, dimension: interest, rule: travel_count >= 2}
- {tag: quiet, name: {en: Has gone quiet, zh: 近期沉寂}, dimension: behaviour, rule: days_quiet > 10}
- {tag: satisfied, name: {en: Satisfaction, zh: 满意度}, dimension: experience, manual: text, values: {pleased: {en: pleased, zh: 满意}, annoyed: {en: annoyed, zh: 不满}}}
- template: rfm
  prefix: pay
  of: payments
  amount: amount
  window: 60 days
  cuts: {recency: [1, 3, 6, 12], frequency: [2, 5, 9, 15], monetary: [200, 500, 1200, 3000]}
- template: lifecycle
  of: payments
  window: 14 days
  new: 7 days
  dormant: 12 days
  lost: 25 days
"""
SEGMENTS = """
- {segment: wealthy, name: {en: Wealthy, zh: 高净值}, rule: "wealth_tier IN ('gold', 'silver')"}
- {segment: gold, name: {en: Gold, zh: 金卡客户}, rule: "wealth_tier = 'gold'"}
- {segment: young_app, name: {en: Young and in the app, zh: 年轻手机银行客户}, rule: age < 30 AND uses_app}
- {segment: diners, name: {en: Dining out, zh: 餐饮爱好者}, rule: foodie}
- {segment: travellers, name: {en: Travellers, zh: 旅行爱好者}, rule: traveller}
- {segment: gone_quiet, name: {en: Gone quiet, zh: 沉寂客户}, rule: quiet OR days_quiet IS NULL}
- {segment: nobody, name: {en: Older than a hundred, zh: 百岁以上}, rule: age > 108}
"""


def write_bank(folder: Path, extra_tags: int = 0) -> None:
    """Write the bank's definitions; ``extra_tags`` more rules make a long catalogue."""
    dimensions = ("basic", "interest", "social", "consumption", "credit", "behaviour", "experience")
    more = "".join(
        f"- {{tag: extra_{n}, name: {{en: Extra tag {n}, zh: 附加标签 {n}}}, dimension: {dimensions[n % 7]}, "
        f"rule: age > {18 + n % 60}}}\n"
        for n in range(extra_tags)
    )
    parts = {"contracts/all": CONTRACTS, "tags/all": TAGS + more, "segments/all": SEGMENTS}
    (folder / "bank.yaml").write_text(HEADER, encoding="utf-8")
    for name, text in parts.items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def clients(rng: np.random.Generator, week: int) -> str:
    """A weekly snapshot; the newcomers of later weeks are younger."""
    lines = ["client,age,city,branch,balance,opened,phone,app"]
    people = np.random.default_rng(5)
    for n in range(CLIENTS):
        age = int(np.clip(people.normal(44, 15), 18, 95))
        balance = people.lognormal(10, 1.3) * (0.4 + age / 60)
        city = people.choice(CITIES, p=[0.35, 0.2, 0.15, 0.12, 0.1, 0.08])
        opened = (START - timedelta(days=int(people.integers(30, 6_000)))).date()
        app = "true" if people.random() < 1.1 - age / 90 else "false"
        branch = f"b{people.integers(1, 7)}"
        amount = "" if rng.random() < 0.03 else f"{balance * rng.normal(1, 0.02):.2f}"
        lines.append(f"c{n:04},{age},{city},{branch},{amount},{opened},13{n:09},{app}")
    if week == 4:
        lines.append("c9999,7,Wuxi,b1,1.00,2020-01-01,130,true")
        lines.append("c9998,40,Wuxi,b99,1.00,2020-01-01,130,true")
    return "\n".join(lines) + "\n"


def payments(rng: np.random.Generator, day: int) -> str:
    """A day's payments."""
    lines = ["payment,client,paid,amount,merchant"]
    names = list(MERCHANTS)
    rows = (
        40 if day == DAYS else int(rng.poisson(420 if (START + timedelta(days=day)).weekday() < 5 else 600))
    )
    activity = np.random.default_rng(6).lognormal(0, 1, CLIENTS)
    buyers = rng.choice(CLIENTS, rows, p=activity / activity.sum())
    for n, buyer in enumerate(buyers):
        when = START + timedelta(days=day, hours=-12, minutes=int(rng.integers(0, 720)))
        amount = "" if day == DAYS and rng.random() < 0.4 else f"{rng.lognormal(4, 0.9):.2f}"
        amount = "-5.00" if rng.random() < 0.004 else amount
        merchant = rng.choice(names, p=list(MERCHANTS.values()))
        lines.append(f"p{day}-{n},c{buyer:04},{when.isoformat()},{amount},{merchant}")
    return "\n".join(lines) + "\n"


def live(workspace: Workspace, data: Path) -> None:
    """Load the files of all days, each at its morning."""
    bank = read_bank(workspace.bank)
    rng = np.random.default_rng(11)

    def take(name: str, file: str, text: str, day: int) -> None:
        path = data / file
        path.write_text(text, encoding="utf-8")
        load_time = START + timedelta(days=day)
        load(bank.contracts[name], path, store=workspace.store, lake=workspace.lake, load_time=load_time)

    every = [f"b{n},{CITIES[n - 1]}" for n in range(1, 7)]
    take("branches", "branches_1.csv", "branch,city\n" + "\n".join(every) + "\n", 0)
    for day in range(1, DAYS + 1):
        if day % 7 == 1:
            take("clients", f"clients_{day // 7}.csv", clients(rng, day // 7), day)
        take("payments", f"payments_{day:02}.csv", payments(rng, day), day)
    take("branches", "branches_2.csv", "branch,city\n" + "\n".join(every[:-1]) + "\n", DAYS)


def make_report(folder: Path, database_url: str, extra_tags: int = 0) -> PortraitReport:
    """Return the report of the bank on the morning after its last day."""
    bank, data = folder / "bank", folder / "data"
    for each in (bank, data):
        each.mkdir(parents=True)
    write_bank(bank, extra_tags)
    settings = Settings(database_url=database_url, memory_limit_mb=512, threads=2)
    with Workspace.open(bank, settings) as workspace:
        live(workspace, data)
        read = read_bank(bank)
        moment = START + timedelta(days=DAYS, hours=6)
        portraits = build_portraits(read.tags, read.contracts, workspace.lake, as_of=moment)
        return portrait_report(read, workspace, portraits, moment=moment)
