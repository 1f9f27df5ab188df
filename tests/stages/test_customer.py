"""One customer as known at a moment: the same values as the batch build, masked, paged, and refused when unknown."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vostro.bank import Bank, read_bank
from vostro.capture import load_all
from vostro.engine import Workspace
from vostro.portrait import CustomerUnknownError, ManualTags, build_portraits
from vostro.stages import view_customer

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PEOPLE = 40
FILES = {
    "bank.yaml": "bank: b\nname: {en: Bank, zh: 银行}\ncurrency: CNY\nzone: Asia/Shanghai\n",
    "contracts/people.yaml": """\
contract: people
meaning: {en: People, zh: 客户}
file: people_*.csv
key: [id]
customer: id
columns:
  id: {type: text, personal_data: identity, meaning: {en: Number, zh: 编号}}
  phone: {type: text, personal_data: contact, meaning: {en: Telephone, zh: 电话}}
  home: {type: text, personal_data: identity, meaning: {en: Household, zh: 户号}}
""",
    "contracts/cards.yaml": """\
contract: cards
meaning: {en: Cards, zh: 银行卡}
file: cards.csv
key: [card]
customer: who
columns:
  card: {type: text, personal_data: identity, meaning: {en: Card, zh: 卡号}}
  who: {type: text, meaning: {en: Customer, zh: 客户号}}
  level: {type: text, meaning: {en: Level, zh: 等级}}
""",
    "contracts/payments.yaml": """\
contract: payments
meaning: {en: Card payments, zh: 刷卡交易}
file: payments.csv
key: [id]
customer: who
event_time: {column: at}
event: card_payment
columns:
  id: {type: integer, meaning: {en: Number, zh: 流水号}}
  who: {type: text, meaning: {en: Customer, zh: 客户号}}
  at: {type: moment, meaning: {en: When, zh: 时间}}
  amount: {type: decimal, decimal: [12, 2], meaning: {en: Amount, zh: 金额}}
  shop: {type: text, personal_data: sensitive, meaning: {en: Shop, zh: 商户}}
""",
    "tags/tags.yaml": """\
- {tag: phone, name: {en: Telephone, zh: 电话}, dimension: basic, attribute: people.phone}
- {tag: level, name: {en: Level, zh: 卡等级}, dimension: basic, attribute: cards.level, expires: 30 days}
- {tag: secret, name: {en: Secret, zh: 内部}, dimension: credit, attribute: cards.level, uses: [decide]}
- {tag: holds_card, name: {en: Card, zh: 银行卡}, dimension: basic, rule: level IS NOT NULL}
- tag: care
  name: {en: Care, zh: 关怀}
  dimension: experience
  manual: text
  values: {high: {en: high, zh: 高}, low: {en: low, zh: 低}}
- {template: rfm, of: card_payment, amount: amount}
- {template: lifecycle, of: card_payment}
- {template: household, by: people.home, totals: {spent: rfm_monetary}}
- tag: family
  name: {en: Family, zh: 家庭类型}
  dimension: social
  tiers: {big: household_size > 2 AND household_spent > 100, pair: household_size = 2, single: otherwise}
""",
    "segments/s.yaml": """\
