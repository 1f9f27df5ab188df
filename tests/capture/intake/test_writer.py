"""Messages become events and rejects in one transaction, once, under the contract of files."""

from datetime import timedelta

import polars as pl
import pytest
import sqlalchemy as sa

from vostro import engine
from vostro.capture.intake import Broken, Message, read_messages

from .conftest import NOW, PAYMENTS, VIEWS, Counter, payment, view


def test_a_message_is_an_event_typed_as_its_contract_says(counter: Counter) -> None:
    written = counter.send(payment(1, online=True, parts=3))
    assert written.ids == ["P1"]
    (event,) = counter.events(versions=True).to_dicts()
    assert event["customer"] == "C1"
    assert event["kind"] == "card_payment"
    assert event["event_time"].isoformat() == "2026-02-01T01:00:00+00:00"
    assert event["load_time"] == NOW
    assert event["idempotency_key"] == "card_payments:P1"
    assert (event["event_id"], event["operation"]) == ("P1", "new")
    body = pl.Series([event["body"]]).str.json_decode(
        pl.Struct(
            {
                "payment_id": pl.String,
                "amount": pl.String,
                "merchant": pl.String,
                "online": pl.Boolean,
                "parts": pl.Int64,
            }
        )
    )
    assert body[0] == {
        "payment_id": "P1",
        "amount": "12.50",
        "merchant": "dining",
        "online": True,
        "parts": 3,
    }
    assert counter.pending() == 1


def test_the_same_event_from_file_and_message_is_one(counter: Counter) -> None:
    header = "payment_id;customer_id;paid_at;Betrag;merchant;online;parts\n"
    text = header.replace(";", "|") + "P1|C1|01.02.2026 09:00|12,50|dining||\n"
    counter.define(PAYMENTS.replace('decimal: ","', 'decimal: ",", delimiter: "|"'), VIEWS)
    counter.load_file("card_payments.csv", text, "card_payments")
    assert counter.states(payment(1)) == ["duplicate"]
    assert counter.events().height == 1


def test_body_of_a_message_equals_that_of_a_file(counter: Counter) -> None:
    text = "payment_id|customer_id|paid_at|Betrag|merchant|online|parts\nP1|C1|01.02.2026 09:00|12,50|dining|yes|2\n"
    counter.define(PAYMENTS.replace('decimal: ","', 'decimal: ",", delimiter: "|"'), VIEWS)
    counter.load_file("card_payments.csv", text, "card_payments")
    counter.send(payment(2, online="yes", parts=2))
    first, second = counter.events()["body"].to_list()
    assert first.replace("P1", "P2") == second
    assert counter.events()["event_time"].n_unique() == 1


def test_again_adds_nothing(counter: Counter) -> None:
    assert counter.states(payment(1), payment(2)) == ["accepted", "accepted"]
    assert counter.states(payment(2), payment(3), payment(3)) == ["duplicate", "accepted", "duplicate"]
    assert counter.events()["idempotency_key"].to_list() == [
        f"card_payments:P{number}" for number in (1, 2, 3)
    ]
    assert counter.pending() == 3


def test_one_bad_message_stops_no_other(counter: Counter) -> None:
    states = counter.states(
        payment(1), payment(2, amount="-1"), view(1), Broken("x", payment_reason()), payment(4)
    )
    assert states == ["accepted", "rejected", "accepted", "rejected", "accepted"]
    assert counter.events().height == 3
    assert [each.code for each in counter.rejects()] == ["below_min", "message_shape"]


