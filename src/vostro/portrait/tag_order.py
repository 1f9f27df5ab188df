"""The order of tags 标签次序: which tags must be known before which, and is there a circle?"""

import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from vostro.engine import Located
from vostro.words import Fault

if TYPE_CHECKING:
    from vostro.portrait.tag_definition import TagDefinition

__all__ = ["order_tags", "words_of"]

_NOT_WORDS = re.compile(r"'[^']*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")


def words_of(text: str) -> frozenset[str]:
    """Return every word of a rule outside of quotes: among them the tags it reads, even if it is faulty.

    >>> sorted(words_of("age >= 18 AND job = 'tag' -- a note"))
    ['AND', 'age', 'job']
    """
    return frozenset(_WORD.findall(_NOT_WORDS.sub(" ", text)))


def order_tags(located: "Mapping[str, Located[TagDefinition]]") -> tuple[list[str], list[Fault]]:
    """Return the codes, each after those that it reads, as near to the files' order as can be.

    Returns:
        The order without the tags of circles, and one fault a circle.
    """
    reads = {code: _reads(at.value) & set(located) for code, at in located.items()}
    faults: list[Fault] = []
    while True:
        try:
            TopologicalSorter(reads).prepare()
            break
        except CycleError as error:
            circle = error.args[1][:-1][::-1]
            faults.append(_circle_fault(located, circle))
            reads = {code: those - set(circle) for code, those in reads.items() if code not in circle}
    order: dict[str, None] = {}
    places = {code: i for i, code in enumerate(located)}
    below = {code: sorted(those, key=places.__getitem__) for code, those in reads.items()}
    for code in reads:
        _enter(code, below, order)
    return list(order), faults


def _enter(code: str, below: Mapping[str, list[str]], order: dict[str, None]) -> None:
    """Enter a tag after those it reads, without recursion: chains may be long."""
    todo = [code]
    while todo:
        waiting = [each for each in below[todo[-1]] if each not in order]
        if waiting:
            todo += waiting[::-1]
        else:
            order[todo.pop()] = None


def _reads(definition: "TagDefinition") -> frozenset[str]:
    texts = [definition.rule or "", *(definition.tiers or {}).values()]
    household = definition.household
    others = {household.by, household.sum or household.by} if household is not None else set()
    return frozenset(others).union(*map(words_of, texts))


def _circle_fault(located: "Mapping[str, Located[TagDefinition]]", circle: list[str]) -> Fault:
    files = list(located)
    first = min(range(len(circle)), key=lambda i: files.index(circle[i]))
    shown = " → ".join([*circle[first:], *circle[:first], circle[first]])
    at = located[circle[first]]
    path = next((name for name in ("rule", "household") if getattr(at.value, name) is not None), "tiers")
    if len(circle) == 1:
        return at.fault(path, f"tag '{circle[0]}' reads itself", f"标签“{circle[0]}”引用了自身")
    return at.fault(path, f"tags read each other in a circle: {shown}", f"标签循环引用：{shown}")
