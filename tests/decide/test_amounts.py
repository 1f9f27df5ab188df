"""Shares and capacities are read as written, and anything else is refused in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.decide import Capacity, CapacityFormatError, ShareFormatError, parse_share


@pytest.mark.parametrize(("text", "share"), [("0 %", 0.0), ("100 %", 1.0), (" 12.5% ", 0.125), ("7 %", 0.07)])
def test_shares(text: str, share: float) -> None:
    assert parse_share(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["", "10", "-1 %", "100.1 %", "1e1 %", "ten %", "10 % a wave", "nan %"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ShareFormatError) as caught:
        parse_share(text)
    assert f"'{text}'" in caught.value.say("en") and text in caught.value.say("zh")


@pytest.mark.parametrize(
    "text", ["", "400", "400 a day", "101 % a wave", "-4 a wave", "4.5 a wave", "% a wave"]
)
def test_what_is_no_capacity_is_refused(text: str) -> None:
    with pytest.raises(CapacityFormatError):
        Capacity.parse(text)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_number_is_never_more_than_there_are(contacts: int, considered: int) -> None:
    assert Capacity.parse(f"{contacts} a wave").of(considered) == min(contacts, considered)


@given(st.integers(0, 100), st.integers(0, 10**6))
def test_a_share_is_rounded_down_without_floating_error(percent: int, considered: int) -> None:
    assert Capacity.parse(f"{percent} % a campaign").of(considered) == percent * considered // 100
