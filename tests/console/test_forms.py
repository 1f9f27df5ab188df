"""Figures in local form: what a reader can check by hand, and what never breaks."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from vostro.console.forms import Forms, there

EN, ZH = Forms("en"), Forms("zh")


def test_money_stands_in_the_form_of_the_language() -> None:
    assert EN.money("149508.49 EUR") == "€149,508"
    assert EN.money("149,508.49 EUR") == "€149,508", "as Money writes itself"
    assert EN.money("-4.5 CNY") == "−CN¥4.50"
    assert ZH.money("-4.5 CNY") == "−4.50 元"
    assert ZH.money("1234567 SEK") == "1,234,567 SEK"
    assert EN.money("a lot") == "a lot"


def test_a_share_is_never_rounded_to_all_or_nothing() -> None:
    assert EN.share(1.0) == "100.0%" and EN.share(0.0) == "0.0%"
    assert EN.share(0.9996) == "99.96%"
    assert EN.share(0.00003) == "0.003%"
    assert EN.share(-0.02) == "−2.0%"


def test_days_and_moments() -> None:
    assert EN.moment("2026-11-23T19:07:12+01:00") == "23 November 2026, 18:07 UTC"
    assert ZH.moment("2026-11-23T19:07:12+01:00") == "2026年11月23日 18:07（UTC）"
    assert ZH.day("yesterday") == "yesterday"


def test_an_interval_says_a_unit_once_but_keeps_signs() -> None:
    assert ZH.span(1.9, 2.1, ZH.times) == "1.90～2.10 倍"
    assert EN.span(-0.017, 0.025, EN.points) == "−1.7 to +2.5 points"
    assert EN.span(0.1, 0.2, EN.share) == "10.0% to 20.0%"


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_money_keeps_the_amount(amount: Decimal) -> None:
    shown = EN.money(f"{amount} EUR").replace("€", "").replace(",", "").replace("−", "-")
    assert abs(Decimal(shown) - amount) <= (Decimal("0.5") if abs(amount) >= 1000 else 0)


@given(st.floats(0, 1))
def test_a_share_between_stays_between(value: float) -> None:
    shown = EN.share(value)
    assert shown.endswith("%") and abs(float(shown[:-1]) / 100 - value) <= 0.0005 + 1e-12


def test_there_tells_what_was_measured() -> None:
    assert [there(v) for v in (0, 0.0, "", None, float("nan"), float("inf"))] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
