"""What is built for which tag: as few bitmaps as its values need."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from vostro.portrait import TagInfo, build_index
from vostro.words import Text

AS_OF = datetime(2026, 7, 1, tzinfo=UTC)


def shape_of(kind, values, **more):
    tags = {"t": TagInfo(type=kind, name=Text(en="t", zh="甲"), **more)}
    frame = pl.DataFrame({"customer": [f"{i:04d}" for i in range(len(values))], "t": values})
    index = build_index(frame, tags, AS_OF, "v1")
    assert [index.read(f"{i:04d}")["t"] for i in range(len(values))] == values
    shape = index.columns["t"].shape
    return shape.form, len(shape.bits), shape.known is not None


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("boolean", [True, False], ("values", 1, False)),
        ("boolean", [True, None], ("values", 1, True)),
        ("text", ["a", "b", "a"], ("values", 2, False)),
        ("text", [f"{i}" for i in range(20)], ("texts", 5, False)),
        ("integer", list(range(18, 100)), ("number", 7, False)),
        ("integer", [5, 5, 5], ("number", 0, False)),
        ("integer", [None, None], ("number", 0, True)),
        ("integer", [-(2**63), 2**63 - 1], ("number", 1, False)),  # two values, one step apart
        ("decimal", [Decimal("0.00"), Decimal("7.00"), Decimal("14.00")], ("number", 2, False)),
        ("number", [0.0, 1.0, 2.0], ("number", 11, False)),
        ("moment", [AS_OF + timedelta(days=i) for i in range(8)], ("number", 3, False)),
    ],
)
def test_forms(kind, values, expected):
    assert shape_of(kind, values) == expected


def test_amounts_beyond_sixty_four_bits():
    values = [Decimal(-(10**37)), Decimal(10**37), Decimal(3), None]
    form, bits, _ = shape_of("decimal", values, digits=38, scale=0)
    assert form == "number"
    assert bits == (2 * 10**37).bit_length()


def test_rare_values_beyond_the_guess_are_found(monkeypatch):
    from vostro.portrait.index import build

    monkeypatch.setattr(build, "_GUESS", 3)
    assert shape_of("text", ["a", "b", "a", "a", "c", None]) == ("values", 3, True)
    assert shape_of("text", ["a", "b", "a", *[f"{i}" for i in range(9)]])[0] == "texts"
