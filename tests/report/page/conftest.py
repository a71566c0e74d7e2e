"""A browser for the tests of the page, and pages of a single module."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from mdsbench.campaigns import reproduction
from mdsbench.report.build import page_of
from mdsbench.report.page import bundle
from mdsbench.statistics.results import Outcome
from stored_runs import store_of

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if executable is None and not os.environ.get("CI"):
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def module_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens an empty page in which the functions `names` of a module, joined with what it imports, are global."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})

    def opened(entry: str, *names: str, hash: str = "") -> Page:
        page = context.new_page()
        text = f"{bundle.script(entry=entry)}\nObject.assign(globalThis, {{ {', '.join(names)} }});"
        html = f"<!DOCTYPE html><html lang=en><title>a module</title><body><script type=module>{text}</script>"
        page.route(
            "http://page.test/**", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8")
        )
        page.goto(f"http://page.test/{hash}", wait_until="load")
        return page

    yield opened
    context.close()


@pytest.fixture(scope="session")
def small_reproduction(outcomes: list[Outcome], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a reproduction with six cities and three random starts."""
    path = tmp_path_factory.mktemp("store") / "small.sqlite"
    store_of(path, outcomes, reproduction.NAME)
    return path


@pytest.fixture(scope="session")
def small_page(small_reproduction: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of that store."""
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(page_of(small_reproduction, None, None), encoding="utf-8")
    return path
