"""What was said of an identifier was said of the person; of one moment the person's own name counts."""

import polars as pl

from vostro.portrait.catalogue.naming import last_word, named, names_of

PEOPLE = pl.DataFrame({"customer": ["b", "z"], "person": ["a", "a"]})


def test_named() -> None:
    rows = pl.DataFrame({"customer": ["b", "c", "a"], "value": [1, 2, 3]})
    assert named(rows, PEOPLE).rows() == [("a", 1), ("c", 2), ("a", 3)]
    assert named(rows, None) is rows


def test_last_word() -> None:
    rows = pl.DataFrame({
        "customer": ["a", "b", "z", "b", "z", "c"], "as_of": [1, 1, 1, 2, 2, 2], "value": [10, 11, 12, 21, 22, 23],
    })  # fmt: skip
    assert last_word(rows, PEOPLE).rows() == [("a", 1, 10), ("a", 2, 22), ("c", 2, 23)]
    assert last_word(rows, None) is rows


def test_names() -> None:
    assert (names_of("a"), names_of(["a", "b"]), names_of(()), names_of(None)) == (
        ["a"],
        ["a", "b"],
        [],
        None,
    )
