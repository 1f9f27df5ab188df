"""Headers 表头: what are the columns called?"""

from collections.abc import Sequence
from pathlib import Path

from vostro.capture.readers.errors import HeaderDuplicateError

__all__ = ["column_names", "name_columns"]


def column_names(count: int) -> tuple[str, ...]:
    """Return names for a file without a header.

    >>> column_names(2)
    ('column_1', 'column_2')
    """
    return tuple(f"column_{place}" for place in range(1, count + 1))


def name_columns(fields: Sequence[str], *, path: Path, line: int) -> tuple[str, ...]:
    """Return the header's names without blanks around them; an empty one gets ``column_n``.

    Raises:
        HeaderDuplicateError: two columns have the same name.
    """
    names = tuple(field.strip() or f"column_{place}" for place, field in enumerate(fields, start=1))
    seen: dict[str, int] = {}
    for place, name in enumerate(names, start=1):
        if name in seen:
            raise HeaderDuplicateError(file=str(path), line=line, name=name, first=seen[name], second=place)
        seen[name] = place
    return names
