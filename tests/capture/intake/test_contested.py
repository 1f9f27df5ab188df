"""Corrections and deletions: the last word stands, twice said is said once, and nobody moves an event."""

from vostro.capture import drain, history
from vostro.capture.intake import Message

from .conftest import Counter, payment, view


def undo(number: int, **more: object) -> Message:
    return Message(kind="card_payment", operation="delete", id=f"P{number}", **more)


def amounts(counter: Counter) -> list[str]:
    return counter.events()["body"].str.json_path_match("$.amount").to_list()


def test_a_correction_is_the_whole_event_again(counter: Counter) -> None:
    counter.send(payment(1), payment(2))
    assert counter.states(payment(1, amount=7, operation="correct")) == ["accepted"]
    assert sorted(amounts(counter)) == ["12.50", "7.00"]
    assert counter.events(versions=True).height == 3
    assert counter.pending() == 3


def test_the_same_correction_again_adds_nothing(counter: Counter) -> None:
    counter.send(payment(1))
    fixed = payment(1, amount=7, operation="correct")
    assert counter.states(fixed, fixed) == ["accepted", "duplicate"]
    assert counter.states(fixed) == ["duplicate"]
    assert counter.states(payment(1, operation="correct")) == ["accepted"]
    assert counter.states(fixed) == ["accepted"]
    assert amounts(counter) == ["7.00"]


def test_a_correction_that_changes_nothing_adds_nothing(counter: Counter) -> None:
    counter.send(payment(1))
    assert counter.states(payment(1, operation="correct")) == ["duplicate"]


def test_a_correction_keeps_the_contract(counter: Counter) -> None:
    counter.send(payment(1))
    assert counter.codes(payment(1, amount=-7, operation="correct")) == ["below_min"]
    assert amounts(counter) == ["12.50"]


def test_a_deletion_needs_the_id_only(counter: Counter) -> None:
    counter.send(payment(1), view(1))
    assert counter.states(undo(1), undo(1)) == ["accepted", "duplicate"]
    assert counter.states(undo(1, customer="C1")) == ["duplicate"]
    assert counter.states(Message(kind="page_view", operation="delete", id="v1")) == ["accepted"]
    assert counter.events().is_empty()


def test_a_deletion_of_what_nobody_knows(counter: Counter) -> None:
    assert counter.codes(undo(1)) == ["event_unknown"]
    assert counter.codes(undo(2, customer="C1")) == [None]
    assert counter.codes(Message(kind="page_view", operation="delete")) == ["message_required"]
    assert counter.codes(Message(kind="card_payment", operation="delete")) == ["id_missing"]


def test_an_event_that_comes_after_its_deletion_or_correction_adds_nothing(counter: Counter) -> None:
    counter.send(undo(1, customer="C1"), payment(2, amount=7, operation="correct"))
    assert counter.states(payment(1), payment(2), payment(3)) == ["duplicate", "duplicate", "accepted"]
    assert amounts(counter) == ["7.00", "12.50"]


def test_what_was_deleted_comes_back_as_a_correction(counter: Counter) -> None:
    counter.send(payment(1))
    counter.send(undo(1))
    assert counter.states(payment(1, operation="correct")) == ["accepted"]
    assert amounts(counter) == ["12.50"]


def test_nobody_moves_an_event_to_another_customer(counter: Counter) -> None:
    counter.send(payment(1))
    assert counter.codes(payment(1, customer="C2", operation="correct"), undo(1, customer="C2")) == [
        "other_customer",
        "other_customer",
    ]
    assert counter.events()["customer"].to_list() == ["C1"]


def test_all_in_one_flush(counter: Counter) -> None:
    sent = [
        payment(1),
        payment(1, amount=7, operation="correct"),
        payment(2),
        undo(2, customer="C1"),
        payment(2),
    ]
    assert counter.states(*sent)[:4] == ["accepted"] * 4
    assert amounts(counter) == ["7.00"]


def test_the_lake_agrees_with_the_log(counter: Counter) -> None:
    counter.send(payment(1), payment(2), payment(3))
    counter.send(payment(2, amount=7, operation="correct"), undo(3))
    drain(counter.store, counter.lake, counter.contracts["card_payments"])
    rows = history(counter.lake, counter.contracts["card_payments"]).sort("event_id").collect()
    assert rows.select("event_id", "amount").rows() == [
        (row, amount) for row, amount in zip(["P1", "P2"], [*map(_decimal, ["12.50", "7.00"])], strict=True)
    ]


def _decimal(text: str) -> object:
    from decimal import Decimal

    return Decimal(text)


REVERSING = """
contract: bookings
meaning: {en: Bookings, zh: 记账}
file: bookings.csv
key: [number]
customer: client
event_time: {column: at}
event: booking
reverses: cancels
columns:
  number: {type: integer, meaning: {en: Number, zh: 编号}}
  client: {type: text, meaning: {en: Client, zh: 客户}}
  at: {type: moment, meaning: {en: At, zh: 时间}}
  cancels: {type: integer, meaning: {en: Cancels, zh: 冲正}}
"""


def test_a_booking_that_reverses_another(counter: Counter) -> None:
    counter.define(REVERSING)

    def booking(number: int, cancels: int | None = None) -> Message:
        said = {"kind": "booking", "customer": "C1", "event_time": "2026-02-01T00:00:00Z"}
        return Message(**said, properties={"number": number, "cancels": cancels})

    counter.send(booking(1), booking(2))
    assert counter.states(booking(3, cancels=1)) == ["accepted"]
    assert counter.states(booking(3, cancels=1)) == ["duplicate"]
    assert counter.events()["idempotency_key"].to_list() == ["bookings:2"]
