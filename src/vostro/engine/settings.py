"""Settings 设置: what may a bank choose about where data lives and how much a run may use?

One struct holds every setting with its words in both languages, so the file, the
environment, the error messages and the documentation cannot drift apart.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from vostro.engine.definitions import Located, read_one
from vostro.engine.errors import SettingUnknownError, SettingValueError
from vostro.words import Fault, FaultsError, Language, Text, suggest

__all__ = ["Settings", "load_settings", "settings_table"]

PREFIX = "VOSTRO_"


def _words(en: str, zh: str, **limits: Any) -> Meta:
    return Meta(description=en, extra={"zh": zh}, **limits)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that a bank may set; each has a default that is right for one machine.

    >>> Settings(threads=2).memory_limit_mb
    1024
    """

    state_dir: Annotated[
        Path,
        _words(
            "Folder for the store, the lake and the logs; a relative path starts at the bank's folder.",
            "存放业务库、数据湖和日志的目录；相对路径从银行目录算起。",
        ),
    ] = Path(".vostro")
    database_url: Annotated[
        str | None,
        _words(
            "Any PostgreSQL 14 or newer, such as postgresql://user:password@host:5432/vostro. "
            "Empty: Vostro runs its own inside state_dir.",
            "任意 PostgreSQL 14 及以上版本的地址，例如 postgresql://user:password@host:5432/vostro。"
            "留空则在 state_dir 内自带运行。",
        ),
    ] = None
    engine: Annotated[
        Literal["duckdb"],
        _words("Where batch queries run.", "批量查询所用的计算引擎。"),
    ] = "duckdb"
    memory_limit_mb: Annotated[
        int,
        _words(
            "Most memory that the engine takes for a query, in MB; above it, it spills to state_dir.",
            "计算引擎单个查询可用内存上限（MB）；超出部分暂存到 state_dir。",
            ge=128,
        ),
    ] = 1024
    threads: Annotated[
        int,
        _words(
            "Threads of the engine; 0: one for each core.", "计算引擎线程数；0 表示每核一个。", ge=0, le=1024
        ),
    ] = 0
    api_keys: Annotated[
        str | None,
        _words(
            "Who may use the API: NAME:RIGHTS:SHA256 for each key, separated by commas; rights are events, read "
            "and unmask, joined by +. Empty: only this machine may.",
            "API 密钥：每个写作 名称:权限:SHA256，以逗号分隔；权限为 events、read、unmask，用 + 连接。留空则仅限本机访问。",
        ),
    ] = None
    language: Annotated[
        Literal["en", "zh"] | None,
        _words(
            "Language of the terminal and of reports: en or zh. Empty: that of the locale.",
            "终端与报告所用语言：en 或 zh。留空则随系统语言。",
        ),
    ] = None
    shared_buffers_mb: Annotated[
        int,
        _words(
            "Memory that the store's own PostgreSQL keeps pages in, in MB.",
            "自带 PostgreSQL 的共享缓冲区大小（MB）。",
            ge=16,
        ),
    ] = 128
    disk_free_min_mb: Annotated[
        int,
        _words(
            "'vostro doctor' warns when less than this is free on the disk of state_dir, in MB.",
            "state_dir 所在磁盘剩余空间低于此值（MB）时，“vostro doctor”给出提醒。",
            ge=0,
        ),
    ] = 1024

    def __repr__(self) -> str:
        """Return the settings without the database's password, for logs."""
        shown = {name: getattr(self, name) for name in self.__struct_fields__}
        for name in ("database_url", "api_keys"):
            if shown[name] is not None:
                shown[name] = "***"
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


class _Choices(msgspec.Struct, frozen=True):
    settings: dict[str, Any] = {}


def load_settings(bank: Path, environ: Mapping[str, str]) -> Settings:
    """Read the settings of a bank: defaults < ``bank.yaml`` ``settings:`` < environment ``VOSTRO_*``.

    Args:
        bank: the bank's folder; without a ``bank.yaml`` the defaults hold.
        environ: the environment, usually ``os.environ``.

    Raises:
        FaultsError: ``bank.yaml`` cannot be read, or names a setting that does not exist or cannot
            have that value; all faults at once, with their lines.
        SettingUnknownError: a variable looks like a setting that is misspelt.
        SettingValueError: a variable has a value that the setting cannot have.
    """
    values = _from_file(bank / "bank.yaml")
    values.update(_from_environment(environ))
    settings = _convert(values, strict=False)
    home = Path(os.path.abspath(bank))  # noqa: PTH100 - resolve() would follow links that the user chose
    return msgspec.structs.replace(settings, state_dir=home / settings.state_dir.expanduser())


