"""What a template may ask of a page: everything comes back escaped, missing figures with a reason."""

import pytest

from vostro.console.page import Page
from vostro.learn import ColumnResult
from vostro.words import Text

EN, ZH = Page("en"), Page("zh")


def _column(kind: str, personal: str = "none") -> ColumnResult:
    return ColumnResult("c", Text("C", "丙"), kind, personal, 1.0, 1.0, 1.0, None, None, [], None)


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_what_was_not_measured_is_a_dash_that_says_why(value: float | None) -> None:
    shown = ZH.figure(value, "share", "waiting")
    assert "–" in shown and "业务结果尚未取得" in shown


def test_words_escape_their_figures() -> None:
    assert EN.say("page.title", campaign="<b>") == "&lt;b&gt;: campaign report"
    assert EN.code("<i>") == "<code>&lt;i&gt;</code>"
    assert "<" not in EN.sparkline([("a", 1)], '"><x').split('aria-label="')[1].split('"')[0]


def test_a_value_that_is_the_same_in_both_languages_is_data() -> None:
    assert 'translate="no"' in ZH.label(Text("admin.", "admin."))
    assert ZH.label(Text("yes", "是")) == "是"


def test_a_very_long_value_is_cut() -> None:
    assert len(EN.value("x" * 10_000_000)) < 200


def test_bounds_stand_in_the_form_of_their_type() -> None:
    moment = "2026-01-02T01:30:16+00:00"
    assert ZH.bound(moment, _column("moment")) == f'<span title="{moment}">2026年1月2日</span>'
    assert "1,778,363.25" in EN.bound("1778363.25", _column("decimal"))
    assert "personal data" in EN.bound(None, _column("text", "identity"))
    assert "no least" in EN.bound(None, _column("boolean"))


def test_sparkline_is_as_tall_as_its_tallest_bar() -> None:
    assert "v-22.0" in EN.sparkline([("a", 5), ("b", 10)], "Age") and "v-11.0" in EN.sparkline(
        [("a", 5), ("b", 10)], "Age"
    )
    assert "v-0.6" in EN.sparkline([("a", 0), ("b", 0)], "Age"), "no records at all do not divide by zero"
