"""The portrait report as a text: whole, escaped, under its own policy; and what its view lays out."""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vostro.console import render_portrait_report, write_portrait_report
from vostro.console.page import Page
from vostro.console.portrait_view import PortraitView, compared
from vostro.console.watch_view import WatchView
from vostro.stages import PortraitReport

NAMES = ["portrait", "many", "least", "attacked"]


def scripts(text: str) -> list[str]:
    return re.findall(r"<script>(.*?)</script>", text, re.DOTALL)


@pytest.mark.parametrize("name", NAMES)
def test_only_its_own_scripts_may_run_and_no_host_is_asked(
    name: str, portrait_pages: dict[str, Path]
) -> None:
    text = portrait_pages[name].read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy and "default-src &#39;none&#39;" in policy[1]
    digests = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts(text)]
    assert len(digests) == 3 and set(re.findall(r"sha256-([^&]+)&", policy[1])) == set(digests)
    markup = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert not [each for each in re.findall(r'(?:src|href|action)="([^"]*)"', markup) if each[0] not in "#d"]
    assert "<img" not in markup and not re.search(r"<[^<>]* on[a-z]+=[^&]", markup)


@pytest.mark.parametrize("name", NAMES)
def test_ids_are_unique_and_every_anchor_leads_somewhere(name: str, portrait_pages: dict[str, Path]) -> None:
    text = re.sub(
        r"<script.*?</script>", "", portrait_pages[name].read_text(encoding="utf-8"), flags=re.DOTALL
    )
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)


def test_two_hundred_tags_stay_within_four_megabytes(portrait_pages: dict[str, Path]) -> None:
    assert portrait_pages["portrait"].stat().st_size < 1_500_000
    assert portrait_pages["many"].stat().st_size < 4_000_000


def test_it_opens_in_the_language_asked_for(portraits: dict[str, PortraitReport], tmp_path: Path) -> None:
    path = tmp_path / "new" / "portrait.html"
    write_portrait_report(portraits["portrait"], path, "zh")
    text = path.read_text(encoding="utf-8")
    assert '<html lang="zh-CN"' in text and "<title>海港银行：客户画像报告</title>" in text
    assert list(path.parent.iterdir()) == [path]


def test_values_that_may_not_be_shown_are_nowhere_on_the_page(portraits: dict[str, PortraitReport]) -> None:
    text = render_portrait_report(portraits["portrait"])
    assert "13000000001" not in text, "a telephone number"
    assert not re.search(r"\bc0\d{3}\b", text), "a customer"


def test_tags_stand_in_their_dimensions_with_mean_coverage(portraits: dict[str, PortraitReport]) -> None:
    report = portraits["portrait"]
    view = PortraitView(report, Page("en"))
    assert [each.dimension for each in view.groups] == [
        "basic", "interest", "consumption", "credit", "behaviour", "experience"
    ]  # fmt: skip
    assert sum(len(each.cards) for each in view.groups) == len(report.tags)
    basic = view.groups[0]
    assert basic.coverage == pytest.approx(sum(c.summary.coverage for c in basic.cards) / len(basic.cards))
    assert all(each.open for each in view.groups)
    assert [each.open for each in PortraitView(portraits["many"], Page("en")).groups] == [True, *[False] * 5]
    assert PortraitView(portraits["least"], Page("en")).groups == []


def test_tags_are_found_by_name_code_column_owner_and_user(portraits: dict[str, PortraitReport]) -> None:
    view = PortraitView(portraits["portrait"], Page("en"))
    age = next(card.entry for card in portraits["portrait"].tags if card.entry.tag == "age")
    found = view.search(age)
    assert all(word in found for word in ("age", "年龄", "clients.age", "data office", "young_app"))
    assert view.marks(age) == "attribute"


def test_base_shares_stand_once_and_segments_beside_them(portraits: dict[str, PortraitReport]) -> None:
    report = portraits["portrait"]
    data = compared(report)
    assert json.loads(msgspec.json.encode(data))
    gold = next(each for each in data["segments"] if each["code"] == "gold")
    tier = data["tags"]["wealth_tier"]
    values = [each.en for each in tier["values"]]
    assert dict(zip(values, gold["tags"]["wealth_tier"][1], strict=True))["gold"] == 1.0
    assert sum(tier["base"]) == pytest.approx(1, abs=1e-4)
    card = next(each for each in report.segments if each.segment == "gold")
    base = next(each.base_share for each in card.portrait if each.tag == "wealth_tier" for each in each.bins)
    assert base in [pytest.approx(each, abs=1e-5) for each in tier["base"]]


def test_sources_in_trouble_come_first_and_their_alerts_open_the_table(portraits: dict[str, Any]) -> None:
    view = WatchView(portraits["portrait"].watch, Page("en"))
    assert [each.watch.verdict for each in view.sources] == ["alert", "alert", "ok"]
    payments = next(each for each in view.sources if each.watch.source == "payments")
    first = [row.check.verdict for row in payments.shown]
    assert first[: first.count("alert")] == ["alert"] * first.count("alert") and first.count("alert") >= 2
    shown = {(row.check.check, row.check.subject) for row in (*payments.shown, *payments.folded)}
    assert shown == {(each.check, each.subject) for each in payments.watch.checks}, "none is left out"
