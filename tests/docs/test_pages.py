"""Every page: links lead somewhere, commands exist, generated pages are fresh, nothing private is told."""

import functools
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import cyclopts
import pages
import pytest

from vostro.cli import app

MAKE = (
    "import json; from vostro.cli import app; from vostro.console import made_pages; "
    "print(json.dumps(made_pages(app)))"
)
FILES = pages.markdown_files()
NAMES = [str(path.relative_to(pages.ROOT)) for path in FILES]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
PRIVATE = re.compile("|".join([r"\.\./shared", "/wor" + "k/", "/roo" + "t/", r"pypi\." + "org", "TO" + "DO"]))
OF_THE_SHELL = {
    *(
        "cp",
        "mkdir",
        "head",
        "sed",
        "rm",
        "export",
        "tar",
        "pg_dump",
        "pg_restore",
        "cd",
        "git",
        "python",
        "pytest",
        ".",
    )
}


@functools.cache
def _made() -> dict[str, str]:
    """Return the made pages as `make docs` would write them; how a process was started shows in the usages."""
    done = subprocess.run([sys.executable, "-c", MAKE], capture_output=True, text=True, check=True)
    pages_made: dict[str, str] = json.loads(done.stdout)
    return pages_made


def _anchors(path: Path) -> set[str]:
    return {pages.anchor(heading) for heading in pages.headings(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_links_lead_somewhere(path: Path) -> None:
    lost = []
    for link in LINK.findall(pages.prose(path.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = unquote(link).partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            lost.append(link)
    assert not lost


def _commands(path: Path) -> list[str]:
    """Return the lines of the shell blocks, without comments and with continued lines joined."""
    found = []
    for block in pages.blocks(path.read_text(encoding="utf-8"), "sh"):
        for line in block.text.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words:
                found.append(shlex.join(words))
    return found


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_commands_exist(path: Path) -> None:
    targets = set(TARGET.findall((pages.ROOT / "Makefile").read_text(encoding="utf-8")))
    for command in _commands(path):
        first, *rest = shlex.split(command)
        if first.endswith("vostro"):
            _parse(rest)
        elif first == "make":
            assert {word for word in rest if "=" not in word} <= targets, command
        else:
            assert first in OF_THE_SHELL, command


def _parse(words: list[str]) -> None:
    try:
        app.parse_args(words, exit_on_error=False, print_error=False)
    except cyclopts.CycloptsError as error:
        pytest.fail(f"vostro {shlex.join(words)}: {error}")


def test_a_wrong_command_would_be_found() -> None:
    with pytest.raises(pytest.fail.Exception):
        _parse(["run", "bank", "--capaign", "spring"])


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_options_in_the_text_exist(path: Path) -> None:
    known = set(re.findall(r"--[a-z-]+", _made()["commands.md"]))
    for span in pages.codes(pages.prose(path.read_text(encoding="utf-8"))):
        if span.startswith("vostro "):
            assert set(re.findall(r"--[a-z-]+", span)) <= known, span


@pytest.mark.parametrize("name", ["commands.md", "settings.md"])
def test_made_pages_are_fresh(name: str) -> None:
    assert pages.read(name) == _made()[name], "run: make docs"


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_readme_names_every_page(readme: str) -> None:
    text = pages.read(readme)
    listed = {path.name for path in pages.DOCS.glob("*.md") if not path.name.endswith(".zh.md")}
    links = (link.removeprefix("docs/").partition("#")[0] for link in LINK.findall(text))
    linked = {link.replace(".zh.md", ".md") for link in links}
    assert listed <= linked | {"errors.md"}  # linked where errors are spoken of


def test_every_decision_is_listed() -> None:
    folder = pages.DOCS / "decisions"
    files = {path.name for path in folder.glob("*.md")} - {"README.md"}
    rows = pages.rows((folder / "README.md").read_text(encoding="utf-8"))
    assert {LINK.findall(row[0])[0] for row in rows} == files
    for row in rows:
        (name,) = LINK.findall(row[0])
        title = (folder / name).read_text(encoding="utf-8").splitlines()[0]
        assert title == f"# {name[:4]} {row[1]}"


def test_translations_point_at_each_other() -> None:
    for path in FILES:
        other = path.with_name(path.name.replace(".md", ".zh.md"))
        if path.name.endswith(".zh.md") or not other.exists() or path.parent.name == "quickstart":
            continue
        assert f"]({other.name})" in path.read_text(encoding="utf-8"), path.name
        assert f"({path.name})" in other.read_text(encoding="utf-8"), other.name


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_nothing_private_is_told(path: Path) -> None:
    assert not PRIVATE.findall(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_blocks_say_their_language(path: Path) -> None:
    assert all(block.language for block in pages.blocks(path.read_text(encoding="utf-8")))
