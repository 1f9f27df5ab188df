"""The predicate for the engine: nothing in it that engines read differently."""

import ibis
import pytest
import sqlglot
from sqlglot import exp

from vostro.portrait import TagInfo, parse_rule
from vostro.portrait.to_ibis import ibis_type
from vostro.words import Text

KINDS = {
    "i": "integer", "d": "decimal", "x": "number", "t": "text", "b": "boolean", "day": "date", "m": "moment",
}  # fmt: skip
TAGS = {code: TagInfo(type=kind, name=Text(en=code, zh=code)) for code, kind in KINDS.items()}
TABLE = ibis.table({code: ibis_type(info) for code, info in TAGS.items()}, name="portraits")
RULES = [
    "i > 5 AND i IN (1, 2) AND i BETWEEN 3 AND d",
    "d * 12 <= i * 0.55 OR d + i - 3 > -d",
    "t LIKE 'a%' AND t IN ('a', 'b') AND t > 'b'",
    "b AND NOT b IS TRUE AND b IS NOT FALSE AND b = (i > 3)",
    "day > '2026-01-01' AND m < '2026-01-01T00:00Z'",
    "COALESCE(d, i, 0) = 0 AND COALESCE(b, FALSE) AND COALESCE(t, 'x') = t",
    "i IS NULL OR NULL",
]
FLOATS = ["x / d > 1 OR -x < 2.5", "x = i AND COALESCE(x, d) IN (1, 2.5)", "x * x + d IS NULL"]
ALLOWED = {"CAST", "COALESCE", "NULLIF", "CASE", "IF", "AND", "OR", "MAKE_DATE", "MAKE_TIMESTAMPTZ"}


@pytest.mark.parametrize("text", [*RULES, *FLOATS])
def test_only_functions_that_every_engine_reads_alike(text):
    sql = ibis.to_sql(parse_rule(text, TAGS).predicate(TABLE).name("held"), dialect="duckdb")
    called = {
        node.name.upper() if isinstance(node, exp.Anonymous) else node.sql_names()[0]
        for node in sqlglot.parse_one(str(sql), read="duckdb").find_all(exp.Func)
    }
    assert called <= ALLOWED | {"DATE_FROM_PARTS", "TIMESTAMP_TZ_FROM_PARTS"}


@pytest.mark.parametrize("text", RULES)
def test_the_same_rule_is_written_for_spark(text):
    assert "SELECT" in str(
        ibis.to_sql(parse_rule(text, TAGS).predicate(TABLE).name("held"), dialect="pyspark")
    )


def test_whole_numbers_are_compared_without_a_conversion():
    sql = str(
        ibis.to_sql(
            parse_rule("i >= 18 AND i IN (20, 30)", TAGS).predicate(TABLE).name("held"), dialect="duckdb"
        )
    )
    assert "CAST" not in sql  # so that the engine can skip files by their minimum and maximum
