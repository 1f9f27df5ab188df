"""Value types: which may meet, and where exactness ends."""

from decimal import Decimal

import pytest

from vostro.portrait.literals import number_of
from vostro.portrait.types import (
    BOOLEAN,
    DATE,
    FLOAT,
    INTEGER,
    MOMENT,
    NULL,
    TEXT,
    common,
    exact,
    literal_type,
)


def test_exact_ends_at_38_digits():
    assert exact(38, 0).kind == "exact"
    assert exact(38, 1) == FLOAT
    assert common(exact(30, 0), exact(1, 9)) == FLOAT  # 30 before and 9 after the point do not fit


@pytest.mark.parametrize("kind", [FLOAT, INTEGER, TEXT, BOOLEAN, DATE, MOMENT])
def test_everything_meets_itself_and_null_and_numbers_meet_numbers(kind):
    assert common(kind, kind) == common(kind, NULL) == common(NULL, kind) == kind
    for other in (FLOAT, INTEGER, TEXT, BOOLEAN, DATE, MOMENT):
        assert common(kind, other) == common(other, kind)
        assert (common(kind, other) is None) == (kind != other and not (kind.number and other.number))


@pytest.mark.parametrize(
    ("text", "value", "whole", "scale"),
    [
        ("18", 18, 2, 0),
        ("0.55", Decimal("0.55"), 0, 2),
        ("12.0", 12, 2, 0),
        ("1e3", 1000, 4, 0),
        ("5.", 5, 1, 0),
        ("1e-3", Decimal("0.001"), 0, 3),
    ],
)
def test_written_numbers_have_the_digits_they_show(text, value, whole, scale):
    constant = number_of(text)
    assert constant.value == value
    assert constant.type == literal_type(value) == exact(whole, scale)


@pytest.mark.parametrize("text", ["1e999", "1e-999", "x", "1.5e", "nan", "Infinity"])
def test_what_no_engine_holds_is_no_number(text):
    assert number_of(text) is None
