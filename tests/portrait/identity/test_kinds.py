"""Kinds of fields: how values are cleaned, checked by hand."""

import polars as pl
import pytest

from vostro.portrait.identity.kinds import KINDS, LEVELS


@pytest.mark.parametrize(
    ("kind", "raw", "clean"),
    [
        ("name", " Mr. José  O'Brien-Smith ", "jose obriensmith"),
        ("name", "王小明先生", "王小明"),
        ("name", "ＡＮＮ", "ann"),
        ("date", "1971-06-24", "19710624"),
        ("date", "24.06.1971", "19710624"),
        ("date", "4/6/1971", "19710604"),
        ("date", "1971-6-4", "19710604"),
        ("date", "1971-06-24 00:00:00", "19710624"),
        ("date", "1856-86-18", "18568618"),
        ("email", " Ann.Lee+news@Bank.CN ", "ann.lee@bank.cn"),
        ("phone", "+86 138-0013-8000", "800138000"),
        ("phone", "013800138000", "800138000"),
        ("postcode", "tq13 8DF", "tq138df"),
        ("address", "12, High-Street", "12highstreet"),
        ("id_number", "AB 12-34", "ab1234"),
        ("text", "Bristol, City of", "bristol city of"),
    ],
)
def test_cleaned(kind: str, raw: str, clean: str) -> None:
    assert pl.select(KINDS[kind].clean(pl.lit(raw))).item() == clean


@pytest.mark.parametrize(
    ("kind", "part", "value", "expected"),
    [
        ("date", "year", "19710624", "1971"),
        ("date", "day", "19710624", "0624"),
        ("date", "flipped", "19710406", "19710604"),
        ("email", "user", "ann@bank.cn", "ann"),
        ("postcode", "area", "tq138df", "tq13"),
        ("postcode", "area", "2119", "21"),
        ("name", "start", "robert", "rob"),
    ],
)
def test_parts(kind: str, part: str, value: str, expected: str) -> None:
    assert pl.select(KINDS[kind].parts[part](pl.lit(value))).item() == expected


def test_every_level_can_be_said() -> None:
    assert {level.code for kind in KINDS.values() for level in kind.levels} <= set(LEVELS)


def test_keys_are_parts() -> None:
    for kind in KINDS.values():
        assert set(kind.keys) - {""} <= set(kind.parts)
