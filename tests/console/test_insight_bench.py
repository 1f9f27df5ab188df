"""The bench of insight: every row is there, and one that cannot run does not stop the others."""

import inspect
from importlib import import_module

import pytest

from vostro.console import insight_bench
from vostro.console.insight_bench import INSIGHT_ROWS, BenchRowUnknownError, bench_insight


@pytest.mark.parametrize("name", INSIGHT_ROWS)
def test_every_row_takes_what_it_is_given(name):
    row = INSIGHT_ROWS[name]
    parameters = inspect.signature(getattr(import_module(row.room), row.function)).parameters
    needed = {each.name for each in parameters.values() if each.default is inspect.Parameter.empty}
    assert needed <= {"data"} if row.folder else not needed
    assert "seed" in parameters


@pytest.mark.parametrize("name", [name for name, row in INSIGHT_ROWS.items() if row.folder])
def test_the_folders_are_there(name, data_dir):
    assert (data_dir / INSIGHT_ROWS[name].folder).is_dir()


def test_rows_without_data_say_so(tmp_path, monkeypatch):
    rows = {name: INSIGHT_ROWS[name] for name in ("groceries", "cdnow")}
    monkeypatch.setattr(insight_bench, "INSIGHT_ROWS", rows)
    found = bench_insight(tmp_path)
    assert found["failed"] == ["groceries", "cdnow"]
    assert all(each["why"] for each in found["rows"].values())
    assert found["met"] == found["missed"] == []


def test_an_unknown_row_is_named_with_a_suggestion(tmp_path):
    with pytest.raises(BenchRowUnknownError) as error:
        bench_insight(tmp_path, row="grocery")
    assert "groceries?" in error.value.say("en")
