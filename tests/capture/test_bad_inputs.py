"""Every bad input of the issue, one row each, end to end through ``load``.

A row says what the file is and either the code of the one error that refuses it (then store and
lake are as before, and nothing is left in the lake's folder) or what becomes of its records.
"""

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest

from vostro.capture import load
from vostro.engine import DiskFullError, Settings, Workspace
from vostro.words import VostroError

from .conftest import CLIENTS, LOAD_TIME, Desk

HEADER = "client_id,age,opened,balance,job\n"
GOOD = HEADER + "z,30,2020-01-05,12.50,clerk\n"
THOUSANDS = CLIENTS + 'format: {thousands: ","}\n'
GERMAN = CLIENTS + 'format: {delimiter: ";", decimal: ",", thousands: "."}\n'
MONTHS = (
    CLIENTS.replace("job: {type: text", "job: {type: text, required: true")
    + "event_time: {months_in_order: job, first: 2008-05}\n"
)
NOBODY = 65534


@dataclass
class Bad:
    """One bad input."""

    name: str
    make: str | bytes | Callable[[Path], Path]  # content, or a function that makes the path
    error: str | None = None  # the code of the error that refuses it
    loaded: int = 0
    rejects: list[tuple[int, str | None, str]] = field(default_factory=list)  # line, field, code
    contract: str = CLIENTS
    says: tuple[str, ...] = ()  # words of the error, or of the first reject
    file: str = "clients.csv"


