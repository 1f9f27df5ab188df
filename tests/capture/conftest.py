"""What capture's tests share: a desk that writes contracts and files, loads them and looks at what came of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from vostro import engine
from vostro.capture import Contract, LoadReport, load, read_contracts
from vostro.engine import Workspace, read_events

LOAD_TIME = datetime(2026, 1, 31, 12, tzinfo=UTC)

CLIENTS = """
contract: clients
meaning: {en: Clients, zh: 客户}
file: clients.csv
key: [client_id]
customer: client_id
columns:
  client_id: {type: text, required: true, personal_data: identity, meaning: {en: Client, zh: 客户号}}
  age: {type: integer, min: 17, max: 110, personal_data: basic, meaning: {en: Age, zh: 年龄}}
  opened: {type: date, meaning: {en: Opened, zh: 开户日}}
  balance: {type: decimal, decimal: [12, 2], meaning: {en: Balance, zh: 余额}}
  job: {type: text, meaning: {en: Job, zh: 职业}}
"""


class Desk:
    """One bank's folder with its workspace."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self.workspace = workspace
        self.store, self.lake = workspace.store, workspace.lake
        self.folder = folder
        self.bank = workspace.bank

    def contract(self, text: str = CLIENTS) -> Contract:
        return next(iter(self.contracts(text).values()))

    def contracts(self, *texts: str) -> dict[str, Contract]:
        contracts = self.bank / "contracts"
        contracts.mkdir(exist_ok=True)
        for old in contracts.glob("*.yaml"):
            old.unlink()
        for number, text in enumerate(texts):
            (contracts / f"c{number}.yaml").write_text(text, encoding="utf-8")
        return read_contracts(self.bank)

    def file(self, content: str | bytes, name: str = "clients.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(
        self,
        content: str | bytes | Path,
        contract: Contract | str = CLIENTS,
        *,
        name: str = "clients.csv",
        load_time: datetime = LOAD_TIME,
    ) -> LoadReport:
        path = content if isinstance(content, Path) else self.file(content, name)
        given = self.contract(contract) if isinstance(contract, str) else contract
        return load(given, path, store=self.store, lake=self.lake, load_time=load_time)

    def table(self, name: str = "clients") -> pl.DataFrame:
        return self.lake.scan(name).collect()

    def rejects(self, state: str = "open") -> list[dict[str, Any]]:
        table = engine.reject
        query = sa.select(table).where(table.c.state == state).order_by(table.c.load_id, table.c.id)
        with self.store.begin() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def events(self) -> pl.DataFrame:
        with self.store.begin() as connection:
            return read_events(connection)

    def content(self) -> dict[str, Any]:
        """Return all that can be seen, without the numbers that differ from run to run."""
        tables = sorted({each.table for each in self.lake.partitions()})
        hidden = {"id", "load_id", "mended_load_id"}
        with self.store.begin() as connection:
            loads = connection.execute(
                sa.select(engine.load.c.file_digest, engine.load.c.rows_read, engine.load.c.rows_loaded)
                .where(engine.load.c.state == "done")
                .order_by(engine.load.c.id)
            ).all()
        return {
            "lake": {name: self.table(name).drop("_load").rows() for name in tables},
            "rejects": [
                {key: value for key, value in row.items() if key not in hidden} for row in self.rejects()
            ],
            "events": self.events().drop("sequence").rows(),
            "loads": [tuple(row) for row in loads],
            "folders": sorted(each.partition for each in self.lake.partitions()),
        }


@pytest.fixture
def desk(workspace: Workspace, tmp_path: Path) -> Iterator[Desk]:
    folder = tmp_path / "data"
    folder.mkdir()
    yield Desk(workspace, folder)
