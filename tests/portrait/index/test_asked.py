"""What a rule asks of a text is the same one by one and over a whole dictionary."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from vostro.portrait import tree
from vostro.portrait.index.asked import Asked
from vostro.portrait.types import TEXT

from ..test_rule_agreement import PATTERNS, TEXTS

CONSTANTS = st.sampled_from(TEXTS).map(lambda text: tree.Constant(text, TEXT))
ASKED = (
    st.tuples(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), st.tuples(CONSTANTS)).map(
        lambda pair: Asked(pair[0], pair[1], (TEXT,))
    )
    | st.lists(CONSTANTS, min_size=1, max_size=4).map(lambda some: Asked("in", tuple(some), (TEXT,)))
    | st.tuples(CONSTANTS, CONSTANTS).map(lambda ends: Asked("between", ends, (TEXT, TEXT)))
    | (PATTERNS | st.text(r".^$*+?()[]{}|/-#&~ab%_", max_size=5)).map(lambda p: Asked("like", (), (), p))
)
HELD = st.lists(st.sampled_from(TEXTS) | st.text(r".^$*+?()[]{}|/-#&~ab%_", max_size=5), max_size=20)


@given(ASKED, HELD)
def test_one_by_one_and_all_at_once(asked, texts):
    assert asked.mask(pl.Series(texts, dtype=pl.String)).to_list() == [asked.holds(text) for text in texts]


def test_the_condition_comes_back():
    value, constant = tree.TagRef("city", TEXT), tree.Constant("a", TEXT)
    assert Asked("=", (constant,), (TEXT,)).of(value) == tree.Compare("=", value, constant, TEXT)
    assert Asked("like", (), (), "a%").of(value) == tree.Like(value, "a%")
