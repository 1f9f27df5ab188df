"""The page in a browser: drawn, readable, switchable, safe; a person's own walk through it."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from vostro.learn import RunReport

Visit = Callable[..., Any]
CHARTS = {
    "lift", "calibration", "wave_ratio", "wave_rates", "effect", "capacity_successes", "capacity_value",
    "importance", "drift", "steps",
    "volume_clients", "drift_clients", "volume_payments", "drift_payments", "days_payments",
}  # fmt: skip
# Names of methods, measures and software that Chinese bankers write in Latin letters; and the fixture's Euribor.
LATIN = {"AUC", "PSI", "TGI", "UTC", "MB", "Vostro", "Python", "Wilson", "Delta", "Euribor", "JavaScript"}

DRAWN = """() => [...document.querySelectorAll('.page:not([hidden]) [data-chart]')].map(box => {
  const svg = box.querySelector('svg');
  const shapes = svg ? svg.querySelectorAll('path, text').length : 0;
  const area = svg ? svg.getBoundingClientRect() : {width: 0, height: 0};
  return [box.dataset.chart, shapes, area.width, area.height, box.getAttribute('aria-label'), box.getAttribute('role')];
})"""

WORDS = """() => {
  const page = document.querySelector('.page:not([hidden])'), found = [];
  const walk = document.createTreeWalker(page, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());)
    if (!node.parentElement.closest('code, [translate=no]')) found.push(node.textContent);
  for (const element of page.querySelectorAll('*'))
    if (!element.closest('[translate=no]') && !element.matches('.spark'))
      for (const name of ['aria-label', 'title', 'data-head'])
        if (element.hasAttribute(name)) found.push(element.getAttribute(name));
  return found;
}"""

CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const parse = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const bad = [];
  for (const element of document.querySelectorAll('.bar *, .page:not([hidden]) *')) {
    const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !element.getClientRects().length || element.matches('script, style, title, .unseen')) continue;
    const style = getComputedStyle(element);
    const ground = behind(element.closest('svg')?.parentElement || element);
    const colour = over(parse(element.closest('svg') ? style.fill : style.color), ground);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const value = ratio(colour, ground);
    if (value < (large ? 3 : 4.5)) bad.push([element.outerHTML.slice(0, 90), value]);
  }
  return bad;
}"""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_chart_is_drawn_and_described(visit: Visit, language: str) -> None:
    drawn = visit(hash=f"#{language}").evaluate(DRAWN)
    assert {name for name, *_ in drawn} == CHARTS
    for name, shapes, width, height, label, role in drawn:
        assert shapes > 8 and width > 300 and height > 100, name
        assert role == "img" and len(label) > 20, name


@pytest.mark.parametrize("name", ["waiting", "bare", "hostile"])
def test_other_runs_draw_what_they_have(visit: Visit, name: str) -> None:
    page = visit(name)
    assert all(shapes > 5 for _, shapes, *_ in page.evaluate(DRAWN))
    page.click("[data-set-language=zh]")
    assert all(shapes > 5 for _, shapes, *_ in page.evaluate(DRAWN))


def test_every_chart_has_its_table(visit: Visit) -> None:
    page = visit()
    for box in page.query_selector_all("#en figure"):
        box.query_selector("summary").click()
        rows = box.query_selector_all("tbody tr")
        assert rows and all(row.is_visible() for row in rows)


def test_the_figures_on_the_page_are_those_of_the_run(visit: Visit, report: RunReport) -> None:
    page = visit()
    shown = {
        e.get_attribute("data-figure"): e.inner_text() for e in page.query_selector_all("#en [data-figure]")
    }
    effect, shuffled = report.effect, report.shuffled
    assert shuffled and effect.ratio and effect.extra_successes and effect.net_value
    assert shown == {
        "ratio": f"{effect.ratio:.2f}×",
        "extra": f"{effect.extra_successes:,.0f}",
        "net": f"€{float(effect.net_value.split()[0]):,.0f}",
        "auc": f"{shuffled.auc:.3f}",
        "calibration": f"{shuffled.calibration_error:.4f}",
    }
    capacity = page.eval_on_selector_all(
        "#en-capacity figure:first-of-type tbody tr",
        "rows => rows.map(r => [...r.cells].map(c => c.textContent))",
    )
    expected = [[f"{p.contacts:,}", f"{p.successes:,.0f}"] for p in report.capacity]
    assert [row[1:3] for row in capacity] == expected
    funnel = page.eval_on_selector_all(
        "#en-audience .bars tbody td", "cells => cells.map(c => c.textContent.trim())"
    )
    assert funnel == [f"{step.customers:,}" for step in report.audience.funnel]
    lift = page.eval_on_selector_all("#en-chart-lift text", "all => all.map(t => t.textContent)")
    assert f"{shuffled.best_tenth:.2f}".rstrip("0") in lift


def test_chinese_page_holds_no_english(visit: Visit) -> None:
    texts = visit(hash="#zh").evaluate(WORDS)
    assert len(texts) > 500
    left = {word for text in texts for word in re.findall(r"[A-Za-z]{2,}", text)} - LATIN
    # a reason names the column as the contract does
    assert left <= {"age", "euribor_3m", "euribor"}


