"""Lake: a table is what the live partitions say, before and after every accident."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import polars as pl
import pytest

from vostro.engine import (
    DiskFullError,
    Lake,
    LakeFileMissingError,
    LakeNameError,
    LakeTableMissingError,
    Settings,
    Workspace,
)

ONE = pl.DataFrame({"id": [1, 2], "name": ["张三", "b"]})
TWO = pl.DataFrame({"id": [3], "name": ["c"]})


def test_written_is_read_by_both_engines(workspace: Workspace) -> None:
    workspace.lake.write("clients", "b", ONE)
    workspace.lake.write("clients", "a", TWO)
    assert workspace.lake.scan("clients").collect().equals(pl.concat([ONE, TWO])), "in order of publication"
    found = pl.from_arrow(workspace.lake.relation("clients").to_pyarrow())
    assert isinstance(found, pl.DataFrame) and found.sort("id").equals(pl.concat([ONE, TWO]))


def test_a_partition_says_what_it_holds(workspace: Workspace) -> None:
    first = workspace.lake.write("clients", "a", ONE)
    again = workspace.lake.write("clients", "a", ONE)
    assert workspace.lake.partitions("clients") == [again]
    assert (first.version, again.version, again.rows) == (1, 2, 2)
    assert first.digest == again.digest and first.path != again.path and first.sequence < again.sequence
    assert again.bytes == sum(path.stat().st_size for path in workspace.lake.files("clients"))


def test_replacement_is_seen_when_the_transaction_commits(workspace: Workspace) -> None:
    lake = workspace.lake
    lake.write("clients", "a", ONE)
    before = lake.files("clients")
    with workspace.store.begin() as connection:
        lake.write("clients", "a", TWO, connection)
        assert lake.scan("clients").collect().equals(ONE), "outside: not yet"
        assert lake.scan("clients", connection).collect().equals(TWO), "inside: already"
        assert lake.sweep() == 0, "a sweep spares what may yet be committed"
    assert lake.scan("clients").collect().equals(TWO)
    assert all(path.exists() for path in before), "a reader of the old files may go on"
    assert lake.sweep() == 1
    assert not any(path.exists() for path in before)


def test_an_undone_transaction_changes_nothing(workspace: Workspace) -> None:
    workspace.lake.write("clients", "a", ONE)
    with pytest.raises(ZeroDivisionError), workspace.store.begin() as connection:
        workspace.lake.write("clients", "a", TWO, connection)
        workspace.lake.retire(connection, "clients", "a")
        raise ZeroDivisionError
    assert workspace.lake.scan("clients").collect().equals(ONE)
    other = Lake(workspace.lake.folder, workspace.store, workspace.settings)
    assert other.sweep() == 1, "the next owner sweeps what was undone"
    assert workspace.lake.scan("clients").collect().equals(ONE)


def test_several_stages_are_published_together(workspace: Workspace) -> None:
    stages = [workspace.lake.stage("clients", "a"), workspace.lake.stage("accounts", "a")]
    stages[0].write(ONE)
    stages[0].write(TWO)
    stages[1].write(TWO)
    with workspace.store.begin() as connection:
        workspace.lake.publish(connection, *stages)
    assert workspace.lake.scan("clients").collect().equals(pl.concat([ONE, TWO]))
    assert [each.rows for each in workspace.lake.partitions()] == [3, 1]


def test_retired_is_gone_and_a_missing_table_is_told(workspace: Workspace) -> None:
    workspace.lake.write("clients", "a", ONE)
    with pytest.raises(LakeTableMissingError, match="Did you mean 'clients'"):
        workspace.lake.scan("client")
    with workspace.store.begin() as connection:
        workspace.lake.retire(connection, "clients", "a")
    with pytest.raises(LakeTableMissingError):
        workspace.lake.relation("clients")
    assert workspace.lake.write("clients", "a", ONE).version == 2


def test_columns_may_differ_between_partitions(workspace: Workspace) -> None:
    workspace.lake.write("clients", "a", ONE)
    workspace.lake.write("clients", "b", TWO.with_columns(age=pl.lit(40)))
    workspace.lake.write("clients", "c", TWO)
    found = workspace.lake.scan("clients").collect()
    assert found["age"].to_list() == [None, None, 40, None] and found["id"].to_list() == [1, 2, 3, 3]
    assert workspace.lake.relation("clients").age.count().execute() == 1


@pytest.mark.parametrize("name", ["../x", "a/b", "", "UPPER", "a.b", "a b"])
def test_a_name_cannot_leave_the_lake(workspace: Workspace, name: str) -> None:
    with pytest.raises(LakeNameError):
        workspace.lake.stage(name, "a")
    if name != "UPPER":
        with pytest.raises(LakeNameError):
            workspace.lake.stage("clients", name)


def test_a_lost_folder_is_named(workspace: Workspace) -> None:
    live = workspace.lake.write("clients", "a", ONE)
    live.path.rename(live.path.with_name("elsewhere"))
    with pytest.raises(LakeFileMissingError, match=live.path.name):
        workspace.lake.scan("clients")


def test_readers_see_old_or_new_never_both_or_neither(workspace: Workspace) -> None:
    old, new = pl.DataFrame({"v": [0] * 500}), pl.DataFrame({"v": [1] * 500})
    workspace.lake.write("t", "a", old)
    done = threading.Event()
    seen: set[tuple[int, int]] = set()

    def read() -> None:
        while not done.is_set():
            frame = workspace.lake.scan("t").select(pl.len().alias("n"), pl.col("v").sum()).collect()
            seen.add(frame.row(0))

    reader = threading.Thread(target=read)
    reader.start()
    for round_ in range(30):
        workspace.lake.write("t", "a", new if round_ % 2 == 0 else old)
    done.set()
    reader.join()
    assert seen <= {(500, 0), (500, 500)} and seen


KILLED = """
import os, sys
from pathlib import Path
import polars as pl
from vostro.engine import Settings, Workspace
workspace = Workspace.open(Path(sys.argv[1]), Settings(database_url=sys.argv[2]))
frame = pl.DataFrame({"id": [9] * 1000})
stage = workspace.lake.stage("clients", "a")
stage.write(frame)
if sys.argv[3] == "staged":
    os.kill(os.getpid(), 9)
