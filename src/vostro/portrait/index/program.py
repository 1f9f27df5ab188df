"""Programs over words 位图程序: in which few passes over the cache is a plan evaluated?

The nodes of a plan become straight code for a handful of registers, and the code runs block
by block: what is read once from memory is used while it is in the cache, and no result is as
long as the bank has customers.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vostro.portrait.index.bits import BLOCK
from vostro.portrait.index.plan import ALL, NONE, Node, Plan

if TYPE_CHECKING:
    from vostro.portrait.index.bits import Words

__all__ = ["blocks", "counts", "evaluate"]


def blocks(
    plan: Plan, outputs: Sequence[int], rows: "Sequence[Words]", count: int
) -> "Iterator[tuple[int, list[Words]]]":
    """Evaluate nodes block by block.

    Args:
        plan: what the nodes mean.
        outputs: nodes without questions.
        rows: the bitmaps that ``bit`` names, each of at least as many words as customers need.
        count: customers; bits beyond them come out as zero.

    Yields:
        The block's first word, and one array of words an output. They are used again for the next
        block, and some are the stored bitmaps themselves: read them at once, change nothing.
    """
    program = _Program(plan, outputs)
    size = (count + 63) // 64
    sources = [rows[number] if kind == "bit" else plan.made[number] for kind, number in program.sources]
    sources.reverse()  # the first is cell -1
    registers = [np.empty(min(BLOCK, size), dtype=np.uint64) for _ in range(program.registers)]
    for start in range(0, size, BLOCK):
        stop = min(start + BLOCK, size)
        cells = [each[: stop - start] for each in registers] + [each[start:stop] for each in sources]
        for operation, a, b, out in program.operations:
            if b is None:
                operation(cells[a], cells[out])
            else:
                operation(cells[a], cells[b], cells[out])
        for cell, word in program.constants:
            cells[cell].fill(word)
        if stop == size and count % 64:
            for cell in program.outputs:
                if cell >= 0:  # a stored bitmap has no bits beyond its customers
                    cells[cell][-1] &= np.uint64((1 << count % 64) - 1)
        yield start, [cells[cell] for cell in program.outputs]


def counts(plan: Plan, outputs: Sequence[int], rows: "Sequence[Words]", count: int) -> list[int]:
    """Return how many customers each node holds."""
    totals = [0] * len(outputs)
    held = np.empty(
        min(BLOCK, (count + 63) // 64), dtype=np.uint8
    )  # one array for all blocks stays in the cache
    for _, found in blocks(plan, outputs, rows, count):
        for i, each in enumerate(found):
            totals[i] += int(np.bitwise_count(each, held[: len(each)]).sum(dtype=np.uint32))
    return totals


def evaluate(plan: Plan, output: int, rows: "Sequence[Words]", count: int) -> "Words":
    """Return a node's bitmap, a new array of as many words as the customers need."""
    made = np.empty((count + 63) // 64, dtype=np.uint64)
    for start, (found,) in blocks(plan, [output], rows, count):
        made[start : start + len(found)] = found
    return made


class _Program:
    """Straight code for some nodes: registers are cells from 0 up, bitmaps from -1 down."""

    def __init__(self, plan: Plan, outputs: Sequence[int]) -> None:
        self.plan = plan
        self.operations: list[tuple[Any, int, int | None, int]] = []  # ufunc, operands, where the result goes
        self.sources: list[Node] = []
        self.constants: list[tuple[int, int]] = []  # register and the word that fills it
        self.registers = 0
        self._free: list[int] = []
        self._left: dict[int, int] = {}  # register -> uses that are still to come
        self._cells: dict[int, int] = {}
        self._uses = _uses(plan, outputs)
        self.outputs = [self._cell(output) for output in outputs]

    def _cell(self, node: int) -> int:
        """Return where a node's value is, after emitting the code that puts it there."""
        if node in self._cells:
            return self._cells[node]
        kind, *parts = self.plan.nodes[node]
        if kind in ("bit", "made"):
            self.sources.append((kind, *parts))
            cell = -len(self.sources)
        else:
            if node in (ALL, NONE):
                self.registers += 1  # its own: it is filled once a block, after the code ran
                cell = self.registers - 1
                self.constants.append((cell, 0 if node == NONE else 2**64 - 1))
            elif kind == "not":
                cell = self._emit(np.invert, self._cell(parts[0]), None)
            else:
                cell = self._join(kind, parts)
            self._left[cell] = self._uses[node]
        self._cells[node] = cell
        return cell

    def _join(self, kind: str, parts: list[int]) -> int:
        """Emit an AND or OR; the opposites among its parts are joined first and turned at once."""
        nodes = self.plan.nodes
        turned = [p for p in parts if nodes[p][0] == "not" and p not in self._cells and self._uses[p] == 1]
        plain = [part for part in parts if part not in turned]
        both: tuple[Any, Any] = (np.bitwise_and, np.bitwise_or)
        join, other = both if kind == "and" else both[::-1]
        acc = self._fold(join, plain) if plain else None
        if not turned:
            assert acc is not None, "an AND or OR has parts"
            return acc
        against = self._fold(other, [nodes[part][1] for part in turned])
        if acc is None:
            return self._emit(np.invert, against, None)
        if kind == "or":
            return self._emit(np.bitwise_or, self._emit(np.invert, against, None), acc)
        self._again(against)  # a AND NOT b = (a OR b) XOR b
        return self._emit(np.bitwise_xor, self._emit(np.bitwise_or, acc, against), against)

    def _fold(self, join: Any, parts: list[int]) -> int:
        acc = self._cell(parts[0])
        for part in parts[1:]:
            acc = self._emit(join, acc, self._cell(part))
        return acc

    def _emit(self, operation: Any, a: int, b: int | None) -> int:
        """Emit one operation; its result goes where an operand was that nobody needs again."""
        spent = []
        for cell in (a, b):
            if cell is not None and cell >= 0:
                self._left[cell] -= 1
                if not self._left[cell]:
                    spent.append(cell)
        if spent:
            out = spent.pop()
        elif self._free:
            out = self._free.pop()
        else:
            out = self.registers
            self.registers += 1
        self._free += spent
        self.operations.append((operation, a, b, out))
        self._left[out] = 1
        return out

    def _again(self, cell: int) -> None:
        """Note one more use of a register."""
        if cell >= 0:
            self._left[cell] += 1


def _uses(plan: Plan, outputs: Sequence[int]) -> dict[int, int]:
    """Return how often each node is read; an output once more, so that its register is never given away."""
    uses: dict[int, int] = {}
    todo = list(outputs)
    while todo:
        node = todo.pop()
        uses[node] = uses.get(node, 0) + 1
        if uses[node] > 1:
            continue
        kind, *parts = plan.nodes[node]
        assert kind != "ask", "questions are answered before bitmaps are read"
        if kind in ("and", "or", "not"):
            todo += parts
    return uses
