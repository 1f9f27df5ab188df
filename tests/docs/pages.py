"""Pages of the documentation, as tests read them: sections, tables and code blocks."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#+) +(.+?)\s*$")
_CELL = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"`([^`]+)`")


class Block(NamedTuple):
    """A fenced code block."""

    language: str
    name: str  # what follows the language, such as a file's name
    text: str


def read(name: str) -> str:
    """Return the text of a page; its name is relative to docs/, or to the repository."""
    path = DOCS / name if (DOCS / name).exists() else ROOT / name
    return path.read_text(encoding="utf-8")


def markdown_files() -> list[Path]:
    """Return every Markdown file that people read, in order of name."""
    found = [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "examples").glob("*/*.md")]
    return sorted(found)


def blocks(text: str, language: str | None = None) -> list[Block]:
    """Return the fenced blocks of a page, or those of one language."""
    found = []
    for info, body in _FENCE.findall(text):
        first, _, rest = info.strip().partition(" ")
        if language is None or first == language:
            found.append(Block(first, rest.strip(), body))
    return found


def prose(text: str) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", text)


def headings(text: str) -> list[str]:
    """Return the headings of a page, without the signs before them."""
    return [match[2] for line in prose(text).splitlines() if (match := _HEADING.match(line))]


def anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return kept.replace(" ", "-")


def section(text: str, heading: str) -> str:
    """Return what stands between a heading and the next one of any level."""
    lines = text.splitlines()
    start = next(
        (i for i, line in enumerate(lines) if re.match(rf"^#+ +{re.escape(heading)}( |$)", line)), None
    )
    assert start is not None, f"there is no section '{heading}'"
    fenced, end = False, len(lines)
    for i in range(start + 1, len(lines)):
        fenced ^= lines[i].startswith("```")
        if not fenced and _HEADING.match(lines[i]):
            end = i
            break
    return "\n".join(lines[start + 1 : end])


def rows(text: str) -> list[list[str]]:
    """Return the rows of all tables, without heads and rulers, as cells."""
    found: list[list[str]] = []
    lines = prose(text).splitlines()
    for i, line in enumerate(lines):
        ruler = re.fullmatch(r"\|(\s*:?-+:?\s*\|)+", line.strip()) is not None
        head = i + 1 < len(lines) and re.fullmatch(r"\|(\s*:?-+:?\s*\|)+", lines[i + 1].strip()) is not None
        if line.startswith("|") and not ruler and not head:
            found.append([cell.strip() for cell in _CELL.split(line.strip())[1:-1]])
    return found


def codes(cell: str) -> list[str]:
    """Return what is set in `backquotes`."""
    return _CODE.findall(cell)
