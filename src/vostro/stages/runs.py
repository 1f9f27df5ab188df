"""Runs 批次: the store's row of each run, and what is kept so that it can be decided again."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from vostro.bank import definition_files
from vostro.engine import Lake, Store
from vostro.engine import run as run_table
from vostro.lap import Lap
from vostro.words import VostroError

__all__ = [
    "DEFINITIONS",
    "KeptRun",
    "RunUnknownError",
    "find_run",
    "keep_definitions",
    "keep_run",
    "unpack_definitions",
]

DEFINITIONS = "definitions"  # lake table: one partition a version, a zip of the bank's files
_ZIP = "bank.zip"


class RunUnknownError(VostroError):
    """A run was asked for that the store does not know."""

    code = "run.unknown"
    status = 404
    en = "There is no run '{run}' in this bank. Known runs, newest first: {known}."
    zh = "本行没有批次“{run}”。已有批次（新的在前）：{known}。"


class KeptRun(msgspec.Struct, frozen=True):
    """What the store knows of a run."""

    id: str
    seed: int
    definitions: str  # version of the bank's definitions
    campaign: str
    summary: dict[str, object] | None


def keep_run(connection: sa.Connection, lap: Lap) -> None:
    """Write the run's row, or write it again when the run is repeated."""
    assert lap.estimates is not None, "insight comes before a run is kept"
    done = lap.report is not None
    values = {
        "id": lap.run_id,
        "kind": "campaign",
        "as_of": max(lap.estimates.as_of.values()),
        "seed": lap.campaign.seed,
        "started": lap.options.load_time,
        "finished": lap.options.load_time if done else None,
        "state": "done" if done else "decided",
        "versions": {"definitions": lap.bank.version, "campaign": lap.campaign.campaign},
        "summary": msgspec.to_builtins(lap.report) if done else None,
    }
    statement = insert(run_table).values(values)
    changes = {name: statement.excluded[name] for name in values if name != "id"}
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changes))


def find_run(store: Store, run: str | None) -> KeptRun:
    """Return a run by its id or the beginning of it; None is the last one.

    Raises:
        RunUnknownError: none or several fit.
    """
    columns = run_table.c
    with store.begin() as connection:
        rows = connection.execute(sa.select(run_table).order_by(columns.started.desc())).mappings().all()
    fit = [row for row in rows if run is None or row["id"].startswith(run)]
    if not fit or (run is not None and len(fit) > 1):
        raise RunUnknownError(run=run or "", known=", ".join(row["id"] for row in rows[:10]) or "-")
    row = fit[0]
    versions = row["versions"]
    return KeptRun(row["id"], row["seed"], versions["definitions"], versions["campaign"], row["summary"])


def keep_definitions(lake: Lake, connection: sa.Connection, folder: Path, version: str) -> None:
    """Keep a copy of the bank's definition files under their version, once."""
    if any(part.partition == version for part in lake.partitions(DEFINITIONS, connection)):
        return
    with lake.stage(DEFINITIONS, version) as stage:
        (stage.path / _ZIP).write_bytes(_zip(folder))
        stage.rows = 1
        lake.publish(connection, stage)


def unpack_definitions(lake: Lake, version: str, to: Path) -> bool:
    """Write the definition files of a version into a folder; False when they were not kept."""
    for part in lake.partitions(DEFINITIONS):
        if part.partition == version:
            with zipfile.ZipFile(part.path / _ZIP) as archive:
                archive.extractall(to)
            return True
    return False


def _zip(folder: Path) -> bytes:
    buffer = io.BytesIO()
    epoch = datetime(1980, 1, 1, tzinfo=UTC).timetuple()[:6]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in definition_files(folder):
            archive.writestr(zipfile.ZipInfo(str(path.relative_to(folder)), epoch), path.read_bytes())
    return buffer.getvalue()