def _from_file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    located = read_one(path, _Choices)
    faults = [
        fault for name, value in located.value.settings.items() if (fault := _judge(located, name, value))
    ]
    if faults:
        raise FaultsError(faults)
    return dict(located.value.settings)


def _judge(located: Located[_Choices], name: str, value: Any) -> Fault | None:
    where = f"settings.{name}"
    if name not in _FIELDS:
        unknown = _unknown(name, located.file)
        return located.fault(where, unknown.say("en"), unknown.say("zh"))
    if _fits(name, value, strict=True):
        return None
    error = _refused(name, value, located.file)
    return located.fault(where, error.say("en"), error.say("zh"))


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for variable in sorted(environ):
        name = variable.removeprefix(PREFIX).lower()
        if not variable.startswith(PREFIX) or not environ[variable]:
            continue  # an empty variable is an unset one
        if name in _FIELDS:
            if not _fits(name, environ[variable], strict=False):
                raise _refused(name, environ[variable], variable)
            values[name] = environ[variable]
        elif suggest(name, set(_FIELDS)) is not None:
            # Only a likely misspelling is refused: other tools may have VOSTRO_ variables of their own.
            raise _unknown(name, variable)
    return values


def _unknown(name: str, where: str) -> SettingUnknownError:
    close = suggest(name, set(_FIELDS))
    hint_en = f" Did you mean '{close}'?" if close else ""
    hint_zh = f"是否想写“{close}”？" if close else ""
    return SettingUnknownError(where=where, name=name, hint_en=hint_en, hint_zh=hint_zh)


def _convert(values: dict[str, Any], *, strict: bool) -> Settings:
    return msgspec.convert(values, Settings, strict=strict, dec_hook=_path)


def _path(kind: type, value: object) -> object:
    if not isinstance(value, str) or not value:
        raise ValueError("not a path")
    return kind(value)


def _fits(name: str, value: Any, *, strict: bool) -> bool:
    try:
        _convert({name: value}, strict=strict)
    except msgspec.ValidationError:
        return False
    return True


def _refused(name: str, value: Any, where: str) -> SettingValueError:
    wanted = _FIELDS[name].wanted
    return SettingValueError(where=where, name=name, value=value, wanted_en=wanted.en, wanted_zh=wanted.zh)


class _Field(msgspec.Struct, frozen=True):
    wanted: Text
    default: str
    say: Text


def _fields() -> dict[str, _Field]:
    hints = get_type_hints(Settings, include_extras=True)
    found: dict[str, _Field] = {}
    for field in msgspec.structs.fields(Settings):
        plain, meta = get_args(hints[field.name])
        default = "" if field.default is None else str(field.default)
        say = Text(en=str(meta.description), zh=meta.extra["zh"])
        found[field.name] = _Field(_wanted(plain, meta), default, say)
    return found


def _wanted(plain: Any, meta: Meta) -> Text:
    if get_origin(plain) is UnionType or get_origin(plain) is Union:
        plain = next(each for each in get_args(plain) if each is not type(None))
    if get_origin(plain) is Literal:
        choices = get_args(plain)
        return Text(en=" or ".join(choices), zh=" 或 ".join(choices))
    if plain is Path:
        return Text(en="path", zh="路径")
    if plain is not int:
        return Text(en="text", zh="文本")
    if meta.le is not None:
        return Text(en=f"integer, {meta.ge} to {meta.le}", zh=f"{meta.ge} 至 {meta.le} 的整数")
    return Text(en=f"integer, {meta.ge} or more", zh=f"不小于 {meta.ge} 的整数")


_FIELDS = _fields()


def settings_table(language: Language) -> str:
    """Return the table of all settings in Markdown, for ``docs/settings.md``.

    >>> print(settings_table("en").splitlines()[0])
    | Setting | Variable | Values | Default | Meaning |
    """
    heads = {
        "en": ("Setting", "Variable", "Values", "Default", "Meaning"),
        "zh": ("设置项", "环境变量", "取值", "默认值", "说明"),
    }
    rows = [heads[language], ("---",) * 5]
    for name, field in _FIELDS.items():
        default = f"`{field.default}`" if field.default else ""
        rows.append(
            (
                f"`{name}`",
                f"`{PREFIX}{name.upper()}`",
                field.wanted.say(language),
                default,
                field.say.say(language),
            )
        )
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"
