"""Aggregates share what they can, and a record's version says all that decides what it holds."""

from vostro.portrait.aggregate import Clock
from vostro.portrait.online.folding import fold_source, plain_function
from vostro.portrait.online.plan import plan_records
from vostro.portrait.online.reading import read_source, value_function

from ..aggregate.cases import COLUMNS, parse
from .benches import CONTRACTS, tags_of

DAY = 86_400_000_000


def plan(*definitions, clock=Clock()):  # noqa: B008 - frozen
    return plan_records(tags_of(definitions, clock), CONTRACTS)


def test_windows_of_one_source_and_filter_share_tiles():
    found = plan(
        *(
            {"measure": m, "window": w}
            for w in ("7 days", "90 days")
            for m in ("count", "sum(points)", "mean(points)")
        )
    )
    assert len(found.groups) == 1
    assert [slot.kind for slot in found.groups[0].slots] == ["known", "rows", "sum"]
    assert found.groups[0].keep_us == 90 * DAY


def test_filters_hops_and_all_time_stand_apart():
    count = {"measure": "count"}
    found = plan(
        count, count | {"window": "7 days"}, count | {"window": "1 hour"}, count | {"where": "online"}
    )
    assert [(group.hop_us, group.where is not None) for group in found.groups] == [
        (None, False), (DAY, False), (300_000_000, False), (None, True)
    ]  # fmt: skip


def test_a_trend_keeps_twice_its_window():
    assert plan({"measure": "count", "window": "30 days", "trend": True}).groups[0].keep_us == 60 * DAY


def test_the_version_is_of_what_a_record_holds():
    week = {"measure": "sum(amount)", "window": "7 days"}
    same = plan(week)
    assert plan(week).version == same.version
    for other in (
        plan(week | {"window": "8 days"}),
        plan(week | {"where": "online"}),
        plan(week | {"measure": "sum(points)"}),
        plan(week, {"measure": "count"}),
        plan(week, clock=Clock(3_600_000_000)),
    ):
        assert other.version != same.version
    assert plan(week, week).version == same.version, "a second tag of the same needs no other record"


def test_the_generated_functions_hold_no_text_of_a_definition():
    tags = tags_of([{"measure": "count", "where": "city = 'Zürich'"}, {"measure": "top(city)"}], Clock())
    found = plan_records(tags, CONTRACTS)
    text, names = fold_source(found, found.sources["payment"])
    assert "Zürich" not in text + read_source(found, {code: tag.aggregate for code, tag in tags.items()})[0]
    assert "holds" in names


def test_values_of_every_type_are_turned_and_turned_back():
    from ..aggregate.cases import START

    values = {
        "amount": "12.50",
        "wide": "-0.125",
        "points": 7,
        "rate": 0.25,
        "city": "é",
        "due": START.date(),
        "seen": START,
    }
    for column, value in values.items():
        from decimal import Decimal

        given = Decimal(value) if column in ("amount", "wide") else value
        measure = parse({"measure": f"max({column})"})[0].measure
        there, back = plain_function(measure), value_function(measure)
        form = given if there is None else there(given)
        assert (form if back is None else back(form)) == given, COLUMNS[column]
