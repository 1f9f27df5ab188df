"""Three roads, one answer: DuckDB, the generated Python function and a slow walk over the tree agree.

Random rules over random portraits with NULLs and hostile numbers (int64's ends, 2^53 + 1, cents, 1e308,
subnormals, infinities), three values compared, none tolerated to differ.
"""

from datetime import UTC, date, datetime
from decimal import Decimal

import ibis
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vostro.portrait import TagInfo, mask_rules, parse_rule, rules_for_customer
from vostro.portrait.rule import engine
from vostro.words import Text

from .oracle import condition, render

KINDS = {
    "count": "integer", "stock": "integer", "amount": "decimal", "debt": "decimal", "rate": "number", "score": "number",
    "city": "text", "level": "text", "opted": "boolean", "frozen": "boolean", "born": "date", "opened": "date",
    "seen": "moment", "called": "moment",
}  # fmt: skip
TAGS = {
    code: TagInfo(type=kind, name=Text(en=code, zh=code), digits=18, scale=2) for code, kind in KINDS.items()
}
SCHEMA = {
    code: {
        "integer": pl.Int64(), "decimal": pl.Decimal(18, 2), "number": pl.Float64(), "text": pl.String(),
        "boolean": pl.Boolean(), "date": pl.Date(), "moment": pl.Datetime("us", "UTC"),
    }[kind]
    for code, kind in KINDS.items()
}  # fmt: skip
TEXTS = ["", "a", "b", "Lisboa", "上海", "上海市", "a_b", "a%b", "it's", "A", "é", "😀x", " a", "a\nb"]
DATES = [date(1, 1, 1), date(1970, 1, 1), date(2024, 2, 29), date(2026, 1, 31), date(9999, 12, 31)]
MOMENTS = [
    datetime(1970, 1, 1, tzinfo=UTC), datetime(2026, 1, 31, 9, 0, 0, 1, tzinfo=UTC), datetime(2026, 1, 31, 9, tzinfo=UTC),
    datetime(1950, 6, 1, 3, tzinfo=UTC),
]  # fmt: skip
VALUES = {
    "integer": st.sampled_from([0, 1, -1, 2, 3, 12, 2**53 + 1, 2**53, 2**63 - 1, -(2**63)]) | st.integers(-20, 20),
    "decimal": st.decimals(-20, 20, places=2)
    | st.sampled_from([Decimal(text) for text in ("0.00", "0.10", "0.30", "9999999999999999.99", "-9999999999999999.99")]),
    "number": st.sampled_from([0.0, -0.0, 0.1, 0.3, 1.0, 12.0, 1e308, -1e308, 5e-324, float("inf"), float("-inf"), 2.0**53])
    | st.floats(-20, 20, allow_nan=False),
    "text": st.sampled_from(TEXTS),
    "boolean": st.booleans(),
    "date": st.sampled_from(DATES),
    "moment": st.sampled_from(MOMENTS),
}  # fmt: skip
ROWS = st.lists(
    st.fixed_dictionaries({code: st.none() | VALUES[kind] for code, kind in KINDS.items()}),
    min_size=1,
    max_size=12,
)


def tags(*kinds):
    return st.sampled_from([("tag", code) for code, kind in KINDS.items() if kind in kinds])


