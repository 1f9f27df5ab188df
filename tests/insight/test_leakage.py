"""Tags that give the target away are found, by what they are made of and by what they tell."""

import numpy as np
import polars as pl

from vostro.insight.leakage import related_tags, telling_tags, usable_tags
from vostro.portrait import Tag, parse_rule
from vostro.portrait.tag_definition import ModelDefinition
from vostro.words import Text

NAME = Text("x", "x")


def attribute(code: str, **more: object) -> Tag:
    return Tag(tag=code, type="integer", name=NAME, dimension="basic", attribute=("c", code), **more)  # type: ignore[arg-type]


def tags() -> dict[str, Tag]:
    found = {code: attribute(code) for code in ("cards", "age", "loans")}
    found["holds_card"] = Tag(
        tag="holds_card", type="boolean", name=NAME, dimension="basic", rule=parse_rule("cards > 0", found)
    )
    found["card_lover"] = Tag(
        tag="card_lover",
        type="boolean",
        name=NAME,
        dimension="basic",
        rule=parse_rule("holds_card AND age > 3", found),
    )
    found["group"] = Tag(
        tag="group",
        type="integer",
        name=NAME,
        dimension="basic",
        model=ModelDefinition(estimator="k", value="cluster"),
    )
    return found


def test_what_hangs_together_with_a_tag() -> None:
    assert related_tags(["holds_card"], tags()) == {"holds_card", "cards", "card_lover"}
    assert related_tags(["holds_card"], tags(), {"k": ("cards", "age")}) == {
        "holds_card",
        "cards",
        "card_lover",
        "group",
    }
    assert related_tags(["loans"], tags()) == {"loans"}


def test_a_tag_that_tells_all_is_found_in_any_form() -> None:
    rng = np.random.default_rng(0)
    chosen = rng.random(400) < 0.3
    frame = pl.DataFrame(
        {
            "number": np.where(chosen, 5.0, 1.0) + rng.normal(0, 0.1, 400),
            "known": pl.Series([1.0 if yes else None for yes in chosen]),
            "word": ["gold" if yes else "none" for yes in chosen],
            "age": rng.normal(size=400),
            "weak": chosen + rng.normal(0, 2, 400),
        }
    )
    found = telling_tags(frame, chosen, frame.columns)
    assert set(found) == {"number", "known", "word"} and min(found.values()) > 0.99


def test_who_somebody_is_and_what_may_not_decide_is_not_learnt_from() -> None:
    found = {
        "a": attribute("a"),
        "b": attribute("b", sensitivity="identity"),
        "c": attribute("c", uses=("segment", "show")),
    }
    assert usable_tags(found) == ["a"]
