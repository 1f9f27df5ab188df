"""Explain 错误定位: which line of a definition file is wrong, and what does it say in both languages?

msgspec tells a path with ``[...]`` for the keys of a mapping, and nothing at all for errors that a
struct raises itself. Both are found out by converting again with a part left out.
"""

import copy
import re
from typing import Any

import msgspec

from vostro.words import VostroError, suggest

__all__ = ["explain"]

_STEP = re.compile(r"\.([^.\[\]`]+)|\[(\d+|\.\.\.)\]")
_UNKNOWN_FIELD = re.compile(r"unknown field `([^`]+)`")
_CHINESE = (
    (re.compile(r"Expected `(.+?)`, got `(.+?)`"), r"应为 `\1`，实为 `\2`"),
    (re.compile(r"Object missing required field `(.+?)`"), r"缺少必填字段“\1”"),
    (re.compile(r"Invalid enum value (.+)"), r"取值 \1 不在允许范围内"),
)


def explain(error: Exception, value: Any, lines: dict[str, int], shape: Any) -> tuple[int, str, str]:
    """Return line, English and Chinese words of an error that converting ``value`` raised.

    Args:
        error: a ``msgspec.ValidationError`` or a ``VostroError``.
        value: the plain value of the definition.
        lines: path inside the definition -> line.
        shape: the struct that it was converted to.
    """
    if isinstance(error, VostroError):
        path = _blamed(error, value, shape)
        return _line(path, lines), error.say("en"), error.say("zh")
    message, _, where = str(error).partition(" - at `$")
    path = _path(str(error), where.rstrip("`"), value, shape)
    unknown = _UNKNOWN_FIELD.search(message)
    if unknown:
        close = suggest(unknown[1], _field_names(shape))
        path = f"{path}.{unknown[1]}" if path else unknown[1]
        hint_en, hint_zh = (f"; did you mean '{close}'?", f"，是否想写“{close}”？") if close else ("", "")
        return (
            _line(path, lines),
            f"unknown field '{unknown[1]}'{hint_en}",
            f"未知字段“{unknown[1]}”{hint_zh}",
        )
    shown_en, shown_zh = (f"{path}: ", f"{path}：") if path else ("", "")
    return _line(path, lines), shown_en + message, shown_zh + _chinese(message)


def _chinese(message: str) -> str:
    for pattern, words in _CHINESE:
        if pattern.search(message):
            return pattern.sub(words, message)
    return message


def _line(path: str, lines: dict[str, int]) -> int:
    """Return the line of a path, or of the nearest place above it that has one."""
    while path and path not in lines:
        path = re.sub(r"(\.[^.\[\]]+|\[\d+\]|^[^.\[\]]+)$", "", path)
    return lines.get(path, 1)


def _path(said: str, where: str, value: Any, shape: Any) -> str:
    """Return the path of an error with the real keys in place of ``[...]``."""
    path, trial = "", copy.deepcopy(value)
    for name, index in _STEP.findall(where):
        step = name or index
        if step == "...":
            step = _guilty_key(said, trial, path, shape)
        path += f"[{step}]" if index and index != "..." else (f".{step}" if path else step)
    return path


def _guilty_key(said: str, trial: Any, path: str, shape: Any) -> str:
    """Return the key of the mapping at ``path`` without whose siblings the same error is raised."""
    mapping = _at(trial, path)
    entries = dict(mapping)
    for key, each in entries.items():
        mapping.clear()
        mapping[key] = each
        if _raised(trial, shape) == said:
            return str(key)
    mapping.update(entries)
    return "..."


def _at(value: Any, path: str) -> Any:
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        value = value[int(index)] if index else value[name]
    return value


def _raised(value: Any, shape: Any) -> str | None:
    try:
        msgspec.convert(value, shape, strict=True)
    except (msgspec.ValidationError, VostroError) as error:
        return str(error)
    return None


def _blamed(error: VostroError, value: Any, shape: Any) -> str:
    """Return the first key of the definition without which this error is not raised."""
    if not isinstance(value, dict):
        return ""
    said = str(error)
    keys = (key for key in value if _raised({k: v for k, v in value.items() if k != key}, shape) != said)
    return str(next(keys, ""))


def _field_names(shape: Any) -> set[str]:
    """Return every field name used anywhere inside a struct: good enough to suggest from."""
    names: set[str] = set()
    seen: set[type] = set()
    todo: list[Any] = [shape]
    while todo:
        each = todo.pop()
        todo.extend(getattr(each, "__args__", ()))
        if isinstance(each, type) and issubclass(each, msgspec.Struct) and each not in seen:
            seen.add(each)
            for field in msgspec.structs.fields(each):
                names.add(field.encode_name)
                todo.append(field.type)
    return names
