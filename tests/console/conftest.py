"""What the console's tests share: reports of a simulated run, their pages, and a browser."""

import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import psycopg
import pytest

from vostro.console import write_portrait_report, write_report
from vostro.learn import RunReport
from vostro.stages import PortraitReport

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("build", "waiting", "bare", "hostile")


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"console_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def portraits(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, PortraitReport]:
    """A bank of forty days, the same with two hundred tags, the least one, and one whose every text attacks."""
    from vostro.engine import Store

    url = server_url.replace("/postgres?", "/portraits?")
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE portraits")
    Store(url).close()
    bank, pages = _module("portrait_bank"), _module("portraits")
    full = bank.make_report(tmp_path_factory.mktemp("portrait_bank") / "it", url)
    return {
        "portrait": full,
        "many": pages.many(full),
        "least": pages.least(full),
        "attacked": pages.attacked(full),
    }


@pytest.fixture(scope="session")
def reports(portraits: dict[str, PortraitReport]) -> dict[str, RunReport]:
    """A measured run, one that waits for outcomes, the least one, and one whose every text attacks."""
    module = _module("build")
    found = {name: getattr(module, name)() for name in NAMES}
    watches = {"build": portraits["portrait"].watch, "hostile": portraits["attacked"].watch}
    for name, watch in watches.items():  # a zone that is none cannot come from a bank's definition
        zone = "UTC" if name == "hostile" else found[name].zone
        found[name] = msgspec.structs.replace(found[name], watch=watch, zone=zone)
    return found


@pytest.fixture(scope="session")
def report(reports: dict[str, RunReport]) -> RunReport:
    """The measured run."""
    return reports["build"]


@pytest.fixture(scope="session")
def pages(reports: dict[str, RunReport], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of each report, opening in English."""
    folder = tmp_path_factory.mktemp("pages")
    for name, each in reports.items():
        write_report(each, folder / f"{name}.html")
    return {name: folder / f"{name}.html" for name in reports}


@pytest.fixture(scope="session")
def portrait_pages(
    portraits: dict[str, PortraitReport], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """The page of each portrait report, opening in English."""
    folder = tmp_path_factory.mktemp("portraits")
    for name, each in portraits.items():
        write_portrait_report(each, folder / f"{name}.html")
    return {name: folder / f"{name}.html" for name in portraits}


@pytest.fixture(scope="session")
def looks() -> ModuleType:
    """What is asked of a page inside the browser: which charts are drawn, which words stand there, contrast."""
    return _module("test_report_in_browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, without a window."""
    if not CHROMIUM.exists():
        message = f"no {CHROMIUM}: install the package 'chromium' to test the report in a browser"
        if os.environ.get("VOSTRO_REQUIRE") == "1":
            pytest.fail(message + " (VOSTRO_REQUIRE=1)")
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(
    browser: Any, pages: dict[str, Path], portrait_pages: dict[str, Path]
) -> Iterator[Callable[..., Any]]:
    """Open a report's page; at the end, nothing was wrong on the console and no host was asked."""
    complaints: list[str] = []
    contexts = []

    def open_page(
        name: str = "build", *, hash: str = "", width: int = 1440, path: Path | None = None, **options: Any
    ) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        url = (path or (pages | portrait_pages)[name]).as_uri()
        page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: asked.url.split("#")[0] == url or complaints.append(asked.url))
        page.goto(url + hash)
        page.wait_for_function("document.readyState === 'complete'")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not [each for each in complaints if not each.startswith("data:,")]
