"""Every fault of a definition file is told with its line, in both languages; nothing is a stack trace."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.engine import BankFolderError, read_definitions, read_one
from vostro.words import FaultsError, Text, VostroError


class ColourError(VostroError):
    """A colour that nobody knows."""

    code = "tests.colour"
    status = 422
    en = "'{colour}' is no colour"
    zh = "“{colour}”不是颜色"


class Paint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A struct that judges for itself."""

    colour: str

    def __post_init__(self) -> None:
        if self.colour == "loud":
            raise ColourError(colour=self.colour)


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column."""

    type: str
    most: int = 0


class Thing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A definition with everything in it."""

    thing: str
    name: Text | None = None
    columns: dict[str, Column] = {}
    sizes: list[int] = []
    paint: Paint | None = None


def read(folder: Path, text: str) -> FaultsError | None:
    (folder / "things").mkdir(exist_ok=True)
    (folder / "things" / "a.yaml").write_text(text, encoding="utf-8")
    try:
        read_definitions(folder / "things", "thing", Thing)
    except FaultsError as error:
        return error
    return None


CASES = {
    "unknown field": ("thing: a\nnam: x\n", 2, "did you mean 'name'?", "是否想写"),
    "deep unknown": (
        "thing: a\ncolumns:\n  b: {type: x}\n  c:\n    typ: y\n",
        5,
        "did you mean 'type'?",
        "未知字段",
    ),
    "wrong type in a mapping": (
        "thing: a\ncolumns:\n  b: {type: x}\n  c:\n    type: 3\n",
        5,
        "columns.c.type",
        "应为",
    ),
    "missing field": (
        "thing: a\ncolumns:\n  b: {most: 1}\n",
        3,
        "missing required field `type`",
        "缺少必填字段",
    ),
    "wrong type in a list": ("thing: a\nsizes:\n  - 1\n  - x\n", 4, "sizes[1]", "应为"),
    "judged by itself": (
        "thing: a\nname: {en: a, zh: b}\npaint:\n  colour: loud\n",
        3,
        "no colour",
        "不是颜色",
    ),
    "impossible date": ("thing: a\nname: 2020-13-01\n", 2, "quote it", "请加引号"),
    "not YAML": ("thing: [a\n", 2, "not YAML", "不是合法的 YAML"),
    "written twice": ("thing: a\nthing: b\n", 2, "written twice", "重复出现"),
    "not a code": ("thing: A b\n", 1, "is not a code", "不是合法代码"),
    "defined twice": ("- thing: a\n- thing: a\n", 2, "already defined", "已在"),
    "alias of itself": ("thing: a\nname: &x {en: *x}\n", 2, "too deep", "嵌套过深"),
    "a bare word": ("hello\n", 1, "Expected `object`", "应为"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fault_has_line_and_words(tmp_path: Path, case: str) -> None:
    text, line, en, zh = CASES[case]
    error = read(tmp_path, text)
    assert error is not None
    (fault,) = error.faults
    assert fault.data["line"] == line
    assert en in fault.say("en") and zh in fault.say("zh")


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "things").mkdir()
    (tmp_path / "things" / "b.yaml").write_text(
        "- thing: b\n  nam: x\n- thing: c\n  nam: y\n", encoding="utf-8"
    )
    error = read(tmp_path, "thing: a\nnam: x\n")
    assert error is not None and len(error.faults) == 3


def test_not_utf8_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "things").mkdir()
    (tmp_path / "things" / "a.yaml").write_bytes("thing: 标签".encode("gb18030"))
    with pytest.raises(FaultsError, match="UTF-8"):
        read_definitions(tmp_path / "things", "thing", Thing)


def test_no_folder_no_definitions(tmp_path: Path) -> None:
    assert read_definitions(tmp_path / "none", "thing", Thing) == {}
    with pytest.raises(BankFolderError):
        read_one(tmp_path / "bank.yaml", Thing)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(exist_ok=True)
    read(folder, text)
