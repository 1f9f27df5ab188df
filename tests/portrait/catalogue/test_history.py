"""Every build leaves one row a tag; what a tag meant and gave then can be read years later."""

from datetime import UTC, datetime, timedelta

import msgspec
import polars as pl
import pytest

from vostro.engine import Workspace
from vostro.portrait import Tag, TagUnknownError, keep_history, parse_rule, tag_history
from vostro.portrait.catalogue.definition import definition_of
from vostro.portrait.catalogue.errors import HistoryMissingError
from vostro.portrait.catalogue.history import last_builds
from vostro.words import Text

NAME = Text(en="Age", zh="年龄")
T0 = datetime(2026, 1, 1, tzinfo=UTC)
AGE = Tag(tag="age", name=NAME, dimension="basic", type="integer", attribute=("people", "age"))


def _old(limit: int) -> dict[str, Tag]:
    rule = parse_rule(f"age > {limit}", {"age": AGE})
    return {"age": AGE, "old": Tag(tag="old", name=NAME, dimension="basic", type="boolean", rule=rule)}


def test_builds_are_kept_and_compared(workspace: Workspace) -> None:
    lake = workspace.lake
    assert last_builds(lake) == {}
    with pytest.raises(HistoryMissingError):
        tag_history(lake, "old", {"old"})
    people = pl.DataFrame({"customer": list("abcd"), "age": [20, 30, 40, None]})
    for i, limit in enumerate((25, 25, 35)):
        built = people.with_columns(old=pl.col("age") > limit)
        keep_history(lake, _old(limit), built, moment=T0 + timedelta(days=i), as_of=T0)
    builds = tag_history(lake, "old", {"old"})
    assert [each.changed for each in builds] == [True, False, False]
    assert builds[0].definition["rule"] == "age > 35" and builds[1].version == builds[2].version
    assert [each.moved for each in builds] == [pytest.approx(1 / 3), 0, None]
    assert [each.summary.coverage for each in builds] == [0.75] * 3
    assert builds[0].moment > builds[1].moment and builds[0].as_of == T0.isoformat()
    assert last_builds(lake)["old"].version == builds[0].version
    with pytest.raises(TagUnknownError, match="'old'"):
        tag_history(lake, "oldd", {"age", "old"})


def test_the_same_moment_is_one_build(workspace: Workspace) -> None:
    people = pl.DataFrame({"customer": ["a"], "age": [20]})
    for _ in range(2):
        keep_history(workspace.lake, {"age": AGE}, people, moment=T0)
    assert len(tag_history(workspace.lake, "age", {"age"})) == 1


def test_a_tag_without_a_column_is_known_of_nobody(workspace: Workspace) -> None:
    keep_history(workspace.lake, {"age": AGE}, pl.DataFrame({"customer": ["a"]}), moment=T0)
    assert tag_history(workspace.lake, "age", {"age"})[0].summary.coverage == 0


def test_words_and_owner_do_not_change_a_definition() -> None:
    other = msgspec.structs.replace(AGE, name=Text(en="Years", zh="岁数"), owner="me", uses=("show",))
    assert definition_of(other) == definition_of(AGE)
    assert definition_of(msgspec.structs.replace(AGE, expires="3 days")) != definition_of(AGE)
    assert definition_of(_old(3)["old"]) != definition_of(_old(4)["old"])
