"""A contract as messages see it: columns by name, the file's spelling forgotten, all promises kept."""

from vostro.capture.intake import MessageContract, message_contracts

from .conftest import PAYMENTS, VIEWS, Counter


def test_names_not_headers_and_no_layouts(counter: Counter) -> None:
    view = MessageContract(counter.contracts["card_payments"])
    assert list(view.properties) == ["payment_id", "amount", "merchant", "online", "parts"]
    assert (view.customer, view.clock, view.key) == ("customer_id", "paid_at", ["payment_id"])
    assert all(column.from_ is None and column.layout is None for column in view.whole.columns.values())
    assert view.whole.format.decimal == "."
    assert view.whole.columns["payment_id"].required
    assert view.whole.columns["amount"].min == 0


def test_a_deletion_states_key_customer_and_moment_only(counter: Counter) -> None:
    deletion = MessageContract(counter.contracts["card_payments"]).deletion
    assert set(deletion.columns) == {"payment_id", "customer_id", "paid_at"}
    assert not deletion.columns["payment_id"].pattern
    assert deletion.lateness is None


def test_which_contracts_take_messages(counter: Counter) -> None:
    assert set(message_contracts(counter.contracts)) == {"card_payment", "page_view", "identity"}
    contracts = counter.define(PAYMENTS.replace("event: card_payment\n", ""), VIEWS)
    assert set(message_contracts(contracts)) == {"page_view", "identity"}


def test_a_row_number_is_no_key(counter: Counter) -> None:
    text = PAYMENTS.replace("key: [payment_id]", "key: [row]").replace(
        "columns:\n", "columns:\n  row: {type: integer, from: row_number, meaning: {en: Row, zh: 行号}}\n"
    )
    view = MessageContract(counter.define(text)["card_payments"])
    assert view.key == []
    assert not view.whole.columns["row"].required
