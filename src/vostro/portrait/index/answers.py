"""What bitmaps cannot answer 引擎补答: arithmetic between tags, asked of the engine, and of few.

A question inside a rule is only asked of the customers whom the rule's other parts leave open:
in ``age > 60 AND spent_30d > 2 * spent_90d`` of those above sixty. Their values are decoded from
the bitmaps, and the engine decides, so the answer is the engine's to the last cent.
"""

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vostro.portrait import tree
from vostro.portrait.index.bits import pack, rows_of
from vostro.portrait.index.columns import Lookup
from vostro.portrait.index.compile import Question
from vostro.portrait.index.plan import Plan
from vostro.portrait.index.program import evaluate
from vostro.portrait.rule import Rule, mask_rules

if TYPE_CHECKING:
    from vostro.portrait.index.bits import Flags, RowNumbers, Words
    from vostro.portrait.index.index import AudienceIndex

__all__ = ["answered"]

_ROWS = 1_048_576  # customers whose values are decoded at once


def answered(index: "AudienceIndex", plan: Plan, node: int, within: "Words | None" = None) -> int:
    """Return a node without questions that is right for the customers ``within`` (None: all)."""
    if not plan.later[node]:
        return node
    kind, *parts = plan.nodes[node]
    if kind == "ask":
        return plan.given(_ask(index, parts[0], within))
    if kind == "not":
        return plan.not_(answered(index, plan, parts[0], within))
    ready = [part for part in parts if not plan.later[part]]
    join = plan.and_ if kind == "and" else plan.or_
    found = join(*ready)
    for part in parts:
        if plan.later[part]:
            open_ = found if kind == "and" else plan.not_(found)
            left = evaluate(plan, open_, index.bitmaps, index.height)
            if within is not None:
                left &= within
            found = join(found, answered(index, plan, part, left))
    return found


def _ask(index: "AudienceIndex", question: Question | Lookup, within: "Words | None") -> "Words":
    """Return for which customers within a set a question is answered with yes."""
    rows = np.arange(index.height) if within is None else rows_of(within)
    flags = np.zeros(index.height, dtype=np.bool_)
    for start in range(0, len(rows), _ROWS):
        part = rows[start : start + _ROWS]
        flags[part] = (
            _looked_up(index, question, part)
            if isinstance(question, Lookup)
            else _decided(index, question, part)
        )
    return pack(flags, (index.height + 63) // 64)


def _looked_up(index: "AudienceIndex", question: Lookup, rows: "RowNumbers") -> "Flags":
    found: Flags = question.places[index.columns[question.tag].codes(index.bitmaps, rows)[0]]
    return found


def _decided(index: "AudienceIndex", question: Question, rows: "RowNumbers") -> "Flags":
    columns = {tag: index.columns[tag] for tag in tree.tags_of(question.condition)}
    rule = Rule("", question.condition, {tag: column.info for tag, column in columns.items()})
    frame = pl.DataFrame({tag: column.decode(index.bitmaps, rows) for tag, column in columns.items()})
    return mask_rules({"rule": rule}, frame)["rule"]
