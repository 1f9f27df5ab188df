"""The page as a text: whole, escaped, under its own policy, with the run's figures."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from vostro.console import render_report, write_report
from vostro.learn import RunReport


class Outline(HTMLParser):
    """Collects scripts, headings, ids, addresses and event attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.suspects: list[str] = []
        self.policy = ""
        self._inside: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag == "script":
            self._inside = []
            self.scripts.append((held, ""))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "meta" and held.get("http-equiv") == "Content-Security-Policy":
            self.policy = held["content"] or ""
        self.ids += [held["id"] or ""] if "id" in held else []
        self.addresses += [held[name] or "" for name in ("src", "href", "action", "data") if name in held]
        self.suspects += [name for name in held if name.startswith("on")]
        self.suspects += [tag] * (
            tag in {"img", "iframe", "object", "embed", "form", "base", "b"} and "onerror" in str(held)
        )

    def handle_data(self, data: str) -> None:
        if self._inside is not None:
            self._inside.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._inside is not None:
            self.scripts[-1] = (self.scripts[-1][0], "".join(self._inside))
            self._inside = None


@pytest.fixture(scope="module", params=["build", "waiting", "bare", "hostile"])
def outline(request: pytest.FixtureRequest, pages: dict[str, Path]) -> Outline:
    return Outline(pages[request.param].read_text(encoding="utf-8"))


def test_page_is_small_and_asks_no_host(outline: Outline, pages: dict[str, Path]) -> None:
    assert max(path.stat().st_size for path in pages.values()) < 1_200_000
    assert not [each for each in outline.addresses if not each.startswith(("#", "data:,"))]


def test_policy_allows_this_pages_scripts_and_nothing_else(outline: Outline) -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in outline.policy.split(";"))
    assert rules["default-src"] == "'none'"
    run = [text for held, text in outline.scripts if held.get("type") != "application/json"]
    digests = {
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in run
    }
    assert set(rules["script-src"].split()) == digests and len(run) == 2


def test_no_value_becomes_markup(outline: Outline) -> None:
    assert not outline.suspects
    assert len(outline.scripts) == 3


def test_headings_step_down_one_at_a_time_and_ids_are_unique(outline: Outline) -> None:
    assert outline.headings.count(1) == 2, "one in each language"
    steps = zip(outline.headings, outline.headings[1:], strict=False)
    assert all(after - before <= 1 for before, after in steps)
    assert len(outline.ids) == len(set(outline.ids))
    targets = {each[1:] for each in outline.addresses if each.startswith("#")}
    assert targets <= set(outline.ids)


def test_charts_hold_the_figures_of_the_run(report: RunReport) -> None:
    data = next(t for h, t in Outline(render_report(report)).scripts if h.get("type") == "application/json")
    for language in ("en", "zh"):
        charts = json.loads(data)[language]
        assert report.shuffled and report.waves
        assert charts["lift"]["values"] == [row.lift for row in report.shuffled.lift]
        assert charts["calibration"]["points"] == [
            [b.predicted, b.observed, b.rows] for b in report.shuffled.calibration
        ]
        assert charts["wave_ratio"]["values"] == [wave.ratio for wave in report.waves.waves]
        assert [row["value"] for row in charts["effect"]["rows"]] == [
            report.effect.chosen.rate,
            report.effect.random.rate,
            report.effect.control.rate,
        ]
        assert charts["capacity_value"]["values"] == [point.net_value_amount for point in report.capacity]
        assert charts["capacity_successes"]["low"] == [point.successes_low for point in report.capacity]
        assert charts["steps"]["values"] == list(report.steps_seconds.values())


def test_same_run_gives_the_same_page(report: RunReport) -> None:
    assert render_report(report) == render_report(
        msgspec.json.decode(msgspec.json.encode(report), type=RunReport)
    )


def test_page_opens_in_the_language_asked_for(report: RunReport) -> None:
    chinese = render_report(report, "zh")
    assert '<html lang="zh-CN"' in chinese
    assert re.search(r'<div class="page" id="en"[^>]* hidden>', chinese)
    assert not re.search(r'<div class="page" id="zh"[^>]* hidden>', chinese)


def test_file_is_replaced_as_a_whole(
    report: RunReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "deep" / "report.html"
    write_report(report, path)
    before = path.read_bytes()
    monkeypatch.setattr("vostro.console.report.render_report", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_report(report, path)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["report.html"], "no half-written file stays"


def test_figures_that_are_not_numbers_become_a_dash(report: RunReport) -> None:
    assert report.shuffled
    broken = msgspec.structs.replace(report.shuffled, auc=float("nan"), auc_low=float("nan"))
    page = render_report(msgspec.structs.replace(report, shuffled=broken))
    assert ">nan<" not in page.lower() and "not measured in this run" in page


def test_many_sources_and_tags_stay_small(report: RunReport) -> None:
    wide = [msgspec.structs.replace(report.sources[0], columns=report.sources[0].columns * 10)] * 4
    portrait = report.audience.portrait * 10
    large = msgspec.structs.replace(
        report, sources=wide, audience=msgspec.structs.replace(report.audience, portrait=portrait)
    )
    assert len(render_report(large).encode()) < 3_000_000
