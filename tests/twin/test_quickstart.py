"""The bank of examples/quickstart fits the twin's files: Vostro loads them and refuses what is broken, nothing else."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

from vostro.capture import list_rejects, load, load_all, read_contracts
from vostro.engine import Workspace, read_events
from vostro.portrait import build_portraits, read_segments, read_tags, select
from vostro.twin import TwinBank

from .conftest import START, call_list

QUICKSTART = Path(__file__).parents[2] / "examples" / "quickstart"


def test_vostro_refuses_exactly_what_is_broken(
    bank: TwinBank, history: Path, workspace: Workspace, tmp_path: Path
) -> None:
    contracts = read_contracts(QUICKSTART)
    known = {name: contracts[name] for name in ("customers", "past_calls")}
    store, lake = workspace.store, workspace.lake
    reports = load_all(known, history, store=store, lake=lake, load_time=START, progress=None)
    rows = Counter({report.source: report.rows_rejected for report in reports})
    told = Counter(row.file.split(".")[0] for row in bank.dirty_rows)
    assert rows == told
    rejected = {(reject.file, reject.line) for reject in list_rejects(store, limit=1_000)}
    assert {(Path(file).name, line) for file, line in rejected} == {
        (row.file, row.line) for row in bank.dirty_rows
    }

    tags = read_tags(QUICKSTART, contracts)
    portraits = build_portraits(tags, contracts, lake, as_of=START)
    chosen = select(read_segments(QUICKSTART, tags)["callable"].rule, portraits)
    names = portraits["customer"].filter(pl.Series(chosen)).to_list()
    lost = {row.key for row in bank.dirty_rows if row.file == "customers.csv" and row.kind != "duplicate_key"}
    lost_calls = {row.key for row in bank.dirty_rows if row.kind != "duplicate_key" and "calls" in row.file}
    expected = {f"C{number + 1:08d}" for number in np.flatnonzero(bank.callable)} - lost
    assert expected <= set(names)  # a buyer whose record was rejected is not known as a buyer
    assert len(set(names) - expected) <= len(lost_calls)

    bank.answer(
        call_list(tmp_path / "list.csv", sorted(expected)[:2_000]), tmp_path / "data" / "outcomes.csv"
    )
    after = START + timedelta(days=30)
    outcome = load(
        contracts["outcomes"], tmp_path / "data" / "outcomes.csv", store=store, lake=lake, load_time=after
    )
    report = outcome[0] if isinstance(outcome, list) else outcome
    assert (report.rows_loaded, report.rows_rejected) == (bank.customers, 0)
    with store.begin() as connection:
        events = read_events(connection, kind="call_outcome")
    bodies = events["body"].str.json_decode(pl.Struct({"called": pl.Boolean, "bought": pl.Boolean}))
    assert bodies.struct.field("called").sum() == 2_000 + next(
        r.rows_loaded for r in reports if r.source == "past_calls"
    )
    assert bodies.struct.field("bought").is_not_null().all()
