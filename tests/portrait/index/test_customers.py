"""Identifiers of every form are found, listed and added to."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.portrait.index.customers import Customers

FORMS = {
    "numbers of one length": [f"{i:08d}" for i in range(0, 900, 7)],
    "a prefix and digits": [f"客户-{i:05d}" for i in range(5, 500, 3)],
    "long numbers": [f"{10**17 + 13 * i}" for i in range(99)],
    "too long for a number": [f"{10**24 + 13 * i}" for i in range(99)],
    "numbers of different lengths": sorted(str(i) for i in range(0, 3000, 11)),
    "any text": sorted({f"{chr(97 + i % 26)}{'é' * (i % 5)}{i}" for i in range(200)}),
    "not in order": [f"{i * 37 % 101:04d}" for i in range(101)],
    "text not in order": [f"{'x' * (i % 3)}{i * 37 % 101}" for i in range(101)],
    "nobody": [],
    "one": ["7"],
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form(form):
    names = FORMS[form]
    customers = Customers.of(pl.Series(names, dtype=pl.String))
    assert len(customers) == len(names)
    assert [customers.row(name) for name in names] == list(range(len(names)))
    assert [customers[i] for i in range(len(names))] == names
    assert all(customers.row(other) is None for other in ("", "zzz", "0000000x", "客户-", "99999999", "１２"))
    chosen = np.arange(len(names)) % 3 == 1
    wanted = [name for name, is_in in zip(names, chosen, strict=True) if is_in]
    assert customers.take(pl.Series(chosen, dtype=pl.Boolean)).to_list() == wanted
    assert customers.take(np.flatnonzero(chosen)).to_list() == wanted
    assert customers.take(np.flatnonzero(chosen)).name == "customer"


def test_numbers_are_held_as_numbers():
    held = Customers.of(pl.Series(FORMS["numbers of one length"]))
    assert set(held.arrays) == {"numbers"}
    assert held.arrays["numbers"].dtype == np.uint32


def test_later_customers():
    customers = Customers.of(pl.Series(["0001", "0003"]))
    before = customers.digest
    assert customers.add("x") == 2
    assert customers.row("x") == 2
    assert customers[2] == "x"
    assert customers.take(np.array([0, 2])).to_list() == ["0001", "x"]
    assert customers.take(pl.Series([False, True, True])).to_list() == ["0003", "x"]
    assert customers.digest != before


@given(st.integers(1, 18), st.lists(st.integers(0, 10**18 - 1), min_size=1, max_size=20, unique=True))
def test_digits_of_any_length(width, numbers):
    names = sorted({f"{number % 10**width:0{width}d}" for number in numbers})
    customers = Customers.of(pl.Series(names))
    assert customers.take(np.arange(len(names))).to_list() == names
