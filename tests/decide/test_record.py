"""A record holds what was decided and from what, as JSON that any reader takes."""

import json
from datetime import UTC, datetime

import numpy as np
import polars as pl

from vostro.decide import VERDICTS, Action, Campaign, Catalogue, Context, Response, decide, decision_records
from vostro.portrait import TagInfo, parse_rule
from vostro.words import Text

NAME = Text(en="Call", zh="外呼")
AGE = {"age": TagInfo(type="integer", name=NAME)}


def records(p: list[float], ages: list[int | None]) -> pl.DataFrame:
    action = Action(
        action="call",
        name=NAME,
        product="p",
        response=Response(model="m", margin="100 EUR", contact_cost="4 EUR"),
        channels={"call": "s/a.md"},
        limits={"call": "1 a wave"},
    )
    catalogue = Catalogue({}, {"call": action}, {}, {}, {"call": parse_rule("age >= 18", AGE)}, {"call": ()})
    campaign = Campaign(campaign="c", name=NAME, segment="s", action="call", holdout="0 %")
    frame = pl.DataFrame(
        {"customer": [f'客"{i}' for i in range(len(p))], "age": ages},
        schema={"customer": pl.String, "age": pl.Int64},
    )
    context = Context(campaign, action, 2, np.array(p), {"estimator": "e"})
    board = decide(frame, catalogue, context, as_of=datetime(2026, 3, 1, tzinfo=UTC), seed=1)
    reasons = pl.repeat(None, len(p), eager=True)
    return decision_records(board, run_id="r", tags=("age",), reasons=reasons)


def test_unknown_numbers_are_null_and_never_nan() -> None:
    table = records([0.5, 0.2, float("nan")], [30, 40, None])
    found = [json.loads(text, parse_constant=lambda word: 1 / 0) for text in table["record"]]
    assert [each["verdict"] for each in found] == ["chosen", "not_chosen", "ineligible"]
    assert found[2]["response_probability"] is None and found[2]["value"] is None
    assert found[2]["tags"] == {"age": None} and found[0]["tags"] == {"age": 30}
    assert found[0]["customer"] == '客"0' and found[0]["versions"] == {"estimator": "e"}
    assert found[0]["threshold"] == 46.0 and found[0]["suppressed_by"] is None
    assert found[0]["as_of"] == "2026-03-01T00:00:00+00:00"


def test_nobody_chosen_has_no_threshold() -> None:
    table = records([0.01, 0.02], [30, 40])
    assert table["verdict"].to_list() == ["not_worth"] * 2
    assert all(json.loads(text)["threshold"] is None for text in table["record"])


def test_nobody_considered_is_an_empty_table_with_the_same_columns() -> None:
    empty, one = records([], []), records([0.5], [30])
    assert empty.height == 0 and empty.columns == one.columns
    assert set(one["verdict"]) <= set(VERDICTS)