def payment_reason():
    (broken,) = read_messages(b"[7]")
    return broken.reason


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (payment(amount=None), "required"),
        (payment(amount="12,50"), "decimal_sign"),
        (payment(amount="1.234"), "decimal_digits"),
        (payment(amount=-1), "below_min"),
        (payment(amount=True), "not_decimal"),
        (payment(parts=1.5), "integer_fraction"),
        (payment(parts="1.5"), "integer_fraction"),
        (payment(parts=10**30), "integer_large"),
        (payment(parts=61), "above_max"),
        (payment(online="maybe"), "not_boolean"),
        (payment(merchant="hotel"), "not_allowed"),
        (payment(merchant=["dining"]), "property_nested"),
        (payment(merchant={"a": 1}), "property_nested"),
        (payment(merchnt="dining"), "property_unknown"),
        (payment(customer_id="C1"), "property_unknown"),
        (payment(paid_at="2026-02-01"), "property_unknown"),
        (payment(id="X1"), "pattern"),
        (payment(id=None), "required"),
        (payment(id={"a": 1}), "message_type"),
        (payment(id="P" + "1" * 200), "message_long"),
        (payment(payment_id="P" + "1" * 500, id=None), "message_long"),
        (payment(customer=None), "message_required"),
        (payment(customer=""), "message_required"),
        (payment(customer="C" * 201), "message_long"),
        (payment(customer="C\0"), "message_type"),
        (payment(customer=1.5), "message_type"),
        (payment(customer=7), None),
        (payment(customer=["C1"]), "message_type"),
        (payment(event_time=None), "message_required"),
        (payment(event_time="yesterday"), "not_moment"),
        (payment(event_time="01.02.2026 09:00"), "not_moment"),
        (payment(event_time="2026-02-30T00:00:00Z"), "moment_impossible"),
        (payment(event_time="2026-02-01T12:05:01Z"), "in_future"),
        (payment(event_time="2026-02-01T12:05:00Z"), None),
        (payment(event_time="1999-02-01T12:05:00Z"), None),
        (payment(event_time=1769936400), "not_moment"),
        (payment(event_time="2026-02-01 09:00:00.123"), None),  # the contract says in which zone
        (view(event_time="2026-01-20T00:00:00Z"), "late"),
        (view(event_time="2026-02-01T11:00:00"), "moment_zone"),
        (payment(kind="card_paymnt"), "kind_unknown"),
        (payment(kind=None), "message_required"),
        (payment(kind=7), "message_type"),
        (payment(kind="k\0" * 200), "kind_unknown"),
        (payment(operation="upsert"), "operation_unknown"),
        (payment(operation=["new"]), "operation_unknown"),
        (payment(properties="text"), "message_type"),
        (payment(properties=None), "required"),
        (payment(context="ignored"), None),
        (view(page="a\0b"), "nul"),
    ],
)  # fmt: skip
def test_every_fault_has_its_reason(counter: Counter, message: Message, code: str | None) -> None:
    assert counter.codes(message) == [code]
    kept = counter.rejects()
    assert [each.code for each in kept] == ([] if code is None else [code])
    for each in kept:
        assert each.file == "api"
        assert each.reason.en != each.reason.zh
    assert counter.events().height == (code is None)


def test_an_unknown_kind_is_kept_with_a_suggestion(counter: Counter) -> None:
    written = counter.send(payment(kind="card_paymnt"))
    assert "'card_payment'" in written.reasons[0].say.en
    (kept,) = counter.rejects()
    assert (kept.source, kept.field) == ("card_paymnt", "kind")


def test_a_reject_never_repeats_a_personal_value(counter: Counter) -> None:
    counter.send(payment(amount="secret 77", merchant="hotel"))
    (kept,) = counter.rejects()
    assert "secret" not in kept.reason.en
    assert kept.value == "secret 77"


def test_without_a_key_the_id_names_the_event_and_without_an_id_each_message_is_one(counter: Counter) -> None:
    assert counter.states(view(1), view(1), view(2)) == ["accepted", "duplicate", "accepted"]
    written = counter.send(view(id=None), view(id=None))
    assert len(set(written.ids)) == 2
    assert None not in written.ids
    assert counter.events().height == 4


def test_the_key_may_be_a_property_or_the_id(counter: Counter) -> None:
    written = counter.send(
        payment(id=None, payment_id="P5"), payment(id="P5"), payment(id="other", payment_id="P5")
    )
    assert written.ids == ["P5", "P5", "P5"]
    assert written.states.tolist() == [0, 1, 1]


def test_context_is_taken_where_the_contract_says_so(counter: Counter) -> None:
    counter.send(view(1, context={"page_url": "https://bank.example/deposits", "ip": "10.0.0.1"}))
    assert '"context_page_url": "https://bank.example/deposits"' in counter.events()["body"][0]
    assert "10.0.0.1" not in counter.events()["body"][0]


def test_events_keep_the_order_in_which_they_came(counter: Counter) -> None:
    messages = [payment(n) if n % 3 else view(n) for n in range(30)]
    counter.send(*messages)
    keys = counter.events()["idempotency_key"].str.split(":").list.last().to_list()
    assert keys == [("P" if n % 3 else "v") + str(n) for n in range(30)]


