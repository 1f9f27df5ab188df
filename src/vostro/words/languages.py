"""Both languages 中英双语: how does one thing say its name in English and in Chinese?"""

from typing import Literal

import msgspec

__all__ = ["LANGUAGES", "Language", "Text"]

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name or sentence in both languages.

    >>> Text(en="Age", zh="年龄").say("zh")
    '年龄'
    """

    en: str
    zh: str

    def say(self, language: Language) -> str:
        """Return the words in ``language``."""
        return self.zh if language == "zh" else self.en
