"""The generated Python function: no user's text in it, and exact whatever the thread's decimal context."""

from decimal import Decimal, localcontext

import polars as pl
import pytest

from vostro.portrait import TagInfo, parse_rule
from vostro.portrait.to_python import python_source
from vostro.words import Text

TAGS = {
    code: TagInfo(type=kind, name=Text(en="A", zh="甲"), digits=digits, scale=2)
    for code, kind, digits in (("aum", "decimal", 38), ("due", "decimal", 18), ("job", "text", 18))
}


@pytest.mark.parametrize(
    "text", ["x'); import os; ('", "'''", '"""', "\\", "{age}", "\n    raise SystemExit", "%s"]
)
def test_no_text_of_a_user_is_ever_code(text):
    quoted = "'" + text.replace("'", "''") + "'"
    rules = [parse_rule(f"job = {quoted} OR job IN ({quoted}, 'b')", TAGS)]
    if "\\" not in text:
        rules.append(parse_rule(f"job LIKE {quoted.replace('%', '')}", TAGS))
    for rule in rules:
        source, _ = python_source([rule.tree], TAGS, single=True)
        assert text not in source
        assert rule.for_customer()({"job": text.replace("%", "") if "LIKE" in rule.text else text}) is True


def test_exactness_does_not_depend_on_the_threads_decimal_context():
    big = Decimal("123456789012345678901234567890123456.78")
    same = parse_rule("aum = 123456789012345678901234567890123456.78", TAGS)
    twice = parse_rule("-aum = 0 - 123456789012345678901234567890123456.78", TAGS)
    with localcontext() as context:
        context.prec = 5
        assert same.for_customer()({"aum": big}) is True
        assert twice.for_customer()({"aum": big}) in (True, False)
        assert (
            parse_rule("due * 1.1 = 110000000.11", TAGS).for_customer()({"due": Decimal("100000000.10")})
            is True
        )
    assert same.mask(pl.DataFrame({"aum": pl.Series([big], dtype=pl.Decimal(38, 2))})).tolist() == [True]
