"""Pairs as numbers: nothing is lost, repeats count once, sums are sums."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.insight.errors import FeatureMissingError
from vostro.insight.recommend.coding import codes_of, known_codes, read_pairs, sparse_rows
from vostro.insight.recommend.errors import KeyMissingError

PAIRS = st.lists(st.tuples(st.integers(-3, 60), st.integers(0, 9), st.integers(1, 9)), max_size=60)


@settings(max_examples=60, deadline=None)
@given(PAIRS, st.booleans(), st.booleans())
def test_the_matrix_is_the_pairs(pairs, as_text, weighted):
    frame = pl.DataFrame(pairs, schema=["customer", "item", "weight"], orient="row")
    frame = frame.cast({"customer": pl.Int64, "item": pl.Int64, "weight": pl.Float64})
    given_frame = frame.with_columns(pl.col("customer").cast(pl.String)) if as_text else frame
    coded = read_pairs(given_frame, "customer", "item")
    held = sparse_rows(coded, frame["weight"].to_numpy() if weighted else None)
    found = {}
    for row, key in enumerate(coded.keys):
        items = held.items[held.starts[row] : held.starts[row + 1]]
        assert (np.diff(items) > 0).all(), "distinct and ascending"
        for place, item in enumerate(items, held.starts[row]):
            found[str(key), coded.names[item]] = held.weights[place] if weighted else 1.0
    wanted: dict[tuple[str, str], float] = {}
    for customer, item, weight in pairs:
        key = str(customer), str(item)
        wanted[key] = wanted.get(key, 0.0) + weight if weighted else 1.0
    assert found == wanted


@pytest.mark.parametrize(
    "keys",
    [
        pl.Series([7, 3, 7, 5]),
        pl.Series([10**12, 3, 10**12, 5]),
        pl.Series(["b", "a", "b", "é"]),
        pl.Series([1.5, 0.5, 1.5, 1.0]),
    ],
    ids=["near", "far", "text", "number"],
)
def test_keys_are_numbered_in_their_order(keys):
    codes, values = codes_of(keys)
    assert values.to_list() == keys.unique().sort().to_list()
    assert values.gather(codes.astype(np.uint32)).to_list() == keys.to_list()


def test_names_that_are_not_known_have_no_number():
    assert known_codes(pl.Series(["b", "z", "a"]), ("a", "b")).tolist() == [1, -1, 0]
    assert known_codes(pl.Series([3, 1]), ("1", "2")).tolist() == [-1, 0]


def test_a_gap_and_a_missing_column_are_told():
    with pytest.raises(KeyMissingError) as caught:
        read_pairs(pl.DataFrame({"customer": [1, None], "item": [1, 2]}), "customer", "item")
    assert (caught.value.data["row"], caught.value.data["count"]) == (1, 1)
    with pytest.raises(FeatureMissingError) as missing:
        read_pairs(pl.DataFrame({"customer": [1], "items": [1]}), "customer", "item")
    assert missing.value.data["nearest"] == "items"
