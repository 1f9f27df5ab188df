"""Who is in which row 客户编号: identifiers, held in as few bytes as they need.

Most banks number their customers: one prefix and digits of one length. Then a whole number of
four or eight bytes a customer is held, and the text is written when it is asked for. Any other
identifiers are held as their UTF-8 bytes.
"""

from bisect import bisect_left
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from vostro.portrait.index.ranks import Ranks
from vostro.words import digest

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Customers"]

_DIGITS_MAX = 18  # of a number in eight bytes
_INLINE = 12  # bytes of a text that Arrow's string view holds in itself
_STEP = 65_536  # identifiers written at once, so that they stay in the cache
_FOURS = np.array([f"{i:04d}".encode() for i in range(10_000)], dtype="S4").view(np.uint32)


class Customers:
    """The identifiers of the rows, in their order.

    Args:
        arrays: ``numbers`` (n,), or ``offsets`` (n + 1,) and ``data``; and ``order`` (n,) when the rows are
            not ordered by identifier.
        prefix: what comes before the digits of numbered customers.
        width: digits of numbered customers.
        later: identifiers that came after those of the arrays.
    """

    def __init__(
        self,
        arrays: "dict[str, NDArray[Any]]",
        prefix: str = "",
        width: int = 0,
        later: list[str] | None = None,
    ) -> None:
        self.arrays, self.prefix, self.width = arrays, prefix, width
        self.later = later or []
        numbers = arrays.get("numbers")
        self.base = len(arrays["offsets"]) - 1 if numbers is None else len(numbers)
        self._order = arrays["order"].data if "order" in arrays else None
        self._numbers = numbers.data if numbers is not None else None
        self._length = len(prefix) + width
        self._ranks: Ranks | None = None  # made when the first customer is looked up
        self._later = {customer: self.base + i for i, customer in enumerate(self.later)}

    @classmethod
    def of(cls, customers: pl.Series) -> "Customers":
        """Hold the identifiers of a column; text, without nulls and repeats."""
        texts = customers.cast(pl.String).rechunk()
        assert texts.null_count() == 0, "every customer has an identifier"
        arrays, prefix, width = _numbered(texts) or (_texts(texts), "", 0)
        if not texts.is_sorted():
            arrays["order"] = texts.arg_sort().to_numpy().astype(np.uint32)
        return cls(arrays, prefix, width)

    def __len__(self) -> int:
        return self.base + len(self.later)

    def __getitem__(self, row: int) -> str:
        if row >= self.base:
            return self.later[row - self.base]
        if self._numbers is not None:
            return f"{self.prefix}{self._numbers[row]:0{self.width}d}"
        offsets, data = self.arrays["offsets"], self.arrays["data"]
        return bytes(data[offsets[row] : offsets[row + 1]]).decode()

    @property
    def nbytes(self) -> int:
        """Bytes that the arrays hold."""
        ranks = 0 if self._ranks is None else self._ranks.nbytes
        return sum(array.nbytes for array in self.arrays.values()) + ranks

    @property
    def digest(self) -> str:
        """A digest of who is here, in which row."""
        parts: list[bytes | str] = [self.prefix, str(self.width), *self.later]
        for name, array in sorted(self.arrays.items()):
            parts += [name, np.ascontiguousarray(array).data.cast("B").toreadonly()]  # type: ignore[list-item]
        return digest(*parts)

    def row(self, customer: str) -> int | None:
        """Return a customer's row, or None when there is no such customer."""
        if self._later and customer in self._later:
            return self._later[customer]
        numbers, order = self._numbers, self._order
        if numbers is not None and order is None:
            digits = customer.removeprefix(self.prefix)
            if len(digits) != self.width or not (digits.isascii() and digits.isdigit()):
                return None
            if len(customer) != self._length:
                return None
            if self._ranks is None:
                self._ranks = Ranks(self.arrays["numbers"])
            return self._ranks.row(int(digits))
        if order is None:
            place = bisect_left(range(self.base), customer, key=self.__getitem__)
        else:
            place = bisect_left(range(self.base), customer, key=lambda i: self[order[i]])
        if place == self.base:
            return None
        row = place if order is None else order[place]
        return row if self[row] == customer else None

    def add(self, customer: str) -> int:
        """Add an identifier that is not here yet, and return its row."""
        assert self.row(customer) is None, "a customer has one row"
        self._later[customer] = len(self)
        self.later.append(customer)
        return len(self) - 1

    def take(self, chosen: "NDArray[np.int64] | pl.Series") -> pl.Series:
        """Return the identifiers of some rows: their numbers, or a boolean column, one truth a row."""
        if isinstance(chosen, pl.Series):
            found = self._filtered(chosen.slice(0, self.base))
            rows = chosen.slice(self.base).arg_true().to_numpy()
        else:
            found = self._taken(chosen[chosen < self.base])
            rows = chosen[chosen >= self.base] - self.base
        found = found.alias("customer")
        if not len(rows):
            return found
        return found.append(pl.Series("customer", [self.later[row] for row in rows], dtype=pl.String))

    def _filtered(self, chosen: pl.Series) -> pl.Series:
        if self._numbers is None:
            return self._taken(chosen.arg_true().to_numpy().astype(np.int64))
        return self._written(pl.Series(self.arrays["numbers"]).filter(chosen).to_numpy())

    def _taken(self, rows: "NDArray[np.int64]") -> pl.Series:
        import pyarrow as pa

        if self._numbers is not None:
            return self._written(self.arrays["numbers"][rows])
        buffers = [None, pa.py_buffer(self.arrays["offsets"]), pa.py_buffer(self.arrays["data"])]
        texts = pa.Array.from_buffers(pa.large_string(), self.base, buffers)
        return pl.Series("customer", texts.take(pa.array(rows)))

    def _written(self, numbers: "NDArray[Any]") -> pl.Series:
        """Write numbers as identifiers: fixed bytes, four digits at a time."""
        import pyarrow as pa

        prefix = self.prefix.encode()
        size = len(prefix) + self.width
        inline = size <= _INLINE
        head = size.to_bytes(4, "little") + prefix if inline else prefix
        stride = 16 if inline else size
        whole = np.dtype((np.void, stride))  # an identifier as one value: copied at once, not byte by byte
        pattern = np.frombuffer(head.ljust(stride, b"\0"), dtype=whole)[0]
        out = np.empty((len(numbers), stride), dtype=np.uint8)
        for start in range(0, len(numbers), _STEP):
            part = out[start : start + _STEP]
            part.view(whole)[:] = pattern
            _write_digits(part, len(head), self.width, numbers[start : start + _STEP])
        if inline:
            kind, buffers = pa.string_view(), [None, pa.py_buffer(out)]
        else:
            offsets = np.arange(0, size * len(numbers) + 1, size, dtype=np.int64)
            kind, buffers = pa.large_string(), [None, pa.py_buffer(offsets), pa.py_buffer(out)]
        return pl.Series("customer", pa.Array.from_buffers(kind, len(numbers), buffers))


