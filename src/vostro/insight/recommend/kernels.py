"""Compiled loops 编译内核: what numba makes fast, with types kept."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba import types
from numba.extending import intrinsic

__all__ = ["compiled", "popcount", "shell_sort"]

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile a function when it is first called; the machine code is kept beside the source."""
    return cast(F, numba.njit(cache=True)(function))


def _popcount(_: Any, word: Any) -> Any:
    """Count the bits of a 64-bit word by the processor's own instruction."""
    signature = types.int64(types.uint64)

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return signature, generate


popcount: Any = intrinsic(_popcount)


@compiled
def shell_sort(values: Any, begin: int, end: int) -> None:
    """Sort a short stretch in place, ascending. Source: Shell (1959), gaps of Ciura (2001)."""
    for gap in (701, 301, 132, 57, 23, 10, 4, 1):
        for i in range(begin + gap, end):
            value, j = values[i], i
            while j >= begin + gap and values[j - gap] > value:
                values[j] = values[j - gap]
                j -= gap
            values[j] = value
