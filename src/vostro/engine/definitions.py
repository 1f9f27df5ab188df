"""Definitions as code 定义即代码: what do the bank's YAML files say, and on which line?

A room states the shape of its definitions as a msgspec struct; this module reads the
files, converts them, and tells every fault with file and line. A file holds one
definition or a list of them; the first key of each names its kind and its code
(``- tag: dining_spend_90d``).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Generic, NoReturn, TypeVar

import msgspec
import yaml

from vostro.engine.explain import explain
from vostro.words import CODE, Fault, FaultsError, VostroError

__all__ = ["BankFolderError", "Located", "read_definitions", "read_one"]

T = TypeVar("T")
_DEPTH_MAX = 30
_BESIDE = {"tag": "template"}  # kind -> key of the entries that may stand among its own


class BankFolderError(VostroError):
    """The folder of definitions is not there or is not a bank."""

    code = "engine.bank_folder"
    status = 404
    en = "{folder} is not a bank's folder: {file} is missing. 'vostro init {folder}' makes one."
    zh = "{folder} 不是银行定义目录：缺少 {file}。可用“vostro init {folder}”新建。"


class Located(msgspec.Struct, Generic[T], frozen=True):
    """A definition with the place that it was read from."""

    value: T
    file: str
    lines: dict[str, int]  # path inside the definition, such as "columns.age.min" -> line

    def line(self, path: str = "") -> int:
        """Return the line of ``path`` (``columns.age.type``), or of its nearest parent."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return self.lines.get(path, 1)

    def fault(self, path: str, message_en: str, message_zh: str) -> Fault:
        """Return a fault at ``path`` of this definition."""
        return Fault(file=self.file, line=self.line(path), message_en=message_en, message_zh=message_zh)


def read_definitions(
    folder: Path, kind: str, shape: type[T], *, entry: str | None = None
) -> dict[str, Located[T]]:
    """Read every ``*.yaml`` of a folder into ``{code: definition}``, in file and line order.

    Args:
        folder: the folder of one kind, such as ``bank/tags``; it may be absent (no definitions).
        kind: the first key of each definition and the name of the code's field, such as ``tag``.
        shape: the msgspec struct to convert to; it has a field named ``kind``.
        entry: read only the entries that have this key, such as the ``template`` entries among the
            tags; without it, those are left out.

    Raises:
        FaultsError: YAML that cannot be read, a wrong field or type, a code that is used twice;
            all faults of all files at once.
    """
    found: dict[str, Located[T]] = {}
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.yaml")):
        name = f"{folder.name}/{path.name}"
        try:
            nodes = list(_items(path, name))
        except FaultsError as error:
            faults.extend(error.faults)
            continue
        for node in nodes:
            if not _is_wanted(node, _BESIDE.get(kind), entry):
                continue
            try:
                _enter(found, _convert(node, name, shape), kind)
            except FaultsError as error:
                faults.extend(error.faults)
    if faults:
        raise FaultsError(faults)
    return found


def read_one(path: Path, shape: type[T]) -> Located[T]:
    """Read a file that holds a single definition, such as ``bank.yaml``.

    Raises:
        BankFolderError: the file is not there.
        FaultsError: as for ``read_definitions``.
    """
    if not path.is_file():
        raise BankFolderError(folder=str(path.parent), file=path.name)
    nodes = list(_items(path, path.name))
    if len(nodes) != 1:
        _refuse(path.name, 1, "one definition is expected here", "此文件应只含一个定义")
    return _convert(nodes[0], path.name, shape)


def _items(path: Path, name: str) -> Iterator[yaml.Node]:
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        _refuse(
            name,
            1,
            f"the file is not UTF-8 (byte {error.start})",
            f"文件不是 UTF-8 编码（第 {error.start} 字节）",
        )
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        _refuse(name, line, f"not YAML: {error.problem}", f"不是合法的 YAML：{error.problem}")
    except yaml.YAMLError as error:
        _refuse(name, 1, f"not YAML: {error}", f"不是合法的 YAML：{error}")
    if root is None:
        return
    yield from root.value if isinstance(root, yaml.SequenceNode) else [root]


def _is_wanted(node: yaml.Node, beside: str | None, entry: str | None) -> bool:
    """Tell whether an entry is of the kind that is read, or of the one beside it."""
    keys = {key.value for key, _ in node.value} if isinstance(node, yaml.MappingNode) else set()
    return entry in keys if entry is not None else beside not in keys


def _refuse(file: str, line: int, message_en: str, message_zh: str) -> NoReturn:
    raise FaultsError([Fault(file=file, line=line, message_en=message_en, message_zh=message_zh)])


def _convert(node: yaml.Node, file: str, shape: type[T]) -> Located[T]:
    lines: dict[str, int] = {}
    value = _plain(node, "", lines, file)
    try:
        converted = msgspec.convert(value, shape, strict=True)
    except (msgspec.ValidationError, VostroError) as error:
        _refuse(file, *explain(error, value, lines, shape))
    return Located(converted, file, lines)


def _plain(node: yaml.Node, path: str, lines: dict[str, int], file: str) -> Any:
    """Turn a YAML node into plain values, noting the line of every path on the way."""
    line = node.start_mark.line + 1
    lines[path] = line
    if path.count(".") + path.count("[") > _DEPTH_MAX:
        _refuse(file, line, "nested too deep; does an alias name itself?", "嵌套过深；是否有别名引用自身？")
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, f"{path}[{i}]", lines, file) for i, child in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        plain: dict[str, Any] = {}
        for key_node, child in node.value:
            key = str(key_node.value)
            if key in plain:
                _refuse(file, key_node.start_mark.line + 1, f"'{key}' is written twice", f"“{key}”重复出现")
            below = f"{path}.{key}" if path else key
            plain[key] = _plain(child, below, lines, file)
            lines[below] = key_node.start_mark.line + 1
        return plain
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    except (ValueError, yaml.YAMLError):
        shown = str(node.value)
        _refuse(
            file, line, f"'{shown}' cannot be read as a value; quote it", f"无法识别取值“{shown}”，请加引号"
        )
    finally:
        loader.dispose()


def _enter(found: dict[str, Located[T]], located: Located[T], kind: str) -> None:
    code = getattr(located.value, kind)
    if not CODE.match(code):
        raise FaultsError(
            [
                located.fault(
                    kind,
                    f"'{code}' is not a code: use a-z, 0-9 and _, a letter first",
                    f"“{code}”不是合法代码：只用 a-z、0-9 与下划线，并以字母开头",
                )
            ]
        )
    if code in found:
        first = found[code]
        raise FaultsError(
            [
                located.fault(
                    kind,
                    f"'{code}' is already defined in {first.file}:{first.line()}",
                    f"“{code}”已在 {first.file}:{first.line()} 定义",
                )
            ]
        )
    found[code] = located
