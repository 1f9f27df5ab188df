"""What the API's tests share: a bank, and real servers of it that may be killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar.testing import TestClient

from vostro.api import create_app
from vostro.bank import read_bank
from vostro.engine import Workspace, read_events

BANK = """
bank: harbour
name: {en: Harbour bank, zh: 港湾银行}
currency: CNY
zone: Asia/Shanghai
"""
PAYMENTS = """
contract: card_payments
meaning: {en: Card payments, zh: 刷卡交易}
file: card_payments.csv
key: [payment_id]
customer: customer_id
event_time: {column: paid_at}
event: card_payment
columns:
  payment_id: {type: text, required: true, pattern: 'P[0-9]+', meaning: {en: Payment, zh: 交易号}}
  customer_id: {type: text, required: true, personal_data: identity, meaning: {en: Customer, zh: 客户号}}
  paid_at: {type: moment, required: true, meaning: {en: Paid at, zh: 交易时间}}
  amount: {type: decimal, decimal: [12, 2], required: true, min: 0, personal_data: financial,
           meaning: {en: Amount, zh: 金额}}
  merchant: {type: text, allowed: [dining, travel, food], meaning: {en: Merchant, zh: 商户}}
"""
VIEWS = """
contract: page_views
meaning: {en: Page views, zh: 页面浏览}
file: page_views.jsonl
customer: visitor
event_time: {column: seen_at}
event: page_view
columns:
  visitor: {type: text, personal_data: identity, meaning: {en: Visitor, zh: 访客}}
  seen_at: {type: moment, meaning: {en: Seen at, zh: 浏览时间}}
  name: {type: text, meaning: {en: Page, zh: 页面}}
  context_library_name: {type: text, meaning: {en: Library, zh: 客户端库}}
"""
TAGS = """
- tag: dining_spend_90d
  name: {en: Dining in 90 days, zh: 近90天餐饮消费}
  dimension: consumption
  aggregate: {of: card_payment, measure: sum(amount), where: "merchant = 'dining'", window: 90 days}
"""
_NUMBERS = count(10)
PROGRAM = """
import sys
from pathlib import Path
from vostro.api import serve
from vostro.words import VostroError
try:
    serve(Path(sys.argv[1]), host=sys.argv[2], port=int(sys.argv[3]), started=lambda served: print(served.url, flush=True))
except VostroError as error:
    sys.exit(f"[{error.code}] {error}")
"""


def payment(number: int = 1, customer: str = "C1", **changes: Any) -> dict[str, Any]:
    """A good payment as JSON; ``changes`` are of its properties, or of the message itself."""
    said = {"kind": "card_payment", "customer": customer, "event_time": "2026-02-01T09:00:00+08:00"}
    said["id"] = f"P{customer[1:]}000{number}" if customer[1:].isdigit() else f"P{number}"
    own = {
        name: changes.pop(name)
        for name in list(changes)
        if name in (*said, "operation", "context", "properties")
    }
    return {**said, "properties": {"amount": 12.5, "merchant": "dining"} | changes} | own


def make_bank(folder: Path) -> Path:
    """Write the definitions of a bank; its PostgreSQL is its own."""
    for part in ("contracts", "tags"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "bank.yaml").write_text(BANK, encoding="utf-8")
    (folder / "contracts" / "payments.yaml").write_text(PAYMENTS, encoding="utf-8")
    (folder / "contracts" / "views.yaml").write_text(VIEWS, encoding="utf-8")
    return folder


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A bank's folder."""
    return make_bank(tmp_path / "b")


class Running:
    """A server in a process of its own."""

    def __init__(self, bank: Path, *, host: str = "127.0.0.1", port: int = 0, **environ: str) -> None:
        variables = {name: value for name, value in os.environ.items() if not name.startswith("VOSTRO_")}
        self.bank = bank
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(bank), host, str(port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=variables | environ,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(self.process.communicate()[1])
        self.client = httpx.Client(base_url=self.url, timeout=60)

    def post(self, body: Any, path: str = "/events", **more: Any) -> httpx.Response:
        return self.client.post(path, json=body, **more)

    def kinds(self, customer: str = "C1") -> list[str]:
        return [each["kind"] for each in self.client.get(f"/customers/{customer}/events").json()["events"]]

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM, and wait."""
        self.client.close()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.process.communicate()
        return code


@contextmanager
def running(bank: Path, **more: Any) -> Iterator[Running]:
    """Run a server for a block."""
    server = Running(bank, **more)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


class Desk:
    """The API inside this process, on a bank of its own."""

    def __init__(self, workspace: Workspace, keys: str | None = None) -> None:
        make_bank(workspace.bank)
        (workspace.bank / "tags").mkdir(exist_ok=True)
        (workspace.bank / "tags" / "tags.yaml").write_text(TAGS, encoding="utf-8")
        workspace.settings = msgspec.structs.replace(workspace.settings, api_keys=keys)
        self.workspace, self.bank = workspace, read_bank(workspace.bank)
        self.app = create_app(workspace, self.bank)

    def client(self) -> TestClient[Any]:
        return TestClient(self.app, base_url="http://localhost")

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        with self.workspace.store.begin() as connection:
            return read_events(connection, kind=kind).to_dicts()


@pytest.fixture
def desk(workspace: Workspace) -> Desk:
    """The API without keys."""
    return Desk(workspace)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One running server for the tests of a module."""
    with running(make_bank(tmp_path_factory.mktemp("shared") / "b")) as found:
        yield found


@pytest.fixture
def server(shared: Running) -> Running:
    """The running server; ask ``customer`` for one whom no other test knows."""
    return shared


@pytest.fixture
def customer() -> str:
    """A customer of this test alone; his payments have numbers of their own."""
    return f"C{next(_NUMBERS)}"


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
