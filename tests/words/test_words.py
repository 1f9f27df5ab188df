"""Money is exact, time has a zone, errors say it in both languages."""

from datetime import UTC, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.words import (
    CurrencyMismatchError,
    Fault,
    FaultsError,
    MomentFormatError,
    Money,
    MoneyFormatError,
    ZoneUnknownError,
    canonical_json,
    digest,
    iso,
    parse_moment,
    parse_span,
    suggest,
    zone,
)

amounts = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12)


@given(amounts, amounts)
def test_money_adds_exactly(first: Decimal, second: Decimal) -> None:
    whole = Money(first, "CNY") + Money(second, "CNY")
    assert whole - Money(second, "CNY") == Money(first, "CNY")


@pytest.mark.parametrize(
    "text", ["", "120", "EUR", "120 eur", "1,200 EUR", "12 EUR extra", "NaN EUR", "1e3 EUR"]
)
def test_money_without_amount_or_currency_is_refused(text: str) -> None:
    with pytest.raises(MoneyFormatError) as caught:
        Money.parse(text)
    assert "120 EUR" in caught.value.say("zh")


def test_currencies_do_not_mix() -> None:
    with pytest.raises(CurrencyMismatchError):
        Money.parse("1 EUR") + Money.parse("1 CNY")


@pytest.mark.parametrize("text", ["2026-01-01", "2026-01-01T10:00", "tomorrow", ""])
def test_a_moment_without_zone_is_refused(text: str) -> None:
    with pytest.raises(MomentFormatError):
        parse_moment(text)


@given(st.datetimes(timezones=st.timezones()))
def test_a_moment_survives_writing_and_reading(moment) -> None:
    try:
        text = iso(moment)
    except OverflowError:  # year 1 or 9999 shifted out of range by its zone
        return
    assert parse_moment(text) == moment.astimezone(UTC)  # moments in a repeated hour equal only themselves


def test_spans() -> None:
    assert parse_span("90 days") == timedelta(days=90)
    with pytest.raises(MomentFormatError):
        parse_span("a while")


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ZoneUnknownError):
        zone(name)


@given(st.dictionaries(st.text(), st.integers()))
def test_canonical_json_does_not_depend_on_order(value: dict[str, int]) -> None:
    assert canonical_json(value) == canonical_json(dict(reversed(list(value.items()))))


@given(st.lists(st.binary(), max_size=4), st.lists(st.binary(), max_size=4))
def test_digests_of_different_parts_differ(first: list[bytes], second: list[bytes]) -> None:
    assert (digest(*first) == digest(*second)) == (first == second)


def test_suggestions() -> None:
    assert suggest("campain", {"campaign", "age"}) == "campaign"
    assert suggest("zzz", {"campaign"}) is None


def test_faults_are_told_all_at_once_in_both_languages() -> None:
    faults = [Fault(file="a.yaml", line=i, message_en="wrong", message_zh="有误") for i in (1, 2)]
    error = FaultsError(faults)
    assert "a.yaml:1" in error.say("en") and "a.yaml:2" in error.say("en")
    assert "有误" in error.say("zh")
