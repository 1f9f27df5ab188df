"""Failures 失败: how does the terminal tell that something went wrong? In a sentence, never a stack trace."""

import errno
import os
import sys
import tempfile
import traceback
from pathlib import Path

from vostro.words import Language, VostroError

__all__ = ["PathError", "path_error", "tell_error", "tell_failure"]

_NO_RIGHT = ("no permission", "没有权限")
_REASONS = {
    errno.EACCES: _NO_RIGHT,
    errno.EPERM: _NO_RIGHT,
    errno.EROFS: ("it is read-only", "该位置为只读"),
    errno.ENOENT: ("it, or the folder around it, is not there", "该路径或其上级目录不存在"),
    errno.EISDIR: ("it is a folder, not a file", "这是目录，而不是文件"),
    errno.ENOTDIR: ("a part of it is a file, not a folder", "路径中有一段是文件，而不是目录"),
    errno.EEXIST: ("something else of that name is there", "已有同名的文件或目录"),
}


class PathError(VostroError):
    """A file or folder that a person named cannot be read or written."""

    code = "console.path"
    status = 422
    en = "{path} cannot be read or written: {reason_en}. Name another path, or mend this one."
    zh = "{path} 无法读写：{reason_zh}。请换一个路径，或修正后重试。"


def path_error(error: OSError) -> PathError | None:
    """Return the sentence for a path that a person can mend, or None for a fault of our own."""
    path = error.filename2 or error.filename
    if not isinstance(path, str) or error.errno not in _REASONS or ".vostro" in Path(path).parts:
        return None
    en, zh = _REASONS[error.errno]
    # A file that is written beside its place and then renamed has a name that nobody typed.
    named = str(Path(path).parent) if path.endswith(".part") else path
    return PathError(path=named, reason_en=en, reason_zh=zh)


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