def _gzip_cut(folder: Path) -> Path:
    path = folder / "clients.csv.gz"
    text = HEADER + "".join(
        f"{i},30,2020-01-05,{random.Random(i).random():.2f},clerk\n" for i in range(20_000)
    )
    whole = gzip.compress(text.encode())
    path.write_bytes(whole[: len(whole) // 2])
    return path


def _gzip_damaged(folder: Path) -> Path:
    path = folder / "clients.csv.gz"
    whole = bytearray(gzip.compress((HEADER + "".join(f"{i},30,,,\n" for i in range(5_000))).encode()))
    whole[len(whole) // 2] ^= 0xFF
    path.write_bytes(whole)
    return path


def _directory(folder: Path) -> Path:
    path = folder / "clients.csv"
    path.mkdir()
    return path


def _workbook_named_csv(folder: Path) -> Path:
    path = folder / "clients.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>" * 500)
    return path


def _nested(folder: Path) -> Path:
    path = folder / "clients.parquet"
    pl.DataFrame(
        {"client_id": ["a"], "age": [[1, 2]], "opened": [None], "balance": [1], "job": ["x"]}
    ).write_parquet(path)
    return path


LONG = "x" * (10 << 20)

TABLE = [
    Bad("wrong encoding", (HEADER + "a,30,,,职员经理\n").encode("gb18030"), "capture.encoding_wrong", says=("line 2",)),
    Bad("encoding declared", (HEADER + "a,30,,,职员\n").encode("gb18030"), loaded=1,
        contract=CLIENTS + "format: {encoding: gb18030}\n"),
    Bad("UTF-16 without a word", GOOD.encode("utf-16"), "capture.encoding_wrong"),
    Bad("BOM", b"\xef\xbb\xbf" + GOOD.encode(), loaded=1),
    Bad("quoted newlines", HEADER + 'a,30,,,"clerk\nand\nmore"\nb,x,,,\n', loaded=1, rejects=[(5, "age", "not_integer")]),
    Bad("duplicate header", "client_id,age,age,balance,job\na,1,2,3,4\n", "capture.header_duplicate", says=("age",)),
    Bad("empty file", b"", "capture.file_empty"),
    Bad("empty gzip", gzip.compress(b""), "capture.file_empty"),
    Bad("header only", HEADER, loaded=0),
    Bad("ragged rows", HEADER + "a,30,,,\nb,30,,\nc,30,,,,6\nd,30,,,\n", loaded=2,
        rejects=[(3, None, "fields_count"), (4, None, "fields_count")], says=("4 fields", "header has 5")),
    Bad("quote never closed", HEADER + 'a,30,,,\nb,30,,,"clerk\nc,30,,,\n', loaded=2, rejects=[(3, None, "quote_open")]),
    Bad("10 MB field", HEADER + f'a,30,,,"{LONG}"\nb,31,,,\n', loaded=2),
    Bad("10 MB field where a number is due", HEADER + f"a,{LONG},,,\nb,31,,,\n", loaded=1,
        rejects=[(2, "age", "not_integer")]),
    Bad("truncated gzip", _gzip_cut, "capture.gzip_truncated", says=("clients.csv.gz", "byte")),
    Bad("damaged gzip", _gzip_damaged, "capture.gzip_corrupt"),
    Bad("wrong delimiter", GOOD.replace(",", ";"), "capture.delimiter_wrong", says=('";" would give 5',)),
    Bad("columns of another file", "a,b\n1,2\n", "capture.header", says=("'client_id' is missing", "does not know 'a'")),
    Bad("column misspelt", GOOD.replace("opened", "openned"), "capture.header", says=("'openned'",)),
    Bad("impossible dates", HEADER + "a,30,2023-02-30,,\nb,30,2023-13-01,,\nc,30,0000-00-00,,\nd,30,yesterday,,\n"
        "e,30,2024-02-29,,\n",
        loaded=1, rejects=[(2, "opened", "date_impossible"), (3, "opened", "date_impossible"),
                           (4, "opened", "date_impossible"), (5, "opened", "not_date")], says=("no calendar",)),
    Bad("thousands separators", HEADER + 'a,30,,"1,234.50",\nb,30,,1 234,\nc,30,,1234.50,\n', loaded=1,
        rejects=[(2, "balance", "thousands"), (3, "balance", "thousands")], says=("format: {thousands",)),
    Bad("thousands separators declared", HEADER + 'a,30,,"1,234.50",\nb,30,,"12,34",\nc,30,,1234.50,\n', loaded=2,
        rejects=[(3, "balance", "decimal_sign")], contract=THOUSANDS),
    Bad("German numbers declared", HEADER.replace(",", ";") + "a;30;;1.234,50;\nb;30;;1234.50;\n", loaded=1,
        rejects=[(3, "balance", "decimal_sign")], contract=GERMAN),
    Bad("decimal comma undeclared", HEADER + 'a,30,,"12,5",\n', rejects=[(2, "balance", "decimal_sign")]),
    Bad("too many decimals", HEADER + "a,30,,1.005,\nb,30,,1.500,\nc,30,,12345678901.00,\n", loaded=1,
        rejects=[(2, "balance", "decimal_digits"), (4, "balance", "decimal_large")]),
    Bad("identifier read as a number", HEADER + "a,99999999999999999999,,,\n", rejects=[(2, "age", "integer_large")]),
    Bad("not finite", HEADER + "a,nan,,inf,\n", rejects=[(2, "age", "not_integer")]),
    Bad("NUL bytes", HEADER.encode() + b"a,30,,,cl\0erk\nb,31,,,\n", loaded=1, rejects=[(2, None, "nul_bytes")]),
    Bad("nothing but NUL bytes", b"\0" * 4096, "capture.file_binary"),
    Bad("a directory", _directory, "capture.file_directory"),
    Bad("a missing file", lambda folder: folder / "client.csv", "capture.file_missing"),
    Bad("a workbook named .csv", _workbook_named_csv, "capture.file_binary"),
    Bad("months that are none", HEADER + "a,30,,,may\nb,30,,,mayy\nc,30,,,jun\n", loaded=2, rejects=[(3, "job", "month")],
        contract=MONTHS),
    Bad("months out of order", HEADER + "".join(f"{i},30,,,{('dec', 'jan')[i % 2]}\n" for i in range(400)),
        "capture.months_order", contract=MONTHS),
    Bad("lists in a column", _nested, "capture.column_type", says=("List(Int64)",)),
    Bad("unknown ending", GOOD, "capture.kind_unknown", file="clients.dat"),
]  # fmt: skip


@pytest.mark.parametrize("bad", TABLE, ids=lambda bad: bad.name)
def test_bad_input(desk: Desk, bad: Bad) -> None:
    desk.load(GOOD, name="before.csv")
    path = bad.make(desk.folder) if callable(bad.make) else desk.file(bad.make, bad.file)
    before = desk.content()
    contract = desk.contract(bad.contract)
    if bad.error is not None:
        with pytest.raises(VostroError) as caught:
            desk.load(path, contract)
        assert caught.value.code == bad.error
        assert path.name in caught.value.say("en")
        assert path.name in caught.value.say("zh")
        for words in bad.says:
            assert words in caught.value.say("en")
        assert desk.content() == before
        assert desk.lake.orphans() == []
        return
    report = desk.load(path, contract)
    rejects = [row for row in desk.rejects() if row["load_id"] == report.load_id]
    assert [(row["line"], row["field"], row["code"]) for row in rejects] == bad.rejects
    assert report.rows_loaded == bad.loaded
    assert report.rows_read == bad.loaded + len(bad.rejects)
    for words in bad.says:
        assert words in rejects[0]["message_en"]
    assert all(row["message_zh"] != row["message_en"] for row in rejects)
    assert all(len(row["value"] or "") <= 1000 for row in rejects)


def test_ten_megabyte_field_is_whole_in_the_lake(desk: Desk) -> None:
    desk.load(HEADER + f'a,30,,,"{LONG}"\n')
    assert desk.table()["job"].item() == LONG


CHILD = """
import json, os, sys
from datetime import datetime
from pathlib import Path
from vostro.capture import landing, load, loading, read_contracts
from vostro.engine import Settings, Workspace
from vostro.words import VostroError
given = json.loads(sys.argv[1])
loading.BLOCK_BYTES, landing._PART_ROWS = 100_000, 2_000
contract = read_contracts(Path(given["bank"]))[given["contract"]]
with Workspace.open(Path(given["bank"]), Settings(database_url=given["url"])) as workspace:
    if given.get("user") and os.geteuid() == 0:
        os.seteuid(given["user"])
    print("ready", flush=True)
    try:
        report = load(contract, Path(given["path"]), store=workspace.store, lake=workspace.lake,
                      load_time=datetime.fromisoformat(given["load_time"]))
        print(json.dumps({"loaded": report.rows_loaded, "already": report.already_loaded}))
    except VostroError as error:
        print(json.dumps({"code": error.code, "en": error.say("en")}))
    finally:
        if given.get("user") and os.getuid() == 0:
            os.seteuid(0)
"""


def child(
    bank: Path, url: str, path: Path, *, contract: str = "clients", user: int = 0
) -> "subprocess.Popen[str]":
    given = {"bank": str(bank), "url": url, "path": str(path), "contract": contract, "user": user}
    given["load_time"] = LOAD_TIME.isoformat()
    command = [sys.executable, "-c", CHILD, json.dumps(given)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike pytest's."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def write_bank(bank: Path, *texts: str) -> Path:
    (bank / "contracts").mkdir(parents=True)
    for number, text in enumerate(texts):
        (bank / "contracts" / f"c{number}.yaml").write_text(text, encoding="utf-8")
    return bank


def test_no_permission(open_folder: Path, database_url: str) -> None:
    bank = write_bank(open_folder / "bank", CLIENTS)
    path = open_folder / "clients.csv"
    path.write_text(GOOD)
    path.chmod(0)
    running = child(bank, database_url, path, user=NOBODY)
    out, err = running.communicate(timeout=120)
    told = json.loads(out.splitlines()[-1])
    assert told["code"] == "capture.file_permission", err
    assert "chmod" in told["en"]
    with Workspace.open(bank, Settings(database_url=database_url)) as workspace:
        desk = Desk(workspace, open_folder)
        assert desk.content() == {"lake": {}, "rejects": [], "events": [], "loads": [], "folders": []}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB: a tmpfs for root, else the folder of a lake whose files are /dev/full."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], check=False, capture_output=True
        ).returncode
    )
    yield folder
    if mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("what", ["accepted", "rejects"])
def test_disk_full(
    small_disk: Path, tmp_path: Path, database_url: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = random.Random(7)
    age = "30" if what == "accepted" else "none"
    body = (f"{i},{age},2020-01-05,1.00,{numbers.randbytes(40).hex()}\n" for i in range(60_000))
    path = tmp_path / "clients.csv"
    path.write_text(HEADER + "".join(body))
    bank = write_bank(tmp_path / "bank", CLIENTS)
    settings = Settings(database_url=database_url, state_dir=small_disk / "state")
    with Workspace.open(bank, settings) as workspace:
        desk = Desk(workspace, tmp_path)
        if not small_disk.is_mount():
            _fill(desk, what, monkeypatch)
        with pytest.raises(DiskFullError) as caught:
            load(desk.contract(), path, store=desk.store, lake=desk.lake, load_time=LOAD_TIME)
        assert str(small_disk) in caught.value.say("zh")
        assert desk.content() == {"lake": {}, "rejects": [], "events": [], "loads": [], "folders": []}
        assert desk.lake.orphans() == []
        monkeypatch.undo()
        assert desk.load(GOOD).rows_loaded == 1


def _fill(desk: Desk, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the right to mount: /dev/full refuses every byte as a full disk does."""
    stage = desk.lake.stage
    if what == "rejects":
        always_full = Path("/dev/full").open("wb")  # noqa: SIM115
        monkeypatch.setattr(tempfile, "SpooledTemporaryFile", lambda **_: always_full)
        return

    def full(table: str, partition: str) -> object:
        made = stage(table, partition)
        (made.path / "part-000000.parquet").symlink_to("/dev/full")
        return made

    monkeypatch.setattr(desk.lake, "stage", full)


KILLED = CLIENTS + "event_time: {column: opened}\nevent: client_seen\n"


def test_killed_at_any_moment_and_run_again(tmp_path: Path, desk: Desk, server_url: str) -> None:
    import psycopg

    numbers = random.Random(11)
    rows = [
        f"{i},{numbers.choice([30, 40, 7, 'x'])},2020-01-{numbers.randint(1, 28):02d},{numbers.random():.2f},clerk\n"
        for i in range(12_000)
    ]
    path = desk.file(HEADER + "".join(rows))
    began = time.perf_counter()
    whole = desk.load(path, KILLED)
    seconds = max(time.perf_counter() - began, 0.2)
    assert whole.rows_rejected > 1000
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE killed TEMPLATE vostro_template STRATEGY file_copy")
    url = server_url.replace("/postgres?", "/killed?")
    bank = write_bank(tmp_path / "killed", KILLED)
    finished = 0
    for turn in range(6):
        running = child(bank, url, path)
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n", running.communicate()
        time.sleep(seconds * (turn + numbers.random()) / 5)
        running.send_signal(signal.SIGKILL)
        out, _ = running.communicate(timeout=60)
        finished += bool(out)
    running = child(bank, url, path)
    out, err = running.communicate(timeout=120)
    assert json.loads(out.splitlines()[-1])["loaded"] == whole.rows_loaded, err
    with Workspace.open(bank, Settings(database_url=url)) as workspace:
        killed = Desk(workspace, tmp_path)
        assert killed.content() == desk.content()
        assert killed.lake.orphans() == []
        live = {each.path for each in killed.lake.partitions()}
        assert {path.parent for path in killed.lake.folder.rglob("*.parquet")} == live
