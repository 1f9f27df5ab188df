"""Account 账号: as whom does PostgreSQL run?

PostgreSQL refuses to run as root. As an ordinary user it runs as that user. As root it runs
as the owner of the bank's folder, or, when that is root too, as the system account
``vostro`` (made when missing; ``nobody`` where none can be made).
"""

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

import msgspec

from vostro.engine.errors import AccountMissingError, StoreForeignError

__all__ = ["Account", "choose_account"]

SYSTEM_ACCOUNT = "vostro"
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


class Account(msgspec.Struct, frozen=True):
    """An account of the operating system, and what it needs to reach its folders."""

    uid: int
    gid: int
    capability: int | None = None  # a Linux capability to pass closed folders, or none


def choose_account(store: Path, bank: Path, programs: Path) -> Account | None:
    """Return the account that PostgreSQL shall run as, or None for the one we are.

    Args:
        store: PostgreSQL's data folder; it may not exist yet.
        bank: the bank's folder.
        programs: the folder of PostgreSQL's programs.

    Raises:
        StoreForeignError: the data belong to another user and we are not root.
        AccountMissingError: there is no account, or it cannot reach the folders.
    """
    owner = store.stat().st_uid if store.exists() else None
    if os.geteuid() != 0:
        _check_ordinary(store, owner)
        return None
    entry = _entry(owner) or _entry(bank.stat().st_uid) or _system_entry()
    account = Account(entry.pw_uid, entry.pw_gid)
    closed = _closed_folder(account, store.parent) or _closed_folder(account, programs)
    if closed is None:
        return account
    return Account(entry.pw_uid, entry.pw_gid, _capability(closed, entry.pw_name))


def _check_ordinary(store: Path, owner: int | None) -> None:
    uid = os.geteuid()
    if owner not in (None, uid):
        raise StoreForeignError(folder=str(store), owner=_name(owner), user=_name(uid))
    if _entry(uid) is None:
        raise AccountMissingError(
            reason_en=f"user id {uid} has no entry in /etc/passwd",
            reason_zh=f"用户编号 {uid} 在 /etc/passwd 中没有记录",
        )


def _name(uid: int | None) -> str:
    entry = _entry(uid, root=True)
    return entry.pw_name if entry else str(uid)


def _entry(uid: int | None, *, root: bool = False) -> pwd.struct_passwd | None:
    if uid is None or (uid == 0 and not root):
        return None
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return None


def _system_entry() -> pwd.struct_passwd:
    for name in (SYSTEM_ACCOUNT, "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            if name == SYSTEM_ACCOUNT and _make_account():
                return pwd.getpwnam(name)
    raise AccountMissingError(
        reason_en=f"root may not run it, and the account '{SYSTEM_ACCOUNT}' cannot be made",
        reason_zh=f"它不允许以 root 运行，而系统账号“{SYSTEM_ACCOUNT}”无法创建",
    )


def _make_account() -> bool:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return False
    command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_ACCOUNT]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - fixed words
    return done.returncode in (0, 9)  # 9: another process was faster


def _closed_folder(account: Account, folder: Path) -> Path | None:
    """Return the first folder on the way that the account cannot pass."""
    real = Path(os.path.realpath(folder))
    for each in [*reversed(real.parents), real]:
        if not _may_pass(account, each.stat()):
            return each
    return None


def _may_pass(account: Account, status: os.stat_result) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _capability(closed: Path, name: str) -> int:
    """Return the least capability that passes closed folders, of those that we have."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        lines = []
    held = next((int(line.split()[1], 16) for line in lines if line.startswith("CapEff:")), 0)
    for each in (_CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE):
        if held >> each & 1:
            return each
    raise AccountMissingError(
        reason_en=f"'{name}' cannot enter {closed} (let it pass with 'chmod o+x {closed}')",
        reason_zh=f"“{name}”无法进入 {closed}（可用“chmod o+x {closed}”放行）",
    )
