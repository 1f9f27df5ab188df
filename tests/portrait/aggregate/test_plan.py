"""Aggregates share what they can share, and nothing else."""

from vostro.portrait.aggregate.plan import plan

from .cases import parse


def kinds(*definitions):
    return [each.kind for each in plan(parse(each)[0] for each in definitions).sums]


def test_a_mean_a_sum_and_a_share_need_one_sum():
    month = {"window": "40 days"}
    assert kinds(
        {"measure": "sum(amount)", **month},
        {"measure": "mean(amount)", **month},
        {"measure": "sum(amount)", **month, "where": "online", "ratio_to": {}},
        {"measure": "sum(amount)", **month, "trend": True},
    ) == ["sum", "count", "sum", "sum"], "the month, known values, online, the month before"


def test_other_filters_windows_and_columns_are_other_sums():
    assert len(kinds({"measure": "count"}, {"measure": "count", "window": "7 days"})) == 2
    assert len(kinds({"measure": "count"}, {"measure": "count", "where": "online"})) == 2
    assert len(kinds({"measure": "max(amount)"}, {"measure": "max(points)"})) == 2
    assert len(kinds({"measure": "count", "where": "online"}, {"measure": "count", "where": "online"})) == 1


def test_distinct_and_top_of_a_column_share_its_table():
    found = plan(
        parse({"measure": each})[0] for each in ("distinct(city)", "top(city)", "top(city, 3)", "top(points)")
    )
    assert {column: len(parts) for column, parts in found.tables.items()} == {"city": 3, "points": 1}
    assert len({name for parts in found.tables.values() for name in parts.values()}) == 4
    assert not found.sums


def test_first_and_last_have_moments():
    found = plan([parse({"measure": "first(city)"})[0], parse({"measure": "sum(amount)"})[0]])
    assert [each.kind for each in found.moments] == ["first"]
    assert set(found.moments.values()).isdisjoint(found.sums.values())
