"""Limits that cannot be read are told with file and line, in both languages."""

from typing import Any

import pytest

from vostro.words import FaultsError

GOOD = """
contract: t
meaning: {en: T, zh: 表}
file: t.csv
columns:
  a: {type: text, meaning: {en: A, zh: 甲}}
"""


@pytest.mark.parametrize(
    ("written", "en"),
    [
        ("expected: 1 day", "every 1 day"),
        ("expected: every month", "every 1 day"),
        ("watch: {freshness_max: soon}", "span of time"),
        ("watch: {volume: 30}", "str"),
        ("watch: {volume: much}", "5 %"),
        ("watch: {null_rate_max: 120 %}", "5 %"),
        ("watch: {null_rate_max: {b: 5 %}}", "no column 'b'"),
        ("watch: {null_rate_max: {a: x}}", "5 %"),
        ("watch: {ignore: [aa]}", "no column 'aa'; did you mean 'a'?"),
        ("watch: {psi_max: 0}", "above 0"),
        ("watch: {rows_min: 0}", "above 0"),
        ("watch: {fresh: 1 day}", "fresh"),
    ],
)
def test_what_cannot_be_read_is_told(desk: Any, written: str, en: str) -> None:
    with pytest.raises(FaultsError) as caught:
        desk.contract(GOOD + written + "\n")
    assert en in caught.value.say("en")
    assert caught.value.say("zh") != caught.value.say("en")


def test_limits_change_nothing_of_what_is_loaded(desk: Any) -> None:
    watched = desk.contract(GOOD + "expected: every 1 day\nwatch: {volume: 30 %, null_rate_max: {a: 5 %}}\n")
    assert watched.digest() == desk.contract(GOOD).digest()
    assert watched.expected_span.days == 1 and watched.watch.volume == "30 %"