- {segment: cared, name: {en: Cared for, zh: 重点关怀}, rule: care = 'high'}
- {segment: families, name: {en: Families, zh: 家庭客户}, rule: family = 'big'}
""",
}


def _write(folder: Path) -> None:
    draw = random.Random(5)
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for month in (1, 2):  # people move between the two files
        rows = [f"p{i},138-{i:04},{'h' + str(draw.randrange(15)) if i % 7 else ''}" for i in range(PEOPLE)]
        (folder / f"people_{month}.csv").write_text(
            "\n".join(["id,phone,home", *rows]) + "\n", encoding="utf-8"
        )
    cards = [f"c{i},p{i % PEOPLE},{draw.choice(['gold', 'plain'])}" for i in range(0, 60, 2)]
    (folder / "cards.csv").write_text("\n".join(["card,who,level", *cards]) + "\n", encoding="utf-8")
    lines = ["id,who,at,amount,shop"]
    for no in range(300):
        when = NOW - timedelta(minutes=draw.randrange(60 * 24 * 500))
        lines.append(
            f"{no},p{draw.randrange(PEOPLE)},{when.isoformat()},{draw.randrange(1, 9000) / 100:.2f},Shop {no}"
        )
    (folder / "payments.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def opened(workspace: Workspace) -> Iterator[tuple[Bank, Workspace]]:
    _write(workspace.bank)
    bank = read_bank(workspace.bank)
    early, late = NOW - timedelta(days=40), NOW - timedelta(days=5)
    hidden = workspace.bank / "people_2.csv"
    later = hidden.read_text(encoding="utf-8")
    hidden.unlink()
    for moment in (early, late):
        load_all(bank.contracts, workspace.bank, store=workspace.store, lake=workspace.lake, load_time=moment)
        hidden.write_text(later, encoding="utf-8")
    desk = ManualTags(workspace.lake, bank.tags, bank.contracts)
    desk.set("care", "p3", "high", by="ann", reason="ill", moment=NOW - timedelta(days=3))
    desk.set("care", "p4", "low", by="ann", reason="well", moment=NOW - timedelta(days=3), until=NOW)
    yield bank, workspace


MOMENTS = [NOW, NOW - timedelta(days=4), NOW - timedelta(days=10), NOW - timedelta(days=39, hours=7)]


@pytest.mark.parametrize("as_of", MOMENTS, ids=lambda moment: f"{moment:%m-%dT%H}")
def test_one_customer_is_the_batch_builds_row(opened: tuple[Bank, Workspace], as_of: datetime) -> None:
    bank, workspace = opened
    batch = build_portraits(bank.tags, bank.contracts, workspace.lake, as_of=as_of)
    assert batch.height == PEOPLE
    sizes = set()
    for row in batch.sample(12, seed=1).iter_rows(named=True):
        found = view_customer(bank, workspace, row["customer"], as_of=as_of, unmask=True)
        shown = {each.tag: each.value for each in found.tags}
        assert "secret" not in shown, "it may not be shown"
        for code, value in shown.items():
            wanted = row[code]
            assert value == (str(wanted) if type(wanted).__name__ == "Decimal" else wanted), code
        assert set(found.segments) == {
            code
            for code, each in bank.segments.items()
            if each.mask(batch.filter(batch["customer"] == row["customer"]))[0]
        }
        sizes.add(row["household_size"])
    assert len(sizes) > 1


def test_what_is_known_says_since_when_and_from_where(opened: tuple[Bank, Workspace]) -> None:
    bank, workspace = opened
    found = view_customer(bank, workspace, "p3", as_of=NOW)
    tags = {each.tag: each for each in found.tags}
    assert tags["care"].said.zh == "高" and "ann" in tags["care"].source.en
    assert tags["care"].since == (NOW - timedelta(days=3)).isoformat()
    assert tags["phone"].since == (NOW - timedelta(days=5)).isoformat()
    assert tags["rfm_monetary"].source.en == "sum of amount of card payments, last 365 days"
    assert tags["family"].source.en.startswith("rule over ")
    assert found.segments["cared"].zh == "重点关怀"
    assert "cared" not in view_customer(bank, workspace, "p4", as_of=NOW).segments


def test_personal_values_are_masked_unless_asked_for(opened: tuple[Bank, Workspace]) -> None:
    bank, workspace = opened
    found = view_customer(bank, workspace, "p3", as_of=NOW, limit=500)
    phone = next(each for each in found.tags if each.tag == "phone")
    assert (phone.value, phone.masked) == ("999-9999", True)
    assert found.events and all("Shop" not in each.fields.get("shop", "") for each in found.events)
    bare = view_customer(bank, workspace, "p3", as_of=NOW, limit=500, unmask=True)
    assert next(each.value for each in bare.tags if each.tag == "phone") == "138-0003"
    assert any(each.fields.get("shop", "").startswith("Shop ") for each in bare.events)


def test_events_come_newest_first_page_by_page(opened: tuple[Bank, Workspace]) -> None:
    bank, workspace = opened
    whole = view_customer(bank, workspace, "p3", as_of=NOW, limit=500)
    assert len(whole.events) == whole.events_known >= 5
    moments = [each.event_time for each in whole.events]
    assert moments == sorted(moments, reverse=True)
    pages = [view_customer(bank, workspace, "p3", as_of=NOW, skip=skip, limit=2).events for skip in (0, 2)]
    assert [*pages[0], *pages[1]] == whole.events[:4]
    assert any(each.kind == "vostro.tag.set" and each.fields["by"] == "ann" for each in whole.events)
    before = view_customer(bank, workspace, "p3", as_of=NOW - timedelta(days=20), limit=500)
    assert all(each.load_time <= before.as_of for each in before.events)


def test_records_are_the_latest_of_each_key(opened: tuple[Bank, Workspace]) -> None:
    bank, workspace = opened
    found = view_customer(bank, workspace, "p4", as_of=NOW, unmask=True)
    assert {each.contract for each in found.records} == {"cards"}
    assert sorted(each.fields["card"] for each in found.records) == ["c4", "c44"]
    assert found.holds == [], "the level of the card was loaded 40 days ago and is known for 30"
    earlier = view_customer(bank, workspace, "p4", as_of=NOW - timedelta(days=20))
    assert [name.en for name in earlier.holds] == ["Card"]


def test_an_unknown_customer_is_refused(opened: tuple[Bank, Workspace]) -> None:
    bank, workspace = opened
    with pytest.raises(CustomerUnknownError, match="zoe"):
        view_customer(bank, workspace, "zoe", as_of=NOW)
    with pytest.raises(CustomerUnknownError, match="known at 2026-01-01"):
        view_customer(bank, workspace, "p3", as_of=datetime(2026, 1, 1, tzinfo=UTC))
