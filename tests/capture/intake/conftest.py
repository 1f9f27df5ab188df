"""What intake's tests share: a bank that takes messages, and a counter to hand them over."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from vostro import engine
from vostro.capture import Contract, Reject, list_rejects, load, read_contracts
from vostro.capture.intake import Message, Writer, Written
from vostro.engine import Workspace, read_events

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
STATES = ("accepted", "duplicate", "rejected")

PAYMENTS = """
contract: card_payments
meaning: {en: Card payments, zh: 刷卡交易}
file: card_payments.csv
key: [payment_id]
customer: customer_id
event_time: {column: paid_at, zone: Asia/Shanghai}
event: card_payment
format: {decimal: ",", missing: ["", unknown]}
columns:
  payment_id: {type: text, required: true, pattern: 'P[0-9]+', meaning: {en: Payment, zh: 交易号}}
  customer_id: {type: text, required: true, personal_data: identity, meaning: {en: Customer, zh: 客户号}}
  paid_at: {type: moment, required: true, layout: '%d.%m.%Y %H:%M', meaning: {en: Paid at, zh: 交易时间}}
  amount: {type: decimal, decimal: [12, 2], from: Betrag, required: true, min: 0, personal_data: financial,
           meaning: {en: Amount, zh: 金额}}
  merchant: {type: text, allowed: [dining, travel, food], meaning: {en: Merchant, zh: 商户}}
  online: {type: boolean, meaning: {en: Online, zh: 线上}}
  parts: {type: integer, min: 1, max: 60, meaning: {en: Instalments, zh: 分期}}
"""
VIEWS = """
contract: page_views
meaning: {en: Page views, zh: 页面浏览}
file: page_views.jsonl
customer: visitor
event_time: {column: seen_at}
event: page_view
lateness: 7 days
columns:
  visitor: {type: text, personal_data: identity, meaning: {en: Visitor, zh: 访客}}
  seen_at: {type: moment, meaning: {en: Seen at, zh: 浏览时间}}
  page: {type: text, required: true, meaning: {en: Page, zh: 页面}}
  context_page_url: {type: text, meaning: {en: Address, zh: 网址}}
"""


class Counter:
    """Where messages are handed over."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.store, self.lake, self.bank = workspace.store, workspace.lake, workspace.bank

    def define(self, *texts: str) -> dict[str, Contract]:
        contracts = self.bank / "contracts"
        contracts.mkdir(exist_ok=True)
        for old in contracts.glob("*.yaml"):
            old.unlink()
        for number, text in enumerate(texts):
            (contracts / f"c{number}.yaml").write_text(text, encoding="utf-8")
        self.contracts = read_contracts(self.bank)
        self.writer = Writer(self.store, self.lake, self.contracts)
        return self.contracts

    def send(self, *messages: Any, now: datetime = NOW) -> Written:
        return self.writer.write(list(messages), now)

    def states(self, *messages: Any, now: datetime = NOW) -> list[str]:
        return [STATES[state] for state in self.send(*messages, now=now).states]

    def codes(self, *messages: Any, now: datetime = NOW) -> list[str | None]:
        written = self.send(*messages, now=now)
        return [
            written.reasons[place].code if place in written.reasons else None
            for place in range(len(messages))
        ]

    def events(self, *, versions: bool = False) -> pl.DataFrame:
        with self.store.begin() as connection:
            return read_events(connection, versions=versions)

    def rejects(self, state: str = "open") -> list[Reject]:
        return list_rejects(self.store, unmask=True, state=state)

    def pending(self) -> int:
        with self.store.begin() as connection:
            return int(connection.scalar(sa.select(sa.func.count()).select_from(engine.pending)) or 0)

    def load_file(self, name: str, text: str, contract: str) -> None:
        path = self.bank / name
        path.write_text(text, encoding="utf-8")
        load(self.contracts[contract], path, store=self.store, lake=self.lake, load_time=NOW)


def payment(number: int = 1, **changes: Any) -> Message:
    """A good payment; ``changes`` are of its properties, or of the message itself."""
    own = {name: changes.pop(name) for name in list(changes) if name in Message.__struct_fields__}
    said: dict[str, Any] = {
        "kind": "card_payment",
        "customer": "C1",
        "event_time": "2026-02-01T09:00:00+08:00",
        "id": f"P{number}",
    }
    return Message(**(said | {"properties": {"amount": "12.50", "merchant": "dining"} | changes} | own))


def view(number: int = 1, **changes: Any) -> Message:
    own = {name: changes.pop(name) for name in list(changes) if name in Message.__struct_fields__}
    said: dict[str, Any] = {"kind": "page_view", "customer": "C1", "event_time": "2026-02-01T11:00:00Z"}
    return Message(**(said | {"id": f"v{number}", "properties": {"page": "deposits"} | changes} | own))


@pytest.fixture
def counter(workspace: Workspace) -> Iterator[Counter]:
    found = Counter(workspace)
    found.define(PAYMENTS, VIEWS)
    yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "files"
    found.mkdir()
    return found