WRITTEN_NUMBERS = st.sampled_from(
    ["0", "1", "2", "12", "0.1", "0.3", "0.55", "-1", "-0.10", "3.141592653589793", "9007199254740993",
     "9223372036854775808", "99999999999999999999.999", "0.000000000000000001", "12.0", "1.50", ".5",
     "12345678901234567890123456789.123456789"]
).map(lambda text: ("number", text))  # fmt: skip
NUMBERS = st.recursive(
    tags("integer", "decimal", "number") | WRITTEN_NUMBERS,
    lambda inner: (
        st.tuples(st.sampled_from("+-*/"), inner, inner)
        | st.tuples(st.just("negative"), inner)
        | st.tuples(st.just("coalesce"), st.lists(inner, min_size=2, max_size=3))
    ),
    max_leaves=5,
)
WRITTEN_TEXTS = st.sampled_from(TEXTS).map(lambda text: ("text", text))
WRITTEN_DATES = st.sampled_from(DATES).map(lambda day: ("date", day.isoformat(), day))
WRITTEN_MOMENTS = st.sampled_from(MOMENTS).map(lambda moment: ("moment", moment.isoformat(), moment))
TEXT_VALUES = tags("text") | st.tuples(
    st.just("coalesce"), st.tuples(tags("text"), tags("text") | WRITTEN_TEXTS)
)
DATE_VALUES = tags("date") | st.tuples(st.just("coalesce"), st.tuples(tags("date"), WRITTEN_DATES))
MOMENT_VALUES = tags("moment") | st.tuples(st.just("coalesce"), st.tuples(tags("moment"), WRITTEN_MOMENTS))
SIGNS = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
PATTERNS = st.text("ab_%上", max_size=4) | st.sampled_from(
    ["Lis%", "%海%", "%海", "%", "%%", "_", "a_b", "a%b", "%_", "it's", "a%\n%"]
)


def comparisons(values, written):
    return (
        st.tuples(SIGNS, values, values | written)
        | st.tuples(st.just("in"), values, st.lists(written, min_size=1, max_size=4))
        | st.tuples(st.just("is null"), values)
        | st.tuples(st.just("between"), values, values, values).filter(
            lambda tree: tree[2][0] != tree[3][0] or tree[2][0] == "tag"
        )
    )


BOOLEANS = tags("boolean") | st.booleans().map(lambda truth: ("boolean", truth))
LEAVES = (
    comparisons(NUMBERS, WRITTEN_NUMBERS)
    | comparisons(TEXT_VALUES, WRITTEN_TEXTS)
    | comparisons(DATE_VALUES, WRITTEN_DATES)
    | comparisons(MOMENT_VALUES, WRITTEN_MOMENTS)
    | st.tuples(st.just("like"), TEXT_VALUES, PATTERNS)
    | st.tuples(st.just("holds"), BOOLEANS | st.just(("NULL",)))
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=4))
        | st.tuples(st.just("not"), inner)
        | st.tuples(st.just("is"), inner, st.booleans())
        | st.tuples(
            st.sampled_from(["=", "<>"]),
            st.tuples(st.just("truth"), inner.filter(lambda tree: tree != ("holds", ("NULL",)))),
            BOOLEANS,
        )
    ),
    max_leaves=6,
)


def check(trees, rows):
    rules = {f"r{i}": parse_rule(render(tree), TAGS) for i, tree in enumerate(trees)}
    expected = [[condition(tree, row, KINDS) for tree in trees] for row in rows]
    ask_all = rules_for_customer(rules)
    assert [list(ask_all(row)) for row in rows] == expected
    for i, rule in enumerate(rules.values()):
        ask = rule.for_customer()
        assert [ask(row) for row in rows] == [truths[i] for truths in expected], rule.text
    frame = pl.DataFrame(rows, schema=SCHEMA)
    table = ibis.memtable(frame.with_row_index("_row"))
    asked = {name: rule.predicate(table) for name, rule in rules.items()}
    answer = engine().to_polars(table.select("_row", **asked)).sort("_row").drop("_row")
    for i, rule in enumerate(rules.values()):
        assert answer[f"r{i}"].to_list() == [truths[i] for truths in expected], rule.text
    for i, mask in enumerate(mask_rules(rules, frame).values()):
        assert mask.tolist() == [truths[i] is True for truths in expected]


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(trees=st.lists(CONDITIONS, min_size=1, max_size=8), rows=ROWS)
def test_engine_function_and_oracle_agree(trees, rows):
    check(trees, rows)
