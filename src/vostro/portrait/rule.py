"""A rule 规则: which customers does this SQL condition hold for, all at once or one by one?

One text, several compilers: an Ibis predicate for the engine, one generated Python function
for one customer, and words in two languages. They agree exactly, NULL included; a property
test holds them against each other and against a slow walk over the tree.
"""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl

from vostro.portrait import tree
from vostro.portrait.check import check
from vostro.portrait.errors import TagMissingError
from vostro.portrait.to_ibis import ibis_predicate
from vostro.portrait.to_python import python_function
from vostro.portrait.to_words import say_rule
from vostro.portrait.types import TagInfo, Use
from vostro.words import Language

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Rule", "engine", "mask_rules", "parse_rule", "polars_type", "rules_for_customer"]

_local = threading.local()


class Rule(msgspec.Struct, frozen=True):
    """A condition over tags, understood and type-checked."""

    text: str
    tree: tree.Condition
    infos: dict[str, TagInfo]  # of the tags that the rule reads

    def __hash__(self) -> int:
        return hash((self.text, self.tree))

    @property
    def tags(self) -> frozenset[str]:
        """The codes of the tags that the rule reads."""
        return frozenset(self.infos)

    def words(self, language: Language) -> str:
        """Return the rule as one sentence, without its full stop."""
        return say_rule(self.tree, self.infos, language)

    def parts(self) -> tuple["Rule", ...]:
        """Return the conditions that must all hold, each a rule of its own: to say which one failed."""
        if not isinstance(self.tree, tree.And):
            return (self,)
        return tuple(
            Rule(self.text, part, {code: self.infos[code] for code in sorted(tree.tags_of(part))})
            for part in self.tree.conditions
        )

    def predicate(self, table: "ir.Table") -> "ir.BooleanValue":
        """Return the rule over a table that has a column for each tag; NULL where unknown."""
        _require(self.infos, table.columns)
        return ibis_predicate(self.tree, table, self.infos)

    def for_customer(self) -> Callable[[Mapping[str, object]], bool | None]:
        """Return a function of one portrait: True, False, or None for SQL's NULL.

        Raises (the function):
            TagMissingError: the portrait lacks a tag of the rule.
        """
        return python_function([self.tree], self.infos, single=True)

    def mask(self, frame: pl.DataFrame) -> "NDArray[np.bool_]":
        """Return which rows the rule holds for.

        Args:
            frame: a column for each tag of the rule, in any order, among any others.

        Returns:
            shape (frame.height,), bool; False where the rule is false or NULL.
        """
        return mask_rules({"rule": self}, frame)["rule"]


def parse_rule(text: str, tags: Mapping[str, TagInfo], *, use: Use | None = None) -> Rule:
    """Read a rule and check its types against the tags.

    Args:
        text: an SQL condition over tags.
        tags: what is known of each tag; a ``Tag`` will do.
        use: what the rule is for; a tag that is not allowed for it is refused.

    >>> from vostro.words import Text
    >>> tags = {"age": TagInfo(type="integer", name=Text(en="Age", zh="年龄"))}
    >>> adult = parse_rule("age >= 18", tags)
    >>> adult.words("en"), adult.words("zh")
    ('Age is at least 18', '年龄不低于18')
    >>> holds = adult.for_customer()
    >>> holds({"age": 40}), holds({"age": 17}), holds({"age": None})
    (True, False, None)

    Raises:
        RuleError: not SQL, an unknown tag, value or function, types that do not meet, a tag that may
            not be used so; with the place.
    """
    condition = check(text, tags, use)
    return Rule(text, condition, {code: tags[code] for code in sorted(tree.tags_of(condition))})


def rules_for_customer(
    rules: Mapping[str, Rule],
) -> Callable[[Mapping[str, object]], tuple[bool | None, ...]]:
    """Return one function for many rules: each tag is looked up once; results in the rules' order."""
    infos: dict[str, TagInfo] = {}
    for rule in rules.values():
        infos |= rule.infos
    return python_function([rule.tree for rule in rules.values()], infos, single=False)


def mask_rules(rules: Mapping[str, Rule], frame: pl.DataFrame) -> "dict[str, NDArray[np.bool_]]":
    """Ask many rules of all rows in one pass over the engine; see ``Rule.mask``."""
    import ibis

    infos: dict[str, TagInfo] = {}
    for rule in rules.values():
        infos |= rule.infos
    _require(infos, frame.columns)
    columns = [pl.col(code).cast(polars_type(info)) for code, info in infos.items()]
    rows = frame.select(*columns, pl.int_range(pl.len(), dtype=pl.Int64).alias("_row"))
    if not rules or not frame.height:
        return {name: pl.Series([False] * frame.height, dtype=pl.Boolean).to_numpy() for name in rules}
    table = ibis.memtable(rows)
    asked = {f"r{i}": rule.predicate(table).fill_null(False) for i, rule in enumerate(rules.values())}
    answer = engine().to_polars(table.select("_row", **asked))
    if not answer["_row"].is_sorted():
        answer = answer.sort("_row")
    return {name: answer[f"r{i}"].to_numpy() for i, name in enumerate(rules)}


def polars_type(info: TagInfo) -> Any:
    """Return the column type of a tag in a frame."""
    if info.type == "decimal":
        return pl.Decimal(info.digits, info.scale)
    return {
        "integer": pl.Int64(),
        "number": pl.Float64(),
        "text": pl.String(),
        "boolean": pl.Boolean(),
        "date": pl.Date(),
        "moment": pl.Datetime("us", "UTC"),
    }[info.type]


def _require(infos: Mapping[str, TagInfo], columns: Any) -> None:
    for code in infos:
        if code not in columns:
            raise TagMissingError(tag=code)


def engine() -> Any:
    """Return this thread's engine in memory: frames that are handed in need no lake."""
    import ibis

    if not hasattr(_local, "engine"):
        _local.engine = ibis.duckdb.connect()
    return _local.engine
