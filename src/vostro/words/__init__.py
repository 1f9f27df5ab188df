"""Words 词汇: identifiers, money, time, errors and both languages; stands alone."""

from vostro.words.errors import Fault, FaultsError, VostroError, error_family
from vostro.words.ids import CODE, canonical_json, digest, suggest
from vostro.words.languages import LANGUAGES, Language, Text
from vostro.words.money import CurrencyMismatchError, Money, MoneyFormatError
from vostro.words.progress import Progress, silent
from vostro.words.time import MomentFormatError, ZoneUnknownError, iso, parse_moment, parse_span, zone

__all__ = [
    "CODE",
    "LANGUAGES",
    "CurrencyMismatchError",
    "Fault",
    "FaultsError",
    "Language",
    "MomentFormatError",
    "Money",
    "MoneyFormatError",
    "Progress",
    "Text",
    "VostroError",
    "ZoneUnknownError",
    "canonical_json",
    "digest",
    "error_family",
    "iso",
    "parse_moment",
    "parse_span",
    "silent",
    "suggest",
    "zone",
]
