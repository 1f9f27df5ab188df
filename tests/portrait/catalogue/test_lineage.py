"""Lineage is the same read in both directions, through rules, households and estimators."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.portrait import Tag, TagUnknownError, TagUser, lineage, parse_rule, trace
from vostro.portrait.tag_definition import ModelDefinition
from vostro.words import Text

NAME = Text(en="A", zh="甲")


def _tag(code: str, reads: tuple[str, ...] = (), tags: dict[str, Tag] | None = None) -> Tag:
    if not reads:
        columns = frozenset({f"t.{code}"})
        same = {"tag": code, "name": NAME, "dimension": "basic", "type": "boolean"}
        return Tag(**same, attribute=("t", code), columns=columns)
    rule = parse_rule(" OR ".join(reads), tags or {})
    columns = frozenset().union(*((tags or {})[each].columns for each in reads))
    return Tag(tag=code, name=NAME, dimension="basic", type="boolean", rule=rule, columns=columns)


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Tag]:
    tags: dict[str, Tag] = {}
    for i in range(draw(st.integers(1, 9))):
        reads = tuple(draw(st.sets(st.sampled_from(sorted(tags)), max_size=3))) if tags else ()
        tags[f"g{i}"] = _tag(f"g{i}", tuple(sorted(reads)), tags)
    return tags


@given(graphs(), st.data())
def test_both_directions_agree(tags: dict[str, Tag], data: st.DataObject) -> None:
    used = data.draw(st.sets(st.sampled_from(sorted(tags))))
    users = {code: [TagUser("segment", f"s_{code}", NAME)] for code in used}
    found = lineage(tags, users)
    for code, each in found.items():
        assert set(each.reads) == tags[code].depends
        for other in each.reads:
            assert code in found[other].read_by
        assert set(each.read_by_all) == {other for other in found if code in found[other].reads_all}
        assert set(each.columns) == set(tags[code].columns)
        reached = {f"s_{other}" for other in used & {code, *each.read_by_all}}
        assert {user.code for user in each.users} == reached
        assert each.used == bool(reached)
        for user in each.users:
            assert user.code == f"s_{user.via or code}"


def test_an_estimate_comes_from_what_its_estimator_reads() -> None:
    tags = {"age": _tag("age"), "job": _tag("job")}
    tags["chance"] = Tag(
        tag="chance", name=NAME, dimension="basic", type="number", model=ModelDefinition(estimator="e")
    )
    tags["likely"] = _tag("likely", ("age",), tags)
    found = lineage(tags, {"chance": [TagUser("campaign", "spring", NAME)]}, {"e": ("age",)})
    assert found["chance"].columns == ("t.age",) and found["chance"].estimator == "e"
    assert found["age"].users == (TagUser("campaign", "spring", NAME, via="chance"),)
    assert not found["job"].used


def test_a_column_is_traced_forward_and_a_slip_is_told() -> None:
    tags = {"age": _tag("age"), "job": _tag("job")}
    tags["old"] = _tag("old", ("age",), tags)
    found = lineage(tags, {"old": [TagUser("segment", "s", NAME)]})
    traced = trace("t.age", found, {"t.age", "t.job", "t.x"})
    assert traced.tags == ("age", "old") and [user.via for user in traced.users] == ["old"]
    assert trace("t.x", found, {"t.x"}).tags == ()
    assert trace("old", found, set()) == found["old"]
    with pytest.raises(TagUnknownError, match=r"'t\.age'"):
        trace("t.agee", found, {"t.age"})
