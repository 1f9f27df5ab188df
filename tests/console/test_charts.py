"""What a chart is given: the figures as they are, the words of one language, nothing for nothing."""

import msgspec

from vostro.console.charts import by_size, charts, effect_groups
from vostro.console.page import Page
from vostro.learn import RunReport


def test_both_languages_get_the_same_figures(report: RunReport) -> None:
    english, chinese = charts(report, Page("en")), charts(report, Page("zh"))
    assert english.keys() == chinese.keys()
    for name, chart in english.items():
        for part in ("values", "points", "shares", "low", "high", "actual"):
            assert chart.get(part) == chinese[name].get(part)
        assert chart["x"] != chinese[name]["x"] or name == "drift"


def test_words_in_a_chart_are_plain(reports: dict[str, RunReport]) -> None:
    assert "<img src=x" in charts(reports["hostile"], Page("en"))["importance"]["names"][0]


def test_nothing_is_drawn_of_what_was_not_measured(reports: dict[str, RunReport]) -> None:
    assert set(charts(reports["waiting"], Page("en"))) == {"importance", "steps"}
    assert charts(reports["bare"], Page("en")) == {}


def test_history_names_the_control_group_honestly(report: RunReport) -> None:
    assert [key for key, _ in effect_groups(report.effect)][-1] == "effect.control_replay"


def test_greatest_first() -> None:
    assert [name for name, _ in by_size({"a": 1.0, "b": 3.0, "c": 2.0})] == ["b", "c", "a"]


def test_limits_of_drift_that_would_overlap_are_one(report: RunReport) -> None:
    near = msgspec.structs.replace(report, drift_psi={"age": 0.4})
    far = msgspec.structs.replace(report, drift_psi={"age": 8.0})
    assert [mark["at"] for mark in charts(near, Page("en"))["drift"]["marks"]] == [0.1, 0.25]
    assert [mark["at"] for mark in charts(far, Page("en"))["drift"]["marks"]] == [0.25]
