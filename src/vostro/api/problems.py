"""Problems 错误应答: how does the API say what went wrong?

As ``application/problem+json`` (RFC 9457): the code of the error, the status, and one sentence
in the language that ``Accept-Language`` asks for.
"""

from typing import Any

import msgspec

from vostro.api.errors import FaultError, RequestError
from vostro.words import Language, VostroError

__all__ = ["PROBLEM", "Problem", "language_of", "problem_of"]

PROBLEM = "application/problem+json"
_RETRY_SECONDS = "1"
_BUSY = 503


class Problem(msgspec.Struct, frozen=True):
    """An error as it is answered."""

    type: str  # urn:vostro:error:CODE
    title: str
    status: int
    detail: str
    code: str


def problem_of(error: BaseException, language: Language) -> tuple[Problem, dict[str, str]]:
    """Return the answer for an error, and the headers that go with it."""
    status = 0
    if not isinstance(error, VostroError):
        status = int(getattr(error, "status_code", 500))
        detail = str(getattr(error, "detail", "") or type(error).__name__)
        error = (
            RequestError(detail=_with_extra(error, detail))
            if status < 500
            else FaultError(kind=type(error).__name__)
        )
    status = status or error.status
    headers: dict[str, str] = {"content-language": language}
    if status == _BUSY:
        headers["retry-after"] = _RETRY_SECONDS
    if status == 401:
        headers["www-authenticate"] = 'Bearer realm="vostro"'
    title = (type(error).__doc__ or type(error).__name__).split("\n")[0].rstrip(".")
    return Problem(f"urn:vostro:error:{error.code}", title, status, error.say(language), error.code), headers


def language_of(header: str | bytes | None) -> Language:
    """Return the language of ``Accept-Language`` that comes first, English or Chinese.

    >>> language_of("de, zh-CN;q=0.9, en;q=0.8"), language_of(None)
    ('zh', 'en')
    """
    if not header:
        return "en"
    text = (header.decode("latin-1") if isinstance(header, bytes) else header).lower()
    ranked: list[tuple[float, int, Language]] = []
    for place, part in enumerate(text.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        for language in ("en", "zh"):
            if tag.split("-")[0] == language:
                ranked.append((-_weight(weight), place, language))
    return min(ranked)[2] if ranked else "en"


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def _with_extra(error: BaseException, detail: str) -> str:
    """Return the sentence of a refused parameter with its name."""
    extra: Any = getattr(error, "extra", None)
    if not isinstance(extra, list):
        return detail
    named = [f"{each.get('key')}: {each.get('message')}" for each in extra if isinstance(each, dict)]
    return f"{detail} ({'; '.join(named)})" if named else detail
