"""A mask says the shape of a value and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from vostro.capture.masking import mask


@given(st.text(max_size=80))
def test_no_letter_or_digit_survives(value):
    shape = mask(value)
    assert set(shape) & set("bcdefghijklmnopqrstuvwxyzBCDEFGHIJKLMNOPQRSTUVWXYZ012345678") == set()
    for sign in shape.rstrip("…"):
        assert sign in "aA9文" or not (sign.isalpha() or sign.isdecimal()), sign


def test_values_of_one_shape_look_alike():
    assert mask("13812345678") == mask("99900000000") == "9" * 11
    assert mask("王小明") == mask("李大力") == "文文文"
    assert mask(None) is None
    assert mask("x" * 100) == "a" * 60 + "…"
