"""A small bank with known truth: who visited often in the last 30 days buys in the next 30 days."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

START = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 360
END = START + timedelta(days=DAYS)
BANK = """\
bank: small
name: {en: Small bank, zh: 小银行}
currency: CNY
zone: Asia/Shanghai
"""
CONTRACTS = """\
- contract: people
  meaning: {en: People, zh: 客户}
  file: people.csv
  key: [id]
  customer: id
  known: 2025-01-01
  zone: UTC
  columns:
    id: {type: text, personal_data: identity, meaning: {en: Number, zh: 编号}}
    gender: {type: text, personal_data: basic, meaning: {en: Gender, zh: 性别}}
    income: {type: decimal, decimal: [12, 2], personal_data: financial, meaning: {en: Income, zh: 收入}}
- contract: visits
  meaning: {en: Visits, zh: 访问}
  file: "visits*.csv"
  key: [visit]
  customer: id
  event_time: {column: at}
  event: visited
  known: event_time
  columns:
    visit: {type: text, meaning: {en: Visit, zh: 访问编号}}
    id: {type: text, personal_data: identity, meaning: {en: Number, zh: 编号}}
    at: {type: moment, meaning: {en: When, zh: 时间}}
- contract: buys
  meaning: {en: Purchases, zh: 购买}
  file: "buys*.csv"
  key: [buy]
  customer: id
  event_time: {column: at}
  event: bought
  known: event_time
  columns:
    buy: {type: text, meaning: {en: Purchase, zh: 购买编号}}
    id: {type: text, personal_data: identity, meaning: {en: Number, zh: 编号}}
    at: {type: moment, meaning: {en: When, zh: 时间}}
    amount: {type: decimal, decimal: [12, 2], meaning: {en: Amount, zh: 金额}}
    on_day: {type: date, meaning: {en: Day, zh: 日期}}
"""
CONTACTS = """\
contract: contacts
meaning: {en: Contacts, zh: 触达}
file: "contacts*.csv"
key: [contact]
customer: id
event_time: {column: at}
event: contacted
known: event_time
columns:
  contact: {type: text, meaning: {en: Contact, zh: 触达编号}}
  id: {type: text, personal_data: identity, meaning: {en: Number, zh: 编号}}
  at: {type: moment, meaning: {en: When, zh: 时间}}
  way: {type: text, allowed: [call, none, mail], meaning: {en: Way, zh: 方式}}
"""
UPLIFT = """\
- estimator: buys_soon
  name: {en: What a call changes, zh: 外呼增量}
  kind: uplift
  treatment: {event: contacted, arm: way, treated: call, control: none}
  target: {event: bought, within: 20 days}
  features: [visits_30d, income]
  protected: [gender]
"""
TAGS = """\
- {tag: gender, name: {en: Gender, zh: 性别}, dimension: basic, attribute: people.gender, uses: [segment, show]}
- {tag: income, name: {en: Income, zh: 收入}, dimension: consumption, attribute: people.income}
- tag: visits_30d
  name: {en: Visits, zh: 访问次数}
  dimension: behaviour
  aggregate: {of: visits, measure: count, window: 30 days}
- tag: days_since_visit
  name: {en: Days since the last visit, zh: 距上次访问天数}
  dimension: behaviour
  aggregate: {of: visits, measure: days_since_last}
- {tag: buys_ever, name: {en: Purchases, zh: 购买次数}, dimension: behaviour, aggregate: {of: buys, measure: count}}
- {tag: known_visitor, name: {en: Came, zh: 来过}, dimension: behaviour, rule: days_since_visit IS NOT NULL}
- {tag: chance, name: {en: Chance, zh: 概率}, dimension: behaviour, model: {estimator: buys_soon}}
- {tag: likely, name: {en: Likely, zh: 可能}, dimension: behaviour, rule: chance > 0.5}
"""
ESTIMATOR = """\
- estimator: buys_soon
  name: {en: Buys within 30 days, zh: 30天内购买}
  target: {event: bought, where: amount >= 10, within: 30 days}
  population: known_visitor
  features: {dimensions: [behaviour, consumption], except: [known_visitor]}
  protected: [gender]
