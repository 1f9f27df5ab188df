"""What a person says of a customer is in the live portrait at once, and ends when it should."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from vostro.portrait import Tag
from vostro.portrait.catalogue.manual import ManualTags
from vostro.portrait.online import PortraitReader, Worker, seed

from ..aggregate.cases import NAME
from .benches import CONTRACTS, fresh_lake, log, tags_of
from .test_worker import _clock, _row

NOW = datetime(2026, 5, 1, tzinfo=UTC)
TYPES = {
    "integer": ("7", 7),
    "number": ("0.5", 0.5),
    "text": ("vip", "vip"),
    "boolean": ("false", False),
    "date": ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC).date()),
    "moment": ("2026-01-31T09:00+08:00", datetime(2026, 1, 31, 1, tzinfo=UTC)),
}


def tags():
    found = tags_of([{"measure": "count"}], _clock())
    for kind in TYPES:
        expires = "10 days" if kind == "text" else None
        found[kind] = Tag(tag=kind, name=NAME, dimension="basic", type=kind, manual=True, expires=expires)
    return found


@pytest.fixture
def lake(server_url, tmp_path):
    with fresh_lake(server_url, tmp_path) as opened:
        log(opened.store, [_row(0)])
        seed(opened, tags(), CONTRACTS, now=NOW)
        yield opened


def said(lake, monkeypatch):
    monkeypatch.setattr("vostro.portrait.catalogue.manual.require_customer", lambda *_, **__: None)
    return ManualTags(lake, tags(), CONTRACTS)


def test_settings_of_every_type_pending_applied_and_rebuilt(lake, monkeypatch):
    manual, reader = said(lake, monkeypatch), PortraitReader(lake, tags(), CONTRACTS)
    for kind, (text, _) in TYPES.items():
        manual.set(kind, "1", text, by="ann", reason="x", moment=NOW)
    wanted = {kind: value for kind, (_, value) in TYPES.items()}
    later = NOW + timedelta(days=1)

    def read(as_of):
        found = reader.read("1", as_of=as_of).tags
        return {kind: found[kind] for kind in TYPES}

    assert read(later) == wanted
    assert Worker(lake.store, lake, tags(), CONTRACTS, clock=lambda: NOW).drain() == len(TYPES)
    assert read(later) == wanted
    seed(lake, tags(), CONTRACTS, now=later)
    assert read(later) == wanted
    assert read(NOW + timedelta(days=10)) == wanted | {"text": None}
    manual.clear("integer", "1", by="ann", reason="x", moment=NOW + timedelta(days=11))
    assert read(NOW + timedelta(days=12)) == wanted | {"text": None, "integer": None}


def test_an_earlier_word_does_not_undo_a_later_one(lake, monkeypatch):
    manual = said(lake, monkeypatch)
    manual.set("integer", "1", "2", by="ann", reason="x", moment=NOW + timedelta(hours=2))
    manual.set("integer", "1", "1", by="ann", reason="x", moment=NOW + timedelta(hours=1))
    Worker(lake.store, lake, tags(), CONTRACTS, clock=lambda: NOW).drain()
    assert (
        PortraitReader(lake, tags(), CONTRACTS).read("1", as_of=NOW + timedelta(days=1)).tags["integer"] == 2
    )


def test_values_that_only_a_build_knows_are_given(lake):
    given = pl.DataFrame({"customer": ["1", "nobody"], "integer": [3, 4]})
    seed(lake, tags(), CONTRACTS, now=NOW, given=given)
    assert PortraitReader(lake, tags(), CONTRACTS).read("1", as_of=NOW).tags["integer"] == 3