def test_english_page_holds_no_chinese(visit: Visit) -> None:
    assert not [text for text in visit().evaluate(WORDS) if re.search(r"[一-鿿]", text)]


def test_language_changes_in_place_and_is_kept_in_the_address(visit: Visit) -> None:
    page = visit()
    page.evaluate("window.marked = 1")
    page.evaluate("document.getElementById('en-effect').scrollIntoView({behavior: 'instant'})")
    top = page.evaluate("document.getElementById('en-effect').getBoundingClientRect().top")
    # By the mouse itself: the driver's own click would first scroll the sticky bar's place into view.
    button = page.locator("[data-set-language=zh]").bounding_box()
    page.mouse.click(button["x"] + 9, button["y"] + 9)
    assert page.evaluate("[document.documentElement.lang, location.hash, window.marked]") == [
        "zh-CN",
        "#zh-effect",
        1,
    ]
    assert "营销活动报告" in page.title()
    assert abs(page.evaluate("document.getElementById('zh-effect').getBoundingClientRect().top") - top) < 2
    assert page.is_visible("#zh") and not page.is_visible("#en")
    page.reload()
    assert page.is_visible("#zh-effect-title")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.get_attribute("[data-set-language=en]", "aria-pressed") == "true"


@pytest.mark.parametrize("name", ["build", "waiting", "bare", "hostile"])
@pytest.mark.parametrize("width", [390, 820, 1440])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_never_scrolls_sideways(visit: Visit, name: str, width: int, language: str) -> None:
    page = visit(name, hash=f"#{language}", width=width)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_charts_follow_the_width(visit: Visit) -> None:
    page = visit()
    page.set_viewport_size({"width": 390, "height": 900})
    page.wait_for_function(
        "[...document.querySelectorAll('#en [data-chart]')].every("
        "box => box.querySelector('svg').getBoundingClientRect().width <= box.clientWidth + 1)"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["build", "waiting"])
def test_text_stands_out_from_its_ground(visit: Visit, scheme: str, name: str) -> None:
    page = visit(name, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(17, 23, 26)") == (scheme == "dark")
    assert page.evaluate(CONTRAST) == []


def test_print_is_light_and_leaves_the_screen_parts_out(visit: Visit) -> None:
    page = visit(color_scheme="dark")
    assert page.pdf(format="A4", prefer_css_page_size=True)[:5] == b"%PDF-"
    page.emulate_media(media="print")
    assert not page.is_visible(".bar") and not page.is_visible("#en nav")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    fill = "getComputedStyle(document.querySelector('#en-chart-lift text')).fill"
    assert page.evaluate(fill) in ("rgb(17, 17, 17)", "rgb(77, 90, 97)")


def test_hostile_values_are_shown_and_not_run(visit: Visit) -> None:
    page = visit("hostile")
    assert page.evaluate("window.hacked") is None
    assert page.query_selector("img") is None
    assert page.inner_text("#en h1").startswith("</script><img src=x onerror=")
    assert "{{7*7}}" in page.inner_text("#en h1")
    page.evaluate(
        "document.getElementById('en-chart-steps').scrollIntoView({behavior: 'instant', block: 'center'})"
    )
    box = page.locator("#en-chart-steps").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 25)
    page.wait_for_selector(".tip")
    assert "<img src=x" in page.inner_text(".tip")
    assert page.evaluate("window.hacked") is None and page.query_selector("img") is None


def test_pointing_at_a_chart_tells_its_figure(visit: Visit, report: RunReport) -> None:
    page = visit()
    page.evaluate(
        "document.getElementById('en-chart-wave_rates').scrollIntoView({behavior: 'instant', block: 'center'})"
    )
    box = page.locator("#en-chart-wave_rates").bounding_box()
    page.mouse.move(box["x"] + box["width"] - 30, box["y"] + 120)
    page.wait_for_selector(".tip")
    assert report.waves
    last = report.waves.waves[-1]
    said = page.inner_text(".tip")
    assert f"Wave {last.wave}" in said
    assert f"{last.rate_best_fifth:.1%}" in said and f"{last.rate:.1%}" in said


def test_without_scripts_the_tables_remain(visit: Visit) -> None:
    page = visit(java_script_enabled=False)
    assert page.is_visible("text=Charts need JavaScript")
    assert page.is_visible("#en h1") and not page.is_visible("#zh h1")
    page.click("#en-effect figure summary")
    assert page.is_visible("#en-effect figure table")


def test_waiting_run_teaches_what_to_do(visit: Visit) -> None:
    page = visit("waiting", hash="#zh")
    assert "业务结果尚未取得" in page.inner_text("#zh .headline")
    steps = page.inner_text("#zh-effect .callout")
    assert "接下来怎么做" in steps and "vostro run" in steps and "对照留白组不得接触" in steps
    assert page.query_selector("#zh-effect [data-chart]") is None


def test_every_dash_says_why(visit: Visit) -> None:
    page = visit()
    reasons = page.eval_on_selector_all("#en .none", "all => all.map(e => [e.title, e.textContent])")
    assert reasons and all(title and title in text for title, text in reasons)
    bare = page.eval_on_selector_all(
        "#en td, #en dd",
        "all => all.filter(e => !e.textContent.trim() && !e.children.length && !e.ariaHidden).length",
    )
    assert bare == 0
