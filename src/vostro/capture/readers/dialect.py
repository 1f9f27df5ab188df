"""A CSV dialect CSV 方言: which bytes part fields, and what is one well-formed record?

The grammar (RFC 4180, with any delimiter): a field that begins with a quote runs to the
next quote that is not doubled, and a delimiter or the record's end must follow. In a field
that begins otherwise a quote is an ordinary character (``5" pipe``).
"""

import re
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["Dialect"]


class Dialect:
    """A delimiter of one byte and a quote of one byte or none."""

    def __init__(self, delimiter: str, quote: str) -> None:
        self.delimiter = delimiter.encode()
        self.quote = quote.encode()

    @cached_property
    def edges(self) -> NDArray[np.bool_]:
        """Return for each byte, shape (256,), whether a field may begin after it or end before it."""
        table = np.zeros(256, dtype=np.bool_)
        table[[*self.delimiter, *b"\r\n"]] = True
        return table

    @cached_property
    def _field(self) -> re.Pattern[bytes]:
        quote, delimiter = re.escape(self.quote), re.escape(self.delimiter)
        body = rb"[^%s]*+(?:%s%s[^%s]*+)*+" % (quote, quote, quote, quote)
        return re.compile(
            rb"%s(%s)%s(?=%s|\Z)|((?!%s)[^%s]*+)" % (quote, body, quote, delimiter, quote, delimiter)
        )

    def split(self, record: bytes) -> list[bytes] | None:
        """Return the fields of one record (without its line end), or None when it is not well-formed.

        >>> Dialect(",", '"').split(b'1,"a ""b"", c",5" pipe')
        [b'1', b'a "b", c', b'5" pipe']
        >>> Dialect(",", '"').split(b'1,"a"b') is None
        True
        """
        if not self.quote or self.quote not in record:
            return record.split(self.delimiter)
        fields: list[bytes] = []
        place = 0
        while True:
            match = self._field.match(record, place)
            if match is None:
                return None
            quoted, plain = match.groups()
            fields.append(plain if quoted is None else quoted.replace(self.quote * 2, self.quote))
            if match.end() == len(record):
                return fields
            place = match.end() + 1

    def is_clean(self, record: bytes) -> bool:
        """Whether no field that begins without a quote holds one.

        >>> Dialect(",", '"').is_clean(b'1,5" pipe')
        False
        """
        if not self.quote or self.quote not in record:
            return True
        return all(self.quote not in (match[2] or b"") for match in self._field.finditer(record))
