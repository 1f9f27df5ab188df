"""The call list holds exactly the contacted, best first, in both languages, and is safe to open."""

import csv
from pathlib import Path

import polars as pl
import pytest

from vostro.decide import SpokenReason
from vostro.portrait import Rule, TagInfo, parse_rule
from vostro.reach import CALL_LIST_COLUMNS, ScriptError, promise_messages, read_script, write_call_list
from vostro.words import Text

SCRIPT = Text(en="Hello. [I call because {reasons}.] Bye.", zh="您好。[因为{reasons}。]再见。")
TAGS = {
    "age": TagInfo(type="integer", name=Text(en="Age", zh="年龄")),
    "job": TagInfo(type="text", name=Text(en="Job", zh="职业")),
}
FIELDS = {
    "feature": pl.String,
    "value": pl.String,
    "effect_logodds": pl.Float64,
    "en": pl.String,
    "zh": pl.String,
}
REASON = pl.List(pl.Struct(FIELDS))
PEOPLE = pl.DataFrame({"age": [60, 60, 60, 60], "job": ["retired", "clerk", "clerk", "retired"]})


def phrase(tag: str, when: str, en: str, zh: str) -> tuple[SpokenReason, Rule]:
    return SpokenReason(tag, when, Text(en=en, zh=zh)), parse_rule(when, TAGS)


PHRASES = [
    phrase("job", "job = 'retired'", "you are retired", "您已退休"),
    phrase("age", "age >= 50", "you are over fifty", "您已过五十岁"),
    phrase("age", "age < 30", "you are young", "您很年轻"),
]


def decisions() -> pl.DataFrame:
    age = {"feature": "age", "value": "60", "effect_logodds": 0.5, "en": "Age 60", "zh": "年龄60岁"}
    job = {"feature": "job", "value": "retired", "effect_logodds": 0.7, "en": "Job retired", "zh": "职业退休"}
    low = {**age, "effect_logodds": -0.5}
    return pl.DataFrame(
        {
            "decision_id": ["d1", "d2", "d3", "d4"],
            "customer": ["=cmd()", "c2", "c3", "c4"],
            "wave": [0, 0, 0, 0],
            "as_of": ["2026-01-01T00:00:00+00:00"] * 4,
            "verdict": ["chosen", "control", "explored", "chosen"],
            "response_probability": [0.2, 0.9, 0.1, 0.5],
            "value": [20.0, 90.0, 10.0, 50.0],
            "reasons": pl.Series([[job, age], None, [], [low, job]], dtype=REASON),
        }
    )


def test_only_the_contacted_are_called_and_the_best_first(tmp_path: Path) -> None:
    messages = promise_messages(decisions(), PEOPLE, channel="call", script=SCRIPT, phrases=PHRASES)
    assert write_call_list(messages, tmp_path / "list.csv") == 3
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == CALL_LIST_COLUMNS
    assert [row["decision_id"] for row in rows] == ["d4", "d1", "d3"]
    assert rows[0]["script_en"] == "Hello. I call because you are retired. Bye.", (
        "what speaks against is not said"
    )
    assert rows[1]["script_zh"] == "您好。因为您已退休，您已过五十岁。再见。"
    assert rows[1]["reasons_en"] == "Job retired; Age 60", "the agent sees every reason"
    assert rows[2]["script_zh"] == "您好。再见。"


def test_a_cell_that_a_spreadsheet_would_run_is_text(tmp_path: Path) -> None:
    write_call_list(
        promise_messages(decisions(), PEOPLE, channel="call", script=SCRIPT, phrases=PHRASES),
        tmp_path / "list.csv",
    )
    assert "'=cmd()" in (tmp_path / "list.csv").read_text(encoding="utf-8-sig")


def test_writing_again_gives_the_same_bytes(tmp_path: Path) -> None:
    messages = promise_messages(decisions(), PEOPLE, channel="call", script=SCRIPT, phrases=PHRASES)
    write_call_list(messages, tmp_path / "list.csv")
    first = (tmp_path / "list.csv").read_bytes()
    write_call_list(messages, tmp_path / "list.csv")
    assert (tmp_path / "list.csv").read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


def test_the_list_does_not_tell_who_was_drawn_at_random() -> None:
    messages = promise_messages(decisions(), PEOPLE, channel="call", script=SCRIPT, phrases=PHRASES)
    assert "verdict" not in messages.columns


@pytest.mark.parametrize("text", ["# en\nHello", "# zh\n您好", "Hello", "# en\n\n# zh\n您好"])
def test_a_script_without_a_language_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "script.md").write_text(text, encoding="utf-8")
    with pytest.raises(ScriptError):
        read_script(tmp_path / "script.md")
