"""The bank of the benchmark 基准用银行: card payments, ten aggregates over them, and requests to send."""

from pathlib import Path

import msgspec
import numpy as np

__all__ = ["COUNT_TAG", "make_bank", "messages", "requests"]

COUNT_TAG = "payments"  # how many payments a customer made, over all time
_CUSTOMERS = 50_000
_GROUPS = ("dining", "travel", "food", "health", "fuel", "other")
_CITIES = ("Shanghai", "Beijing", "Macau", "Hong Kong", "Shenzhen", "Porto")

_BANK = """\
bank: bench
name: {en: Bench bank, zh: 基准测试银行}
currency: CNY
zone: Asia/Shanghai
"""
_CONTRACT = """\
contract: card_payments
meaning: {en: Card payments, zh: 刷卡交易}
file: card_payments.csv
key: [payment_id]
customer: customer_id
event_time: {column: paid_at}
event: card_payment
columns:
  payment_id: {type: text, required: true, pattern: 'P[0-9]{10}', meaning: {en: Payment, zh: 交易号}}
  customer_id: {type: text, required: true, pattern: 'C[0-9]{8}', personal_data: identity, meaning: {en: Customer, zh: 客户号}}
  paid_at: {type: moment, required: true, meaning: {en: Paid at, zh: 交易时间}}
  amount: {type: decimal, decimal: [14, 2], required: true, min: 0, personal_data: financial, meaning: {en: Amount, zh: 金额}}
  currency: {type: text, required: true, allowed: [CNY, HKD, MOP, USD, EUR], meaning: {en: Currency, zh: 币种}}
  merchant_group: {type: text, allowed: [dining, travel, food, health, fuel, other], meaning: {en: Group, zh: 商户类别}}
  city: {type: text, meaning: {en: City, zh: 城市}}
  parts: {type: integer, min: 1, max: 60, meaning: {en: Instalments, zh: 分期数}}
  online: {type: boolean, required: true, meaning: {en: Online, zh: 是否线上}}
"""
_AGGREGATES = {
    COUNT_TAG: "{of: card_payment, measure: count}",
    "spend_30d": "{of: card_payment, measure: sum(amount), window: 30 days}",
    "spend_90d": "{of: card_payment, measure: sum(amount), window: 90 days}",
    "dining_spend_90d": "{of: card_payment, measure: sum(amount), where: \"merchant_group = 'dining'\", window: 90 days}",
    "travel_payments_90d": "{of: card_payment, measure: count, where: \"merchant_group = 'travel'\", window: 90 days}",
    "largest_30d": "{of: card_payment, measure: max(amount), window: 30 days}",
    "mean_90d": "{of: card_payment, measure: mean(amount), window: 90 days}",
    "city_last": "{of: card_payment, measure: last(city)}",
    "group_top_90d": "{of: card_payment, measure: top(merchant_group), window: 90 days}",
    "days_since_payment": "{of: card_payment, measure: days_since_last}",
}


def make_bank(folder: Path) -> Path:
    """Write the bank's definitions, and return the folder."""
    for name in ("contracts", "tags"):
        (folder / name).mkdir(parents=True)
    (folder / "bank.yaml").write_text(_BANK, encoding="utf-8")
    (folder / "contracts" / "card_payments.yaml").write_text(_CONTRACT, encoding="utf-8")
    for tag, aggregate in _AGGREGATES.items():
        text = f"tag: {tag}\nname: {{en: {tag}, zh: {tag}}}\ndimension: consumption\naggregate: {aggregate}\n"
        (folder / "tags" / f"{tag}.yaml").write_text(text, encoding="utf-8")
    return folder


def messages(count: int, first: int, *, customers: int = _CUSTOMERS) -> list[dict[str, object]]:
    """Return payments number ``first`` to ``first + count - 1``, of customers by lot."""
    rng = np.random.default_rng(first)
    who = rng.integers(0, customers, count).tolist()
    cents = rng.integers(100, 100_000, count).tolist()
    group = rng.integers(0, len(_GROUPS), count).tolist()
    city = rng.integers(0, len(_CITIES), count).tolist()
    day = rng.integers(0, 80, count).tolist()
    second = rng.integers(0, 86_400, count).tolist()
    start = np.datetime64("2026-01-01T00:00:00", "s")
    moments = (start + np.array(day) * 86_400 + np.array(second)).astype(str).tolist()
    return [
        {
            "kind": "card_payment",
            "customer": f"C{who[i]:08d}",
            "event_time": moments[i] + "+08:00",
            "id": f"P{first + i:010d}",
            "properties": {
                "amount": cents[i] / 100,
                "currency": "CNY",
                "merchant_group": _GROUPS[group[i]],
                "city": _CITIES[city[i]],
                "parts": 1 + i % 12,
                "online": i % 2 == 0,
            },
        }
        for i in range(count)
    ]


def requests(said: list[dict[str, object]], size: int) -> list[bytes]:
    """Return whole HTTP requests of ``size`` events each; a single event is no array."""
    found = []
    for start in range(0, len(said), size):
        part = said[start : start + size]
        body = msgspec.json.encode(part if size > 1 else part[0])
        head = (
            "POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        found.append(head.encode() + body)
    return found
