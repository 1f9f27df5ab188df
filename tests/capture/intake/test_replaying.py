"""Rejected messages are listed, exported, mended and replayed by the commands of rejects; none is lost."""

import csv
from datetime import timedelta
from pathlib import Path

from vostro.capture import export_rejects, replay_rejects
from vostro.capture.intake import read_messages
from vostro.capture.rejects import reject_sources

from .conftest import NOW, PAYMENTS, VIEWS, Counter, payment, view

LATER = NOW + timedelta(days=1)


def replay(counter: Counter, **more: object):
    return replay_rejects(
        counter.store,
        counter.lake,
        counter.contracts,
        load_time=LATER,
        **{"source": None, "mended": None} | more,
    )


def mend(path: Path, **changes: str) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row.update(changes)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_under_a_changed_contract(counter: Counter) -> None:
    counter.send(payment(1, merchant="hotel"), payment(2, merchant="kiosk"), view(1, page=None))
    counter.define(PAYMENTS.replace("[dining, travel, food]", "[dining, travel, food, hotel]"), VIEWS)
    outcome = replay(counter, source="card_payments")
    assert (outcome.accepted, outcome.still_open, outcome.rejects_by_reason) == (1, 1, {"not_allowed": 1})
    assert counter.events()["idempotency_key"].to_list() == ["card_payments:P1"]
    assert counter.events()["load_time"].to_list() == [LATER]
    assert [each.state for each in counter.rejects("replayed")] == ["replayed"]
    assert replay(counter, source="card_payments").accepted == 0
    assert counter.events().height == 1


def test_a_new_column_takes_what_was_unknown(counter: Counter) -> None:
    counter.send(payment(1, city="Porto"))
    counter.define(PAYMENTS + "  city: {type: text, meaning: {en: City, zh: 城市}}\n", VIEWS)
    assert replay(counter).accepted == 1
    assert '"city": "Porto"' in counter.events()["body"][0]


def test_a_kind_gets_its_contract(counter: Counter) -> None:
    counter.define(PAYMENTS)
    counter.send(view(1), view(2))
    assert reject_sources(counter.store) == {"page_view"}
    assert replay(counter).considered == 0
    counter.define(PAYMENTS, VIEWS)
    outcome = replay(counter)
    assert (outcome.accepted, outcome.still_open) == (2, 0)
    assert counter.events()["kind"].to_list() == ["page_view", "page_view"]


def test_exported_mended_replayed(counter: Counter, folder: Path) -> None:
    path = folder / "mend.csv"
    counter.send(payment(1, amount="abc", online=True), payment(2, amount="x", city="Porto"))
    assert export_rejects(counter.store, path, "card_payments") == 2
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["_customer"] == "C1"
    assert (rows[0]["_file"], rows[0]["amount"], rows[0]["online"], rows[1]["city"]) == (
        "api",
        "abc",
        "true",
        "Porto",
    )
    mend(path, amount="3.00", city="")
    outcome = replay(counter, mended=path)
    assert (outcome.accepted, outcome.still_open) == (2, 0)
    assert counter.events()["body"].str.json_path_match("$.amount").to_list() == ["3.00", "3.00"]
    assert counter.events()["body"].str.json_path_match("$.online").to_list() == ["true", None]
    assert replay(counter, mended=path).already == 2


def test_a_kind_is_mended(counter: Counter, folder: Path) -> None:
    path = folder / "mend.csv"
    counter.send(payment(1, kind="card_paymnt"))
    export_rejects(counter.store, path, "card_paymnt")
    mend(path, _kind="card_payment")
    assert replay(counter, mended=path).accepted == 1


def test_what_was_no_message_stays_and_can_be_written_anew(counter: Counter, folder: Path) -> None:
    path = folder / "mend.csv"
    counter.send(*read_messages(b'[{"kind":"page_view","propertis":{}}]'))
    assert replay(counter).considered == 0
    assert export_rejects(counter.store, path, "?") == 1
    assert "propertis" in path.read_text(encoding="utf-8-sig")
    assert counter.rejects()[0].code == "message_field"


def test_a_mended_correction_is_later_than_what_it_corrects(counter: Counter) -> None:
    counter.send(payment(1))
    counter.send(payment(1, merchant="hotel", operation="correct"))
    counter.send(payment(2))
    counter.define(PAYMENTS.replace("[dining, travel, food]", "[dining, hotel]"), VIEWS)
    assert replay(counter).accepted == 1
    assert sorted(counter.events()["body"].str.json_path_match("$.merchant").to_list()) == ["dining", "hotel"]


def test_a_mended_correction_does_not_undo_a_later_one(counter: Counter) -> None:
    counter.send(payment(1))
    counter.send(payment(1, merchant="hotel", operation="correct"))
    counter.send(payment(1, merchant="food", operation="correct"))
    counter.define(PAYMENTS.replace("[dining, travel, food]", "[dining, hotel, food]"), VIEWS)
    assert replay(counter).accepted == 1
    assert counter.events()["body"].str.json_path_match("$.merchant").to_list() == ["food"]


def test_an_event_that_came_meanwhile_is_not_doubled(counter: Counter) -> None:
    counter.send(payment(1, merchant="hotel"))
    counter.send(payment(1))
    counter.define(PAYMENTS.replace("[dining, travel, food]", "[dining, hotel]"), VIEWS)
    assert replay(counter).accepted == 1
    assert counter.events(versions=True).height == 1


def test_rejects_of_files_go_their_own_way(counter: Counter) -> None:
    header = "payment_id|customer_id|paid_at|Betrag|merchant|online|parts\n"
    counter.define(PAYMENTS.replace('decimal: ","', 'decimal: ",", delimiter: "|"'), VIEWS)
    counter.load_file("card_payments.csv", header + "P1|C1|01.02.2026 09:00|1,00|hotel||\n", "card_payments")
    counter.send(payment(2, merchant="hotel"))
    wide = PAYMENTS.replace('decimal: ","', 'decimal: ",", delimiter: "|"').replace(
        "[dining,", "[hotel, dining,"
    )
    counter.define(wide, VIEWS)
    assert replay(counter).accepted == 2
    assert sorted(counter.events()["idempotency_key"]) == ["card_payments:P1", "card_payments:P2"]
