"""How fast are rules 规则速度: how long does one customer wait for fifty of them?"""

import timeit

from vostro.portrait.rule import parse_rule, rules_for_customer
from vostro.portrait.types import TagInfo, TagType
from vostro.words import Text

__all__ = ["bench_rules"]

_TYPES: tuple[tuple[str, TagType, object], ...] = (
    ("age", "integer", 41),
    ("income", "decimal", None),
    ("rate", "number", 0.031),
    ("city", "text", "Lisboa"),
    ("in_default", "boolean", False),
    ("visits", "integer", 7),
    ("balance", "integer", 120_000),
    ("level", "text", "R3"),
    ("opted_in", "boolean", True),
    ("score", "number", 612.5),
)
_RULES = (
    "age >= {n} AND NOT in_default",
    "level IN ('R1', 'R2', 'R{n}') AND opted_in",
    "balance > {n}000 OR visits >= {n}",
    "rate < 0.0{n} AND score BETWEEN 500 AND 6{n}",
    "city <> 'X{n}' AND income IS NULL",
)


def bench_rules(rules: int = 50, repeats: int = 2_000) -> float:
    """Return the microseconds that one generated function takes for that many rules on one customer.

    The best of five goes, each of ``repeats`` calls, in one thread.
    """
    tags = {code: TagInfo(type=kind, name=Text(en=code, zh=code)) for code, kind, _ in _TYPES}
    texts = [_RULES[i % len(_RULES)].format(n=10 + i // len(_RULES)) for i in range(rules)]
    ask = rules_for_customer({f"r{i}": parse_rule(text, tags) for i, text in enumerate(texts)})
    portrait = {code: value for code, _, value in _TYPES}
    seconds = min(timeit.repeat(lambda: ask(portrait), number=repeats, repeat=5))
    return 1e6 * seconds / repeats