def _write_digits(out: "NDArray[np.uint8]", at: int, width: int, numbers: "NDArray[Any]") -> None:
    """Write numbers of ``width`` digits into the bytes from ``at`` on, one number a row."""
    end = at + width
    rest = numbers
    while end - at >= 4:
        end -= 4
        above = rest // rest.dtype.type(10_000)
        cells: NDArray[np.uint32] = np.ndarray((len(out),), np.uint32, out.data, end, (out.strides[0],))
        cells[:] = _FOURS[rest - above * rest.dtype.type(10_000)]
        rest = above
    while end > at:
        end -= 1
        above = rest // rest.dtype.type(10)
        out[:, end] = (rest - above * rest.dtype.type(10)) + 48
        rest = above


def _texts(texts: pl.Series) -> "dict[str, NDArray[Any]]":
    arrow = texts.to_arrow().cast("large_string")
    offsets = np.frombuffer(arrow.buffers()[1], dtype=np.int64)[arrow.offset : arrow.offset + len(arrow) + 1]
    data = arrow.buffers()[2]
    held = np.frombuffer(data, dtype=np.uint8) if data else np.zeros(0, dtype=np.uint8)
    return {"offsets": offsets, "data": held}


def _numbered(texts: pl.Series) -> "tuple[dict[str, NDArray[Any]], str, int] | None":
    """Return numbers, prefix and width of customers that are all one prefix and digits of one length."""
    if not len(texts) or not (texts.str.len_bytes() == len(texts[0].encode())).all():
        return None
    first = texts[0]
    tail = first.rstrip("0123456789")
    prefix, width = tail, len(first) - len(tail)
    if not 0 < width <= _DIGITS_MAX or not texts.str.starts_with(prefix).all():
        return None
    digits = texts.str.slice(len(prefix))
    if not digits.str.contains(r"^[0-9]+$").all():
        return None
    numbers = digits.cast(pl.Int64).to_numpy()
    kind = np.uint32 if numbers.max() < 2**32 else np.uint64
    return {"numbers": numbers.astype(kind)}, prefix, width
