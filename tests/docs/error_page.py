"""The page of all errors, made from the error family: ``python tests/docs/error_page.py`` writes it anew."""

import importlib
import pkgutil
import re
import string

import pages

import vostro
from vostro.words import VostroError, error_family

ROOMS = {
    "words": "Words 词汇",
    "engine": "Engine 引擎",
    "capture": "Capture 采集",
    "portrait": "Portrait 画像",
    "insight": "Insight 洞察",
    "decide": "Decide 决策",
    "reach": "Reach 触达",
    "listen": "Listen 倾听",
    "learn": "Learn 学习",
    "bank": "Bank 银行定义",
    "run": "Runs 批次",
    "replay": "Replay 重放",
    "api": "API 接口",
    "console": "Console 控制台",
    "twin": "Twin 孪生",
}
INTRO = """# Errors 错误代码

<!-- Made by `python tests/docs/error_page.py`; change the code, not this page. -->

Whatever goes wrong and can be mended is told as one sentence with a code, never as a stack trace: what is wrong, where, and
how to mend it. The terminal writes it to the error stream as `error [code] sentence` and ends with exit code 1; with
`--language zh` (or the variable `VOSTRO_LANGUAGE`, or a Chinese locale) as `错误 [code] 中文说明`. Codes do not change
between versions without a line in the changelog. The status is the one of HTTP for the same fault. Words in `{braces}` are
filled in.

Exit code 70 is a fault of Vostro itself: it prints where a private file with the place in the code lies, without any data of
yours. What was stored is safe; please report it.

A single record that breaks its contract is no error but a [reject](data-quality.md#codes-of-rejects).
"""


def coded_errors() -> list[type[VostroError]]:
    """Return every error class of the package that states a code, by code."""
    for module in pkgutil.walk_packages(vostro.__path__, "vostro."):
        if not re.search(r"\.(versions|env|__main__)(\.|$)", module.name):
            importlib.import_module(module.name)
    found = [
        each for each in error_family() if each.__module__.startswith("vostro.") and "code" in vars(each)
    ]
    return sorted(found, key=lambda each: each.code)


def errors_page() -> str:
    """Return the page as Markdown."""
    parts = [INTRO]
    errors = coded_errors()
    unknown = {each.code.partition(".")[0] for each in errors} - set(ROOMS)
    assert not unknown, f"name these rooms in ROOMS: {unknown}"
    for room, title in ROOMS.items():
        ours = [each for each in errors if each.code.startswith(room + ".")]
        if not ours:
            continue
        lines = [f"## {title}\n", "| Code | Status | English | 中文 |", "| --- | --- | --- | --- |"]
        lines += [f"| `{e.code}` | {e.status} | {_cell(e.en)} | {_cell(e.zh)} |" for e in ours]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _cell(template: str) -> str:
    """Return a template with plain {names}, fit for a table's cell."""
    said = "".join(
        text + (f"{{{name}}}" if name is not None else "")
        for text, name, _, _ in string.Formatter().parse(template)
    )
    return " ".join(said.split()).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


if __name__ == "__main__":
    (pages.DOCS / "errors.md").write_text(errors_page(), encoding="utf-8")
