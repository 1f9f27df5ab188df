"""What the console's tests share: reports of a simulated run, their pages, and a browser."""

import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from vostro.console import write_report
from vostro.learn import RunReport

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


def _module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("console_build", Path(__file__).with_name("build.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def reports() -> dict[str, RunReport]:
    """A measured run, one that waits for outcomes, the least one, and one whose every text attacks."""
    module = _module()
    return {name: getattr(module, name)() for name in NAMES}


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
def visit(browser: Any, pages: dict[str, Path]) -> Iterator[Callable[..., Any]]:
    """Open a report's page; at the end, nothing was wrong on the console and no host was asked."""
    complaints: list[str] = []
    contexts = []

    def open_page(
        name: str = "build", *, hash: str = "", width: int = 1440, path: Path | None = None, **options: Any
    ) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        url = (path or pages[name]).as_uri()
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