with workspace.store.begin() as connection:
    workspace.lake.publish(connection, stage)
    os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("moment", ["staged", "published"])
def test_killed_before_the_commit_leaves_the_table_as_before(
    tmp_path: Path, database_url: str, moment: str
) -> None:
    settings = Settings(database_url=database_url)
    with Workspace.open(tmp_path, settings) as workspace:
        workspace.lake.write("clients", "a", ONE)
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), database_url, moment], check=False)
    assert done.returncode == -9
    assert len(list((tmp_path / ".vostro/lake").rglob("*.parquet"))) == 2
    with Workspace.open(tmp_path, settings) as workspace:
        assert workspace.lake.scan("clients").collect().equals(ONE)
        assert workspace.lake.orphans() == [], "opening swept"
        assert len(list(workspace.lake.folder.rglob("*.parquet"))) == 1


@pytest.fixture
def small_disk(tmp_path: Path):
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk needs root and mount")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_named_and_changes_nothing(workspace: Workspace, small_disk: Path) -> None:
    lake = Lake(small_disk / "lake", workspace.store, workspace.settings)
    lake.write("clients", "a", ONE)
    big = pl.DataFrame({"noise": os.urandom(6_000_000).hex()}).select(
        pl.col("noise").str.extract_all(".{60}").explode()
    )
    with pytest.raises(DiskFullError, match=str(small_disk)):
        lake.write("clients", "a", big)
    assert lake.scan("clients").collect().equals(ONE)
    assert list((lake.folder / ".staging").iterdir()) == [], "and its space is free again"
    with pytest.raises(DiskFullError), lake.stage("clients", "b") as stage:
        (stage.path / "x.parquet").write_bytes(bytes(6_000_000))
    lake.write("clients", "b", TWO)
