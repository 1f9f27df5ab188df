"""Time 时间: when, and in whose zone? A moment without a zone is not accepted."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vostro.words.errors import VostroError

__all__ = ["MomentFormatError", "ZoneUnknownError", "iso", "parse_moment", "parse_span", "zone"]

_SPAN = re.compile(r"^\s*(\d+)\s+(minute|hour|day|week)s?\s*$")


class MomentFormatError(VostroError):
    """A text is not a moment with a zone, or not a span of time."""

    code = "words.moment_format"
    status = 422
    en = "'{text}' is not {wanted_en}. Write for example '{example}'."
    zh = "“{text}”不是{wanted_zh}。例如可写“{example}”。"


class ZoneUnknownError(VostroError):
    """A time zone's name is not in the IANA data base."""

    code = "words.zone_unknown"
    status = 422
    en = "'{name}' is not an IANA time zone. Write for example 'Europe/Lisbon' or 'Asia/Shanghai'."
    zh = "“{name}”不是 IANA 时区。例如可写“Asia/Shanghai”或“Europe/Lisbon”。"


def zone(name: str) -> ZoneInfo:
    """Return the IANA zone of that name.

    Raises:
        ZoneUnknownError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError) as error:
        raise ZoneUnknownError(name=name) from error


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 moment that has a zone, and return it in UTC.

    >>> parse_moment("2026-02-01T09:00+08:00").isoformat()
    '2026-02-01T01:00:00+00:00'

    Raises:
        MomentFormatError: not ISO 8601, or without a zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        wanted = {"wanted_en": "a moment with a zone", "wanted_zh": "带时区的时间"}
        raise MomentFormatError(text=text, **wanted, example="2026-02-01T09:00+08:00")
    return moment.astimezone(UTC)


def parse_span(text: str) -> timedelta:
    """Read a span such as ``"90 days"``.

    >>> parse_span("2 weeks").days
    14

    Raises:
        MomentFormatError: not a whole number of minutes, hours, days or weeks.
    """
    match = _SPAN.match(text)
    if match is None:
        wanted = {"wanted_en": "a span of time", "wanted_zh": "时间长度"}
        raise MomentFormatError(text=text, **wanted, example="90 days")
    return timedelta(**{match[2] + "s": int(match[1])})


def iso(moment: datetime) -> str:
    """Return a moment as ISO 8601 text in UTC, to the microsecond where it has any.

    >>> iso(parse_moment("2026-02-01T09:00+08:00"))
    '2026-02-01T01:00:00+00:00'
    """
    assert moment.tzinfo is not None, "a moment has a zone"
    return moment.astimezone(UTC).isoformat()
