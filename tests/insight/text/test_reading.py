"""Reading: every kind of column is read alike; what cannot be read is refused in words."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from vostro.insight.errors import LengthMismatchError, TargetTypeError, TargetUnknownError
from vostro.insight.text.errors import TextsFewError, TextsKindError
from vostro.insight.text.reading import as_texts, read_marks
from vostro.words import VostroError

TEXTS = ["a fee", None, "手续费"]


def _kinds() -> dict[str, Any]:
    import pandas as pd

    series = pl.Series("x", TEXTS)
    return {
        "list": TEXTS,
        "tuple": tuple(TEXTS),
        "polars": series,
        "category": series.cast(pl.Categorical),
        "frame": series.to_frame(),
        "lazy": series.to_frame().lazy(),
        "arrow": series.to_arrow(),
        "arrow table": series.to_frame().to_arrow(),
        "pandas": pd.Series(TEXTS),
        "pandas object": pd.Series(TEXTS, dtype=object),
        "pandas NaN": pd.Series(["a fee", float("nan"), "手续费"], dtype=object),
        "pandas frame": pd.DataFrame({"x": TEXTS}),
        "numpy": np.array(TEXTS, dtype=object),
    }


@pytest.mark.parametrize("kind", list(_kinds()))
def test_every_kind_of_column_is_read_alike(kind: str) -> None:
    assert as_texts(_kinds()[kind]).to_list() == TEXTS


@pytest.mark.parametrize(
    "texts",
    ["one text", None, [1, 2], 7, pl.DataFrame({"a": ["x"], "b": ["y"]}), [["nested"]], [b"bytes"], object()],
)
def test_what_is_no_column_of_texts_is_refused(texts: Any) -> None:
    with pytest.raises(TextsKindError) as found:
        as_texts(texts)
    assert found.value.say("zh")


def test_nothing_at_all_is_read() -> None:
    assert as_texts([]).to_list() == []
    assert as_texts([None, None]).to_list() == [None, None]


@pytest.mark.parametrize(
    ("targets", "classes"),
    [
        (["b", "a"] * 10, ("a", "b")),
        ([2, 1] * 10, (1, 2)),
        ([2.0, 1.0] * 10, (1, 2)),
        ([True, False] * 10, (False, True)),
        (np.array([3, 5] * 10), (3, 5)),
        (pl.Series(["b", "a"] * 10, dtype=pl.Categorical), ("a", "b")),
    ],
)
def test_one_class_a_text(targets: Any, classes: tuple[Any, ...]) -> None:
    marks = read_marks(targets, 20)
    assert marks.classes == classes
    assert not marks.several
    assert marks.marked.sum(axis=1).tolist() == [1] * 20
    assert [marks.classes[i] for i in marks.first] == list(targets)


def test_several_classes_a_text() -> None:
    marks = read_marks([["b", "a"], [], ["c"], ["a"]] * 5, 20)
    assert marks.classes == ("a", "b", "c")
    assert marks.several
    assert marks.marked[:4].tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1], [1, 0, 0]]
    assert marks.first[:4].tolist() == [1, 3, 2, 0], "the rarest; of none the number of classes"


@pytest.mark.parametrize(
    ("targets", "error"),
    [
        (["a", "b"], LengthMismatchError),
        ([None] + ["a", "b"] * 10, LengthMismatchError),
        ([None, "b"] + ["a", "b"] * 9, TargetUnknownError),
        ([["a", None]] * 20, TargetUnknownError),
        ([None] + [["a"]] * 19, TargetUnknownError),
        (["a"] * 20, TextsFewError),
        ([0.5, 1.0] * 10, TargetTypeError),
        ([[]] * 20, VostroError),
    ],
)
def test_bad_targets_are_refused(targets: Any, error: type[VostroError]) -> None:
    with pytest.raises(error) as found:
        read_marks(targets, 20)
    assert found.value.say("en")
    assert found.value.say("zh")


def test_what_is_written_twice_counts_once() -> None:
    with pytest.raises(TextsFewError, match="19 different"):
        read_marks(["a", "b"] * 10, 20, different=19)
