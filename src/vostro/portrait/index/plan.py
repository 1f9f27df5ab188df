"""Plans over bitmaps 位图计划: which ANDs, ORs and NOTs of which bitmaps answer the question?

A plan holds each expression once: a node is a number, and the same expression is the same
number. Customers that are known and not chosen are ``known AND NOT chosen``: SQL's three
values need two questions (is it true, is it false), never a third kind of bit.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vostro.portrait.index.bits import Words

__all__ = ["ALL", "NONE", "Node", "Plan"]

NONE, ALL = 0, 1  # no customer; every customer
Node = tuple[Any, ...]  # a word, then the numbers of its parts: ("and", 3, 5)


class Plan:
    """Expressions over bitmaps; every expression is made once."""

    def __init__(self) -> None:
        self.nodes: list[Node] = [("none",), ("all",)]
        self.later: list[bool] = [False, False]  # whether a node waits for what bitmaps cannot answer
        self.made: list[Words] = []
        self._known: dict[Node, int] = {}

    def bit(self, row: int) -> int:
        """Return the bitmap of that number."""
        return self._node(("bit", row))

    def and_(self, *parts: int) -> int:
        """Return the customers in all of the parts."""
        kept = dict.fromkeys(part for part in parts if part != ALL)
        if NONE in kept or any(self._opposite(part) in kept for part in kept):
            return NONE
        return self._joined("and", list(kept), ALL)

    def or_(self, *parts: int) -> int:
        """Return the customers in any of the parts."""
        kept = dict.fromkeys(part for part in parts if part != NONE)
        if ALL in kept or any(self._opposite(part) in kept for part in kept):
            return ALL
        return self._joined("or", list(kept), NONE)

    def not_(self, part: int) -> int:
        """Return the customers that are not in the part."""
        if part in (NONE, ALL):
            return ALL if part == NONE else NONE
        node = self.nodes[part]
        return int(node[1]) if node[0] == "not" else self._node(("not", part))

    def ask(self, question: object) -> int:
        """Return a question that is answered later, customer by customer; see ``questions``."""
        return self._node(("ask", question), later=True)

    def given(self, words: "Words") -> int:
        """Return a bitmap that was made for this plan."""
        self.made.append(words)
        return self._node(("made", len(self.made) - 1))

    def _opposite(self, part: int) -> int:
        node = self.nodes[part]
        return int(node[1]) if node[0] == "not" else self._known.get(("not", part), -1)

    def _joined(self, word: str, parts: list[int], empty: int) -> int:
        if not parts:
            return empty
        return parts[0] if len(parts) == 1 else self._node((word, *parts))

    def _node(self, node: Node, *, later: bool = False) -> int:
        known = self._known.get(node)
        if known is None:
            known = self._known[node] = len(self.nodes)
            self.nodes.append(node)
            inner = node[0] in ("and", "or", "not") and any(self.later[part] for part in node[1:])
            self.later.append(later or inner)
        return known
