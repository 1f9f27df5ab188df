"""The record: every sum has its own place, and what a record cannot hold is refused."""

import pytest

from vostro.portrait.aggregate.bench_bank import sixty_tags
from vostro.portrait.aggregate.definition import DAY_US, Measure, Part, Window
from vostro.portrait.aggregate.errors import UnsuitedError
from vostro.portrait.aggregate.fold.slots import layout
from vostro.portrait.aggregate.plan import Plan, Span, Sum, plan, sums_of

SIXTY = plan(aggregate for aggregate, _ in sixty_tags().values())


def test_places_do_not_overlap():
    found = layout(SIXTY)
    places = [place for slot in found.slots for place in range(slot.place, slot.place + slot.width)]
    assert sorted(places) == list(range(1, found.width))
    assert set(found.sums) == set(SIXTY.sums.values())


def test_groups_hold_each_slot_once_under_its_own_conditions():
    found = layout(SIXTY)
    groups, starts = found.groups(len(SIXTY.filters))
    assert starts[0] == 0
    assert starts[-1] == len(groups)
    seen = []
    for number in range(len(SIXTY.filters) + 1):
        for span, first, end in groups[int(starts[number]) : int(starts[number + 1])].tolist():
            for slot in found.slots[first:end]:
                assert (slot.filter, slot.span) == (number, span)
                seen.append(slot)
    assert seen == list(found.slots)


def test_wide_windows_come_first():
    spans = [found.spans[slot.span] for found in [layout(SIXTY)] for slot in found.slots if slot.filter == 0]
    lengths = [span.window.length_us * (1 + span.back) if span.window else 10**18 for span in spans]
    assert lengths == sorted(lengths, reverse=True)


@pytest.mark.parametrize(
    "measure",
    [
        Measure("sum", "amount", "decimal", scale=2, digits=19),
        Measure("last", "amount", "decimal", scale=2, digits=38),
        Measure("min", "city", "text"),
    ],
)
def test_what_has_no_place(measure):
    with pytest.raises(UnsuitedError):
        layout(Plan(dict.fromkeys(sums_of(Part(measure)), "s0"), {}, {}))


def test_too_many_spans():
    count = Measure("count")
    sums = {Sum("count", count, "", Span(Window(days * DAY_US))): f"s{days}" for days in range(1, 64)}
    with pytest.raises(UnsuitedError):
        layout(Plan(sums, {}, {}))
