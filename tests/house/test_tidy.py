"""The house is tidy: short files and functions, first sentences, one error family, true trees."""

import ast
import importlib
import pkgutil
import re
import string
from pathlib import Path

import pytest

import vostro
from vostro.words import VostroError, error_family

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "vostro").rglob("*.py"))
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
HAN = re.compile(r"[一-鿿]")


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(_tree(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def _lines_without_docstring(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - (body[0].lineno if body else function.lineno) + 1


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_file_is_short_and_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= FILE_LINES_MAX, "split it: a file has one subject"
    docstring = ast.get_docstring(_tree(path))
    assert docstring, "a module starts with a sentence that says what it is"


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_functions_are_short(path: Path) -> None:
    long = {f.name: _lines_without_docstring(f) for f in _functions(path)}
    assert not {name: lines for name, lines in long.items() if lines > FUNCTION_LINES_MAX}


@pytest.mark.parametrize("room", [p for p in SOURCES if p.name == "__init__.py"], ids=_name)
def test_room_has_a_front_door_in_both_languages(room: Path) -> None:
    if room.parent == ROOT / "src" / "vostro" or room.parent.parent != ROOT / "src" / "vostro":
        return  # the package itself, and rooms inside rooms
    docstring = ast.get_docstring(_tree(room)) or ""
    assert HAN.search(docstring.split("\n")[0]), "a room's first sentence has its Chinese name"
    assert "__all__" in room.read_text(encoding="utf-8"), "a front door names what may be used"


def _every_error() -> list[type[VostroError]]:
    for module in pkgutil.walk_packages(vostro.__path__, "vostro."):
        if not re.search(r"\.(versions|env|__main__)(\.|$)", module.name):
            importlib.import_module(module.name)
    return [each for each in error_family() if each.__module__.startswith("vostro.")]


def _fields(template: str) -> set[str]:
    """Return the names of the data; a sentence inside a sentence has one name for each language."""
    names = [name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(template) if name]
    return {name.removesuffix("_en").removesuffix("_zh") for name in names}


def test_errors_speak_both_languages_with_the_same_data() -> None:
    codes: dict[str, str] = {}
    for error in _every_error():
        if "code" not in vars(error):
            continue  # an abstract branch of the family
        assert re.fullmatch(r"[a-z]+\.[a-z0-9_]+", error.code), error
        assert codes.setdefault(error.code, error.__name__) == error.__name__, f"{error.code} is used twice"
        assert 400 <= error.status < 600, error
        assert HAN.search(error.zh) or "_zh}" in error.zh, f"{error.__name__} has no Chinese words"
        assert not HAN.search(error.en), f"{error.__name__}: English words hold Chinese"
        assert _fields(error.en) == _fields(error.zh), f"{error.__name__}: the languages tell different data"


def test_every_exception_class_is_of_the_family() -> None:
    strangers = []
    for path in SOURCES:
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
                bases = {ast.unparse(base) for base in node.bases}
                if bases & {"Exception", "ValueError", "RuntimeError", "KeyError", "TypeError", "OSError"}:
                    strangers.append(f"{_name(path)}: {node.name}")
    assert strangers == ["src/vostro/words/errors.py: VostroError"]


def _tree_of(readme: str) -> set[str]:
    block = re.search(r"```text tree\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.DOTALL)
    assert block, f"{readme} shows the tree of the house"
    return {line.split()[0].strip("/") for line in block[1].splitlines() if line.startswith("  ")}


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_readme_tree_equals_the_disk(readme: str) -> None:
    package = ROOT / "src" / "vostro"
    on_disk = {
        path.name
        for path in package.iterdir()
        if path.name not in {"__init__.py", "py.typed", "__pycache__", "__main__.py"}
        and (path.is_dir() or path.suffix == ".py")
    }
    assert _tree_of(readme) == on_disk


def test_no_path_of_a_machine_and_no_registry_host_is_in_the_tree() -> None:
    banned = re.compile("|".join(["/wor" + "k/", "/roo" + "t/", r"pypi\." + "org", "pythonhoste" + "d"]))
    texts = [*ROOT.glob("*.*"), *(ROOT / "src").rglob("*.*"), *(ROOT / "docs").rglob("*.*")]
    texts += [*(ROOT / "requirements").glob("*.*"), *(ROOT / "examples").rglob("*.*")]
    found = [
        _name(path)
        for path in texts
        if path.is_file()
        and not {".vostro", "__pycache__", "vendor"} & set(path.parts)
        and not any(part.endswith(".egg-info") for part in path.parts)
        and banned.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert not found
