"""The portrait report in a browser: found, opened, compared, switched; on a phone, in the dark, on paper."""

import re
from collections.abc import Callable
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest

from vostro.stages import PortraitReport

Visit = Callable[..., Any]
NAMES = ["portrait", "many", "least", "attacked"]
CHARTS = {"volume_clients", "drift_clients", "volume_payments", "drift_payments", "days_payments"}
LATIN = {"TGI", "RFM", "PSI", "Vostro", "JavaScript", "Asia", "Shanghai"}
DATA = {"pleased", "annoyed", "dining", "travel"}  # values of the bank's own data, as its rules name them


def lines(page: Any, language: str = "en") -> list[str]:
    return page.eval_on_selector_all(
        f"#{language} details.line:not([hidden])",
        "all => all.filter(e => e.checkVisibility()).map(e => e.id)",
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_chart_is_drawn_and_described(visit: Visit, looks: ModuleType, language: str) -> None:
    drawn = visit("portrait", hash=f"#{language}").evaluate(looks.DRAWN)
    assert {name for name, *_ in drawn} == CHARTS
    for name, shapes, width, height, label, role in drawn:
        assert shapes > 8 and width > 300 and height > 100, name
        assert role == "img" and len(label) > 15, name


def test_the_figures_are_those_of_the_bank(visit: Visit, portraits: dict[str, PortraitReport]) -> None:
    report, page = portraits["portrait"], visit("portrait")
    shown = {
        e.get_attribute("data-figure"): e.inner_text() for e in page.query_selector_all("#en [data-figure]")
    }
    opened = sum(each.open for each in report.rejects)
    assert shown == {
        "customers": "900",
        "tags": str(len(report.tags)),
        "segments": "7",
        "sources": "1 / 3",
        "rejects": f"{opened:,}",
    }
    sizes = page.eval_on_selector_all(
        "#en .segments tbody tr", "rows => rows.map(r => r.cells[1].querySelector('.num').textContent)"
    )
    assert sizes == [f"{each.customers:,}" for each in report.segments]
    cells = page.eval_on_selector_all("#en .grid tbody td", "all => all.map(e => parseInt(e.textContent))")
    assert cells == [count for row in report.grids[0].counts for count in row]
    own = page.eval_on_selector_all("#en .matrix .own", "all => all.map(e => e.textContent)")
    assert own == [f"{report.overlap[i][i]:,}" for i in range(len(report.overlap))]


def test_search_finds_by_any_word_and_says_how_many(visit: Visit) -> None:
    page = visit("many")
    assert len(lines(page)) < 200, "only the first dimension is open"
    page.fill("#en [type=search]", "dining share")
    found = lines(page)
    texts = page.eval_on_selector_all("#en details.line", "all => all.map(e => [e.id, e.dataset.search])")
    assert found == [name for name, text in texts if "dining" in text and "share" in text]
    assert page.inner_text("#en [data-finder] output") == f"{len(found)} tags found"
    page.fill("#en [type=search]", "no such tag")
    assert lines(page) == [] and "No tag fits" in page.inner_text("#en [data-finder] output")
    page.fill("#en [type=search]", "")
    page.select_option("#en [data-finder] select", "manual")
    assert lines(page) and all("satisfied" in each for each in lines(page))
    page.select_option("#en [data-finder] select", "")
    assert page.inner_text("#en [data-finder] output") == ""
    page.click("[data-set-language=zh]")
    page.fill("#zh [type=search]", "餐饮")
    assert lines(page, "zh")


def test_a_tag_opens_by_key_and_by_a_link_to_it(visit: Visit) -> None:
    page = visit("many", hash="#en-tag-quiet")
    assert page.is_visible("#en-tag-quiet .open"), "a link from outside opens tag and dimension"
    page.focus("#en-tag-age summary")
    page.keyboard.press("Enter")
    rows = page.eval_on_selector_all(
        "#en-tag-age .spread tbody tr", "rows => rows.map(r => r.cells[3].textContent)"
    )
    assert sum(int(each.replace(",", "")) for each in rows) == 900
    page.click("#en-tag-age .about a >> nth=0")
    assert page.is_visible("#en-tag-age_band .open")
    assert "may not be shown" in page.locator("#en-tag-phone .open").text_content()


def test_a_segment_is_compared_with_all(visit: Visit, portraits: dict[str, PortraitReport]) -> None:
    page = visit("portrait")
    page.select_option("#en [data-choose]", "gold")
    tables = page.query_selector_all("#en [data-compared] .tag")
    assert len(tables) == 8
    card = next(each for each in portraits["portrait"].segments if each.segment == "gold")
    first = card.portrait[0]
    assert tables[0].query_selector("h3").inner_text().startswith(first.name.en)
    figures = [
        [cell.inner_text() for cell in row.query_selector_all("td")]
        for row in tables[0].query_selector_all("tbody tr")
    ]
    expected = [[f"{100 * b.base_share:.1f}%", f"{100 * b.audience_share:.1f}%"] for b in first.bins]
    assert [row[1:3] for row in figures] == expected
    for row, each in zip(figures, first.bins, strict=True):
        assert int(re.sub(r"\D", "", row[3])) == pytest.approx(each.index, abs=1.5)
    page.click("#en [data-compared] details summary")
    page.wait_for_function("document.querySelectorAll('#en [data-compared] .tag').length > 20")
    page.select_option("#en [data-choose]", "nobody")
    assert "Nobody is in this segment." in page.inner_text("#en [data-compared]")
    page.click("#en [data-compare=diners]")
    assert (
        page.input_value("#en [data-choose]") == "diners"
        and page.input_value("#zh [data-choose]") == "diners"
    )


def test_chinese_page_holds_no_english_and_english_no_chinese(visit: Visit, looks: ModuleType) -> None:
    texts = visit("portrait", hash="#zh").evaluate(looks.WORDS)
    left = {word for text in texts for word in re.findall(r"[A-Za-z]{2,}", text)} - LATIN - DATA
    assert len(texts) > 500 and not left
    assert not [text for text in visit("portrait").evaluate(looks.WORDS) if re.search(r"[一-鿿]", text)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [390, 820, 1440])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_never_scrolls_sideways(visit: Visit, name: str, width: int, language: str) -> None:
    page = visit(name, hash=f"#{language}", width=width)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(visit: Visit, looks: ModuleType, scheme: str) -> None:
    page = visit("portrait", color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.wait_for_timeout(200)
    assert page.evaluate(looks.CONTRAST) == []


def test_fields_have_labels_and_headings_step_down(visit: Visit) -> None:
    page = visit("portrait")
    unnamed = page.eval_on_selector_all(
        "input, select", "all => all.filter(e => !e.labels.length || !e.labels[0].innerText.trim()).length"
    )
    assert unnamed == 0
    levels = page.eval_on_selector_all("#en h1, #en h2, #en h3, #en h4", "all => all.map(e => +e.tagName[1])")
    assert levels[0] == 1 and all(b - a <= 1 for a, b in pairwise(levels))


def test_hostile_values_are_shown_and_not_run(visit: Visit) -> None:
    page = visit("attacked")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("window.hacked") is None and page.query_selector("img") is None
    assert "</script><img src=x onerror=" in page.inner_text("#en h1")


def test_print_leaves_the_screen_parts_out(visit: Visit) -> None:
    page = visit("portrait", color_scheme="dark")
    assert page.pdf(format="A4", prefer_css_page_size=True)[:5] == b"%PDF-"
    page.emulate_media(media="print")
    assert not page.is_visible("#en .finder") and not page.is_visible(".bar")
