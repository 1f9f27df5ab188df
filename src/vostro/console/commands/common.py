"""What commands share 命令公用部分: the same arguments, the reader's language, and the bank's moment."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from vostro.words import Language, VostroError

if TYPE_CHECKING:
    from vostro.bank import Bank
    from vostro.console.terminal import Terminal

__all__ = ["AsJson", "BankFolder", "SayIn", "language_of", "now_of", "terminal_of"]

BankFolder = Annotated[Path, Parameter(help="The bank's folder of definitions.")]
SayIn = Annotated[Language | None, Parameter(name="--language", help="Language of messages: en or zh.")]
AsJson = Annotated[
    bool, Parameter(name="--json", negative="", help="Print one JSON object instead of tables.")
]


def terminal_of(language: str | None, bank: Path, *, json: bool = False) -> "Terminal":
    """Return the terminal in the reader's language; quiet when another program reads."""
    from vostro.console.terminal import Terminal

    return Terminal(language_of(language, bank), quiet=json)


def language_of(asked: str | None, bank: Path | None = None) -> Language:
    """Return the language asked for, else that of the bank's settings, else the locale's, else English."""
    found = asked or os.environ.get("VOSTRO_LANGUAGE") or _set_language(bank)
    found = found or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    return "zh" if found.lower().startswith("zh") else "en"


def now_of(bank: "Bank") -> datetime:
    """Return the moment at which the bank lives: the clock's, or that of a bank of the past."""
    return bank.moment(datetime.now(UTC))


def _set_language(bank: Path | None) -> str | None:
    from vostro.engine import load_settings

    if bank is None:
        return None
    try:
        return load_settings(bank, os.environ).language
    except VostroError:
        return None  # the command itself will tell what is wrong with the settings
