"""Scripts 话术: what does an agent say, in both languages?

A script is a text file with a part headed ``# en`` and a part headed ``# zh``. In it,
``{reasons}`` stands for what may be said to this customer, and a part in square brackets,
``[I thought of you because {reasons}.]``, is left out when nothing may.
"""

import re
from pathlib import Path

from vostro.words import Text, VostroError

__all__ = ["ScriptEncodingError", "ScriptError", "read_script"]

_PART = re.compile(r"^# (en|zh)\s*$", re.MULTILINE)


class ScriptError(VostroError):
    """A script lacks a language."""

    code = "reach.script"
    status = 422
    en = "{file} has no part headed '# {language}'. A script says it in both languages."
    zh = "{file} 缺少以“# {language}”为标题的部分。话术须有中英两种语言。"


class ScriptEncodingError(VostroError):
    """A script is not UTF-8."""

    code = "reach.script_encoding"
    status = 422
    en = "{file} is not UTF-8. Save it as UTF-8."
    zh = "{file} 不是 UTF-8 编码，请另存为 UTF-8。"


def read_script(path: Path) -> Text:
    """Read a script; line breaks inside a part become blanks.

    Raises:
        ScriptError: a language is missing or empty.
        ScriptEncodingError: the file is not UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ScriptEncodingError(file=path.name) from None
    pieces = _PART.split(text)
    parts = {pieces[i]: pieces[i + 1].strip() for i in range(1, len(pieces) - 1, 2)}
    for language in ("en", "zh"):
        if not parts.get(language):
            raise ScriptError(file=path.name, language=language)
    return Text(en=" ".join(parts["en"].split()), zh="".join(parts["zh"].splitlines()))
