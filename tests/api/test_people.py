"""A bank that asks who is who: two sources, anonymous visits, one portrait a person, from the first build on."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from vostro.engine import Workspace
from vostro.stages import build_bank, last_portraits

from ..portrait.identity.banks import COLUMNS, again, people
from .conftest import Running, make_bank, payment, running

SOURCE = """
contract: {name}
meaning: {{en: {name}, zh: {name}}}
file: {name}.csv
key: [client]
customer: client
columns:
  client: {{type: text, personal_data: identity, meaning: {{en: Client, zh: 客户}}}}
  first_name: {{type: text, meaning: {{en: a, zh: 甲}}}}
  surname: {{type: text, meaning: {{en: a, zh: 甲}}}}
  dob: {{type: text, meaning: {{en: a, zh: 甲}}}}
  city: {{type: text, meaning: {{en: a, zh: 甲}}}}
  email: {{type: text, meaning: {{en: a, zh: 甲}}}}
"""
IDENTITY = """
sources:
  crm: {first_name: first_name, surname: surname, dob: dob, city: city, email: email}
  core: {first_name: first_name, surname: surname, dob: dob, city: city, email: email}
fields: {first_name: name, surname: name, dob: date, city: text, email: email}
"""
TAGS = """
- tag: spend
  name: {en: Spend, zh: 消费}
  dimension: consumption
  aggregate: {of: card_payment, measure: sum(amount)}
- tag: views
  name: {en: Pages seen, zh: 浏览页数}
  dimension: behaviour
  aggregate: {of: page_view, measure: count, window: 30 days}
- tag: crm_mail
  name: {en: Mail, zh: 邮箱}
  dimension: basic
  attribute: crm.email
"""


def write(folder: Path) -> Path:
    """Write a bank of 300 customers of whom 120 are in the core system, too, with the payments of some."""
    make_bank(folder)
    for name in ("crm", "core"):
        (folder / "contracts" / f"{name}.yaml").write_text(SOURCE.format(name=name), encoding="utf-8")
    (folder / "identity.yaml").write_text(IDENTITY, encoding="utf-8")
    (folder / "tags" / "tags.yaml").write_text(TAGS, encoding="utf-8")
    data = folder / "data"
    data.mkdir()
    everyone = people(300)
    everyone.select("client", *COLUMNS).write_csv(data / "crm.csv")
    again(everyone.head(120)).select("client", *COLUMNS).write_csv(data / "core.csv")
    paid = "2026-02-01T09:00:00+08:00"
    rows = [["P1", "P00003", paid, "10.00", "dining"], ["P2", "Q00003", paid, "2.50", "food"]]
    columns = ("payment_id", "customer_id", "paid_at", "amount", "merchant")
    pl.DataFrame(rows, schema=columns, orient="row").write_csv(data / "card_payments.csv")
    view = {
        "visitor": "anon:v0",
        "seen_at": "2026-02-01T09:00:00+08:00",
        "name": "Home",
        "context_library_name": "x",
    }
    (data / "page_views.jsonl").write_text(json.dumps(view) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("people") / "b")


def tags(server: Running, customer: str) -> dict[str, Any]:
    answer = server.client.get(f"/customers/{customer}")
    return (
        {} if answer.status_code == 404 else {"customer": answer.json()["customer"]} | answer.json()["tags"]
    )


def seen(server: Running, customer: str, wanted: dict[str, Any]) -> float:
    """Wait until a customer's tags are as wanted, and return how long that took; seconds."""
    start = time.monotonic()
    while (found := tags(server, customer)) | wanted != found or not found:
        assert time.monotonic() < start + 20, f"{found} instead of {wanted}"
        time.sleep(0.02)
    return time.monotonic() - start


def page(server: Running, visitor: str, number: int) -> None:
    body = {"anonymousId": visitor, "name": "Deposits", "messageId": f"{visitor}-{number}"}
    assert server.post(body, "/v1/page").status_code in (200, 202)


def test_from_the_first_build_to_a_visitor_who_signs_in(bank: Path) -> None:
    built, _ = build_bank(bank, moment=datetime.now(UTC), data=bank / "data")
    assert built.customers == 301, "one portrait a person, and one of a visitor"
    assert built.identity is not None
    assert built.identity.people == 300
    with running(bank) as server:
        both = {"customer": "Q00003", "spend": "12.50", "views": 0}
        seen(server, "P00003", both)
        seen(server, "Q00003", both)
        for number in range(3):
            page(server, "v1", number)
        seen(server, "anon:v1", {"customer": "anon:v1", "views": 3})
        said = {"userId": "P00003", "anonymousId": "v1", "messageId": "m1", "traits": {}}
        server.post(said, "/v1/identify")
        known = both | {"views": 3}
        assert seen(server, "P00003", known) < 5  # a second on a machine that does nothing else
        page(server, "v1", 4)
        server.post(payment(9, customer="Q00003", amount=1, id="P9"))
        known |= {"views": 4, "spend": "13.50"}
        for name in ("anon:v1", "Q00003", "P00003"):
            seen(server, name, known)
        kinds = [
            each["kind"] for each in server.client.get("/customers/P00003/events?limit=50").json()["events"]
        ]
        assert kinds.count("page_view") == 4
        assert kinds.count("card_payment") == 3
    again_built, _ = build_bank(bank, moment=datetime.now(UTC))
    assert again_built.customers == 301
    with Workspace.open(bank) as workspace:
        portraits = last_portraits(workspace.lake)
    row = portraits.filter(pl.col("customer") == "Q00003").row(0, named=True)
    assert (row["views"], str(row["spend"])) == (4, "13.50")
