"""One family of errors 一族错误: what went wrong, where, and how to mend it?

An error is a code, data and words in two languages. The terminal and the console show
the reader's language, JSON and logs keep the code. ``str(error)`` is the English text.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from vostro.words.languages import Language

__all__ = ["Fault", "FaultsError", "VostroError", "error_family"]


class VostroError(Exception):
    """Something a person can mend went wrong; the words say how.

    A subclass states ``code`` (``room.name``), ``status`` (HTTP) and the templates ``en``
    and ``zh``; the data fill the templates.

    >>> class FileMissingError(VostroError):
    ...     '''A file is not there.'''
    ...     code, status = "example.file_missing", 404
    ...     en, zh = "{path} does not exist.", "{path} 不存在。"
    >>> error = FileMissingError(path="clients.csv")
    >>> error.say("zh")
    'clients.csv 不存在。'
    """

    code: ClassVar[str] = "words.error"
    status: ClassVar[int] = 500
    en: ClassVar[str] = "Something went wrong."
    zh: ClassVar[str] = "出现错误。"

    def __init__(self, **data: Any) -> None:
        self.data = data
        super().__init__(self.say("en"))

    def say(self, language: Language) -> str:
        """Return the sentence in ``language`` with the data filled in."""
        template = self.zh if language == "zh" else self.en
        return template.format(**self.data)


class Fault(VostroError):
    """One thing that is wrong at one place of a definition file."""

    code = "words.fault"
    status = 422
    en = "{file}:{line}: {message_en}"
    zh = "{file}:{line}：{message_zh}"

    def __init__(self, *, file: str, line: int, message_en: str, message_zh: str) -> None:
        super().__init__(file=file, line=line, message_en=message_en, message_zh=message_zh)


class FaultsError(VostroError):
    """Definition files hold one or more faults; all of them are told at once."""

    code = "words.faults"
    status = 422
    en = "{count} fault(s) in the definitions:\n{lines}"
    zh = "定义文件中有 {count} 处错误：\n{lines}"

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(count=len(faults))

    def say(self, language: Language) -> str:
        """Return every fault on a line of its own."""
        lines = "\n".join("  " + fault.say(language) for fault in self.faults)
        template = self.zh if language == "zh" else self.en
        return template.format(lines=lines, **self.data)


def error_family(root: type[VostroError] = VostroError) -> Iterator[type[VostroError]]:
    """Yield every class of the family that is imported, the root first."""
    yield root
    for child in root.__subclasses__():
        yield from error_family(child)
