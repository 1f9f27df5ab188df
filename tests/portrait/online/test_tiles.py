"""Folding and reading say what a slow oracle says, whatever the order, the batches and the moment."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vostro.portrait.online import SourceEvent, Tiles
from vostro.portrait.online.record import AT, pack, unpack
from vostro.portrait.online.rows import write_row

from ..aggregate.cases import COLUMNS, cases
from .benches import CONTRACTS, CUSTOMERS, body_of, differences, tags_of


def known(case, as_of):
    """Return the events that count as of a moment."""
    last = {}
    for row in sorted(case.versions, key=lambda row: (row["_load"], row["_line"])):
        if row["load_time"] <= as_of:
            last[row["event_id"]] = row
    return [row for row in last.values() if not row["_deleted"]]


def event(tiles, row):
    read = tiles.readers["payment"].read(body_of(row), row["customer"], row["event_time"])
    return SourceEvent("payment", row["event_time"], row["_load"], row["_line"], read)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases(), st.randoms())
def test_any_order_gives_what_the_oracle_gives(case, chance):
    tiles = Tiles(tags_of(case.definitions, case.clock), CONTRACTS)
    for as_of in case.moments:
        for customer in CUSTOMERS:
            events = [event(tiles, row) for row in known(case, as_of) if row["customer"] == customer]
            chance.shuffle(events)
            record = tiles.record_of(events, as_of)
            found = list(tiles.read(unpack(pack(record)), as_of).values())
            assert differences(case, as_of, customer, found) == []


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases(moments=1), st.data())
def test_folding_in_steps_of_time_is_folding_at_once(case, data):
    """Events wait for their time, tiles are forgotten, records are packed in between: the end is the same."""
    tiles = Tiles(tags_of(case.definitions, case.clock), CONTRACTS)
    as_of = case.moments[0]
    for customer in CUSTOMERS:
        events = [event(tiles, row) for row in known(case, as_of) if row["customer"] == customer]
        whole = tiles.record_of(events, as_of)
        times = sorted(
            data.draw(
                st.lists(st.integers(as_of - 10**12, as_of), min_size=len(events), max_size=len(events))
            )
        )
        record = tiles.empty()
        for each, now in zip(events, times, strict=True):
            tiles.fold(record, each, now)
            tiles.settle(record, now)
            record = unpack(pack(record))
        tiles.settle(record, as_of)
        record[AT] = whole[AT]
        assert pack(record) == pack(whole)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases(tags=1, moments=1))
def test_a_row_is_written_and_read_back_the_same(case):
    tiles = Tiles(
        tags_of([{"measure": f"last({name})"} for name in COLUMNS if name != "customer_id"], case.clock),
        CONTRACTS,
    )
    for row in case.versions:
        read = event(tiles, row).row
        assert tiles.readers["payment"].read(write_row(read), row["customer"], row["event_time"]) == read
        for name in COLUMNS.keys() - {"customer_id", "paid", "rate"}:
            assert read[name] == row[name]


def test_whole_numbers_beyond_64_bits_survive():
    tiles = Tiles(tags_of([{"measure": "sum(wide)"}], cases_clock()), CONTRACTS)
    record = tiles.empty()
    record[1][0] = [10**30]
    assert unpack(pack(record)) == record
    record[1][0] = [-(2**63) - 1]
    assert unpack(pack(record)) == record


def cases_clock():
    from vostro.portrait.aggregate import Clock

    return Clock()
