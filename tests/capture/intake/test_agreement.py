"""A record and a message that say the same are judged the same: random values, file beside message."""

import json
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vostro import engine
from vostro.capture import load
from vostro.capture.intake import Message

from .conftest import NOW, Counter

CONTRACT = """
contract: deals
meaning: {en: Deals, zh: 交易}
file: deals.jsonl
customer: client
event_time: {column: at}
event: deal
lateness: 30 days
columns:
  client: {type: text, required: true, pattern: 'C[0-9]', meaning: {en: Client, zh: 客户}}
  at: {type: moment, meaning: {en: At, zh: 时间}}
  whole: {type: integer, min: 0, max: 100, meaning: {en: Whole, zh: 整数}}
  share: {type: number, max: 1, meaning: {en: Share, zh: 比例}}
  amount: {type: decimal, decimal: [6, 2], required: true, meaning: {en: Amount, zh: 金额}}
  open: {type: boolean, meaning: {en: Open, zh: 是否}}
  day: {type: date, min: 2020-01-01, meaning: {en: Day, zh: 日期}}
  word: {type: text, allowed: [a, b], meaning: {en: Word, zh: 词}}
"""
TEXTS = st.sampled_from(
    ["", " ", "1", "-1", "101", "1.5", "1e2", " 7 ", "0.25", "12.345", "123456.7", "1,5", "1,234.50", "x", "yes", "False",
     "2026-02-30", "2019-01-01", "2026-01-15", "2026-01-15T10:00:00", "a", "b", "c", "是", "99999999999999999999"]
)  # fmt: skip
VALUES = TEXTS | st.none() | st.integers(-5, 200) | st.booleans() | st.decimals(-2, 2, places=2).map(float)
MOMENTS = st.sampled_from(
    ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.123456+08:00", "2026-01-31 12:00+00:00", "2026-01-31T12:00:00",
     "2025-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "soon", "2026-02-01T11:59:59Z"]
)  # fmt: skip
ROWS = st.fixed_dictionaries(
    {
        "client": st.sampled_from(["C1", "C2", "D1", "C"]),
        "at": MOMENTS,
        **dict.fromkeys(("whole", "share", "amount", "open", "day", "word"), VALUES),
    }
)


def _file_codes(counter: Counter, rows: list[dict[str, Any]]) -> list[tuple[str | None, str] | None]:
    path = counter.bank / "deals.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    report = load(counter.contracts["deals"], path, store=counter.store, lake=counter.lake, load_time=NOW)
    table = engine.reject.c
    query = sa.select(table.line, table.field, table.code).where(table.load_id == report.load_id)
    with counter.store.begin() as connection:
        found = {line: (field, code) for line, field, code in connection.execute(query)}
    return [found.get(number) for number in range(1, len(rows) + 1)]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(ROWS, min_size=1, max_size=8))
def test_a_record_and_a_message_are_judged_the_same(counter: Counter, rows: list[dict[str, Any]]) -> None:
    counter.define(CONTRACT)
    from_file = _file_codes(counter, rows)
    messages = [
        Message(
            kind="deal",
            customer=row["client"],
            event_time=row["at"],
            properties={name: value for name, value in row.items() if name not in ("client", "at")},
        )
        for row in rows
    ]
    written = counter.send(*messages)
    reasons = [written.reasons.get(place) for place in range(len(rows))]
    assert [each and (each.field, each.code) for each in reasons] == from_file
    with counter.store.begin() as connection:
        events = engine.read_events(connection, kind="deal").to_dicts()
    accepted = sum(each is None for each in from_file)
    bodies = [(each["customer"], each["event_time"], each["body"]) for each in events]
    assert bodies[-accepted:] == bodies[-2 * accepted : -accepted] or accepted == 0
