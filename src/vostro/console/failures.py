"""Failures 失败: how does the terminal tell that something went wrong? In a sentence, never a stack trace."""

import os
import sys
import tempfile
import traceback
from pathlib import Path

from vostro.words import Language, VostroError

__all__ = ["tell_error", "tell_failure"]


def tell_error(error: VostroError, language: Language) -> int:
    """Print an error that a person can mend, with its code; return the exit code."""
    label = "错误" if language == "zh" else "error"
    sys.stderr.write(f"{label} [{error.code}] {error.say(language)}\n")
    return 1


def tell_failure(error: Exception, language: Language) -> int:
    """Print one line about a fault of our own and keep the trace in a private file; return the exit code.

    The file holds code positions and the error's type, not its text, which may hold personal data.
    """
    handle, name = tempfile.mkstemp(prefix="vostro-failure-", suffix=".txt")
    frames = traceback.format_tb(error.__traceback__)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{type(error).__module__}.{type(error).__qualname__}\n")
        file.writelines(frames)
    path = Path(name)
    if language == "zh":
        text = f"内部错误（{type(error).__name__}）。数据未受影响，可再次运行。详情见 {path}，请随问题报告一并提交。"
    else:
        text = (
            f"Internal failure ({type(error).__name__}). What was stored is safe; the command can be run again. "
            f"Details are in {path}: please send it with a bug report."
        )
    sys.stderr.write(text + "\n")
    return 70