def test_all_or_nothing(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    from vostro.capture.intake import writer

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(writer, "keep_rejects", fail)
    with pytest.raises(RuntimeError):
        counter.send(payment(1), payment(2, amount=-1))
    assert counter.events().is_empty()
    monkeypatch.undo()
    assert counter.states(payment(1)) == ["accepted"]


def test_a_date_is_the_day_of_the_contract(counter: Counter) -> None:
    counter.define(
        "contract: visits\nmeaning: {en: Visits, zh: 到访}\nfile: visits.csv\ncustomer: c\n"
        "event_time: {column: day, zone: Asia/Shanghai}\nevent: visit\ncolumns:\n"
        "  c: {type: integer, meaning: {en: C, zh: 客户}}\n  day: {type: date, layout: '%d.%m.%Y', meaning: {en: D, zh: 日}}\n"
    )
    said = ["2026-01-31", "2026-01-31T20:00:00Z", "2026-01-31T12:00:00.5Z", "31.01.2026"]
    messages = [
        Message(kind="visit", customer=str(i), event_time=text, properties={}) for i, text in enumerate(said)
    ]
    assert counter.codes(*messages) == [None, None, None, "not_date"]
    days = counter.events()["event_time"].dt.convert_time_zone("Asia/Shanghai").dt.date().cast(pl.String)
    assert days.to_list() == ["2026-01-31", "2026-02-01", "2026-01-31"]
    assert counter.events()["customer"].to_list() == ["0", "1", "2"]


REFERRING = PAYMENTS + "references: [{column: customer_id, to: clients.client_id}]\n"
CLIENTS = """
contract: clients
meaning: {en: Clients, zh: 客户}
file: clients*.csv
key: [client_id]
columns:
  client_id: {type: text, required: true, meaning: {en: Client, zh: 客户号}}
"""


def test_references_are_found_in_the_lake_as_it_grows(counter: Counter) -> None:
    counter.define(REFERRING, CLIENTS)
    assert counter.codes(payment(1)) == ["reference"]
    counter.load_file("clients1.csv", "client_id\nC1\n", "clients")
    assert counter.codes(payment(1), payment(2, customer="C2")) == [None, "reference"]
    counter.load_file("clients2.csv", "client_id\nC2\n", "clients")
    assert counter.codes(payment(2, customer="C2")) == [None]


OWNED = """
contract: transfers
meaning: {en: Transfers, zh: 转账}
file: transfers.csv
key: [id]
customer: {via: account, to: accounts.account, is: client}
event_time: {column: at}
event: transfer
columns:
  id: {type: integer, meaning: {en: Id, zh: 编号}}
  account: {type: text, meaning: {en: Account, zh: 账户}}
  at: {type: moment, meaning: {en: At, zh: 时间}}
"""
ACCOUNTS = """
contract: accounts
meaning: {en: Accounts, zh: 账户}
file: accounts*.csv
key: [account]
columns:
  account: {type: text, meaning: {en: Account, zh: 账户}}
  client: {type: text, meaning: {en: Client, zh: 客户}}
"""


def test_a_customer_that_another_table_knows(counter: Counter) -> None:
    counter.define(OWNED, ACCOUNTS)

    def transfer(number: int, account: str, **more: object) -> Message:
        said = {"kind": "transfer", "event_time": "2026-02-01T00:00:00Z", "id": number}
        return Message(**said, properties={"account": account}, **more)

    assert counter.codes(transfer(1, "A1")) == ["customer_unknown"]
    counter.load_file("accounts1.csv", "account,client\nA1,C1\n", "accounts")
    found = counter.codes(
        transfer(1, "A1"),
        transfer(2, "A1", customer="C1"),
        transfer(3, "A1", customer="C9"),
        transfer(4, "A2"),
    )
    assert found == [None, None, "customer_differs", "customer_unknown"]
    assert counter.events()["customer"].to_list() == ["C1", "C1"]
    undo = Message(kind="transfer", id="1", operation="delete", properties={})
    assert counter.codes(undo) == [None]
    assert counter.events().height == 1


def test_derived_columns_are_computed_and_cannot_be_sent(counter: Counter) -> None:
    text = PAYMENTS + "  large: {type: boolean, derive: 'amount > 100', meaning: {en: Large, zh: 大额}}\n"
    counter.define(text)
    assert counter.codes(payment(1, amount=200), payment(2, large=True)) == [None, "property_unknown"]
    assert '"large": true' in counter.events()["body"][0]


def test_rejects_of_a_flush_share_one_load(counter: Counter) -> None:
    counter.send(payment(1), payment(2, amount=-1), view(page=None), payment(kind="x"))
    with counter.store.begin() as connection:
        rows = connection.execute(sa.select(engine.load)).mappings().all()
        loads = set(connection.scalars(sa.select(engine.reject.c.load_id)))
    assert [row["rows_rejected"] for row in rows] == [3]
    assert loads == {rows[0]["id"]}


def test_reasons_do_not_depend_on_what_else_is_sent(counter: Counter) -> None:
    alone = [
        counter.codes(message)[0] for message in (payment(1, amount=-1), payment(2, x=1), view(3, page=None))
    ]
    together = counter.codes(payment(1, amount=-1), payment(2, x=1), view(3, page=None), payment(9))
    assert together == [*alone, None]


def test_late_answers_do_not_change_the_clock(counter: Counter) -> None:
    message = view(1, event_time=(NOW - timedelta(days=6)).isoformat())
    assert counter.codes(message, now=NOW + timedelta(days=2)) == ["late"]
    assert counter.codes(message, now=NOW) == [None]


def test_a_message_is_known_when_it_comes_whatever_is_said_of_the_files(counter: Counter) -> None:
    counter.define(PAYMENTS + "known: event_time\n")
    assert counter.states(payment(1)) == ["accepted"]
    row = counter.events().row(0, named=True)
    assert row["load_time"] == NOW > row["event_time"]
