"""Portraits of people: a merge gives one of two, its undoing gives back both as they were."""

from datetime import timedelta

import msgspec
import polars as pl
import pytest
import yaml
from polars.testing import assert_frame_equal

from vostro.capture import drain, read_contracts
from vostro.engine import Workspace, append_events
from vostro.portrait import build_portraits, identify, merge_people, read_tags, run_identity, unmerge_people
from vostro.portrait.online import PortraitReader, Worker

from .banks import CONTRACTS, DEFINITION, MOMENT, again, people, put

SAID = {"reason": "r", "by": "ann", "moment": MOMENT}
NOW = MOMENT + timedelta(days=3)
WHO = ["P00003", "Q00003", "P00300", "P00301", "anon:1"]
CARD = """
contract: card
meaning: &a {en: a, zh: 甲}
file: card.csv
customer: who
event_time: {column: at}
event: card_payment
key: [id]
columns:
  id: {type: text, meaning: *a}
  who: {type: text, meaning: *a}
  at: {type: moment, zone: UTC, meaning: *a}
  amount: {type: decimal, decimal: [12, 2], meaning: *a}
"""
NAME = {"en": "a", "zh": "甲"}
TAGS = [
    {"tag": tag, "name": NAME, "dimension": "basic", **how}
    for tag, how in {
        "spend": {"aggregate": {"of": "card", "measure": "sum(amount)"}},
        "smallest": {"aggregate": {"of": "card", "measure": "min(amount)", "window": "30 days"}},
        "last_paid": {"attribute": "card.amount"},
        "big": {"rule": "spend > 100"},
    }.items()
]


@pytest.fixture
def defined(tmp_path):
    for name in ("contracts", "tags"):
        (tmp_path / "defined" / name).mkdir(parents=True)
    (tmp_path / "defined/bank.yaml").write_text("bank: b\n")
    (tmp_path / "defined/contracts/card.yaml").write_text(CARD)
    (tmp_path / "defined/tags/tags.yaml").write_text(yaml.safe_dump(TAGS, sort_keys=False))
    contracts = read_contracts(tmp_path / "defined")
    return read_tags(tmp_path / "defined", contracts), contracts


def pay(workspace: Workspace, numbers: range) -> None:
    rows = [
        {
            "customer": WHO[number % len(WHO)], "kind": "card_payment",
            "event_time": MOMENT - timedelta(days=number, hours=3), "load_time": MOMENT,
            "idempotency_key": f"card:e{number}", "event_id": f"e{number}", "load_id": 10_000 + number,
            "body": msgspec.json.encode({"id": f"e{number}", "amount": f"{number * 3}.25"}).decode(), "origin": "api",
        }
        for number in numbers
    ]  # fmt: skip
    with workspace.store.begin() as connection:
        append_events(connection, pl.DataFrame(rows), queue=True)


def test_a_merge_that_is_undone_gives_back_both_portraits(matched: Workspace, defined) -> None:
    tags, contracts = defined
    pay(matched, range(30))
    worker = Worker(matched.store, matched.lake, *defined, clock=lambda: NOW)
    reader = PortraitReader(matched.lake, *defined)

    def seen():
        """Return what batch and live portraits say; both must agree, before and after the worker."""
        drain(matched.store, matched.lake, contracts["card"])
        rows = build_portraits(tags, contracts, matched.lake, as_of=NOW)
        for _ in range(2):
            live = {each.customer: each.tags for each in reader.read_many(WHO, as_of=NOW).values()}
            assert live == {row.pop("customer"): row for row in rows.to_dicts()}
            worker.drain()
        return rows

    before = seen()
    assert before["customer"].to_list() == ["P00003", "P00300", "P00301", "anon:1"]
    merge_people(matched.lake, "P00300", "P00301", **SAID)
    merged = seen()
    assert merged["customer"].to_list() == ["P00003", "P00300", "anon:1"]
    assert merged["spend"].sum() == before["spend"].sum()
    unmerge_people(matched.lake, "P00301", "P00300", **SAID)
    assert_frame_equal(seen(), before)
    with matched.store.begin() as connection:
        identify(connection, "anon:1", "P00301", moment=MOMENT)
    assert "anon:1" not in seen()["customer"]
    merge_people(matched.lake, "Q00003", "P00301", **SAID)
    assert seen().height == 2
    unmerge_people(matched.lake, "P00301", "P00003", **SAID)
    unmerge_people(matched.lake, "anon:1", **SAID)
    assert_frame_equal(seen(), before)
    pay(matched, range(30, 40))  # and life goes on
    assert seen()["spend"].sum() > before["spend"].sum()


def test_a_run_that_moves_customers_moves_their_portraits(workspace: Workspace, defined) -> None:
    put(workspace.lake, "crm", people(400), 1)
    pay(workspace, range(30))
    worker = Worker(workspace.store, workspace.lake, *defined, clock=lambda: NOW)
    worker.drain()
    reader = PortraitReader(workspace.lake, *defined)
    apart = {name: reader.read(name, as_of=NOW).tags["spend"] for name in ("P00003", "Q00003")}
    put(workspace.lake, "core", again(people(400).head(150)), 2)
    assert run_identity(workspace.lake, DEFINITION, CONTRACTS, moment=MOMENT).moved > 100
    for _ in range(2):
        found = reader.read_many(["P00003", "Q00003"], as_of=NOW)
        assert {each.customer for each in found.values()} == {"P00003"}
        assert {each.tags["spend"] for each in found.values()} == {sum(apart.values())}
        worker.drain()