"""


def write_bank(folder: Path, *, estimator: str = ESTIMATOR) -> Path:
    """Write the definitions."""
    texts = {
        "bank.yaml": BANK,
        "contracts/all.yaml": CONTRACTS,
        "tags/all.yaml": TAGS,
        "estimators/all.yaml": estimator,
    }
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def events(
    customers: int = 500, *, seed: int = 1, slope: float = 0.9, days: int = DAYS
) -> dict[str, pl.DataFrame]:
    """Return people, visits and purchases; a purchase follows visits with the given slope of its log-odds."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"c{i:04d}" for i in range(customers)])
    visits, buys = [], []
    for month in range(days // 30):  # a few months, not customers
        rate = rng.gamma(1.0, 2.0, customers)
        count = rng.poisson(rate)
        who = np.repeat(np.arange(customers), count)
        when = month * 30 + rng.random(len(who)) * 30
        visits.append((who, when))
        chance = 1 / (1 + np.exp(3.0 - slope * count))
        bought = np.flatnonzero(rng.random(customers) < chance)
        buys.append((bought, (month + 1) * 30 + 0.05 + rng.random(len(bought)) * 29.8))
    people = pl.DataFrame(
        {
            "id": ids,
            "gender": np.where(rng.random(customers) < 0.5, "f", "m"),
            "income": rng.integers(1000, 9000, customers),
        }
    )
    who, when = (np.concatenate(each) for each in zip(*visits, strict=True))
    visited = pl.DataFrame(
        {"visit": [f"v{i}" for i in range(len(who))], "id": ids[who], "at": _moments(when)}
    )
    who, when = (np.concatenate(each) for each in zip(*buys, strict=True))
    amounts = np.round(rng.uniform(5, 100, len(who)), 2)
    bought_ = pl.DataFrame(
        {"buy": [f"b{i}" for i in range(len(who))], "id": ids[who], "at": _moments(when), "amount": amounts}
    ).with_columns(on_day=pl.col("at").dt.date())
    return {"people": people, "visits": visited, "buys": bought_}


def contacts(customers: int = 500, *, seed: int = 2) -> dict[str, pl.DataFrame]:
    """Return contacts drawn by lot, and purchases: a call helps only those with an income above 5,000."""
    frames, rng = events(customers, seed=seed), np.random.default_rng(seed)
    rich = (frames["people"]["income"] > 5000).to_numpy()
    who = np.tile(np.arange(customers), 8)
    when = np.repeat(np.arange(8) * 40.0 + 35, customers) + rng.random(len(who))
    way = rng.choice(["call", "none", "mail"], len(who), p=[0.45, 0.45, 0.1])
    chance = 0.15 + 0.4 * (way == "call") * rich[who]
    bought = np.flatnonzero(rng.random(len(who)) < chance)
    ids = frames["people"]["id"].to_numpy()
    given = {"contact": [f"k{i}" for i in range(len(who))], "id": ids[who], "at": _moments(when), "way": way}
    took = {"buy": [f"b{i}" for i in bought], "id": ids[who[bought]], "at": _moments(when[bought] + 3)}
    buys = pl.DataFrame(took).with_columns(amount=pl.lit(20.0), on_day=pl.col("at").dt.date())
    return frames | {"contacts": pl.DataFrame(given), "buys": buys}


def write_data(
    folder: Path, frames: dict[str, pl.DataFrame], *, name: str = "", until: datetime = END
) -> Path:
    """Write the files of all that happened before a moment."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, frame in frames.items():
        kept = frame if "at" not in frame.columns else frame.filter(pl.col("at") < until)
        if "at" in kept.columns:
            kept = kept.with_columns(pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S%z"))
        kept.write_csv(folder / f"{table}{name if table != 'people' else ''}.csv")
    return folder


def _moments(days: np.ndarray) -> pl.Series:
    start = int(START.timestamp())
    return pl.from_epoch(pl.Series((start + days * 86_400).astype(np.int64)), "s").dt.replace_time_zone("UTC")
