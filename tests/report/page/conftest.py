"""A browser for the tests of the page, and pages of a single module."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from mdsbench.campaigns import reproduction
from mdsbench.report.page import bundle
from mdsbench.runs.run import Run
from mdsbench.statistics.results import Outcome
from mdsbench.store.store import Store
from mdsbench.system.machine import environment

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
        page.route("http://page.test/**", lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto(f"http://page.test/{hash}", wait_until="load")
        return page

    yield opened
    context.close()


def store_of(path: Path, runs: Iterable[tuple[str, Run]], campaign: str = "mine", **facts: object) -> Path:
    """A store with these runs in a campaign, each with the name of its block."""
    listed = list(runs)
    cells = {run.cell.key: run.cell for _, run in listed}
    blocks = {run.cell.key: block for block, run in listed}
    told = {**json.loads(environment("processes", {}, command=f"mdsbench run {campaign}")), **facts}
    with Store.open(path) as store:
        store.list_cells(campaign, "", cells, json.dumps(told), 1, blocks)
        for _, run in listed:
            store.put(run)
    return path


@pytest.fixture(scope="session")
def small_reproduction(outcomes: list[Outcome], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a reproduction with six cities and three random starts."""
    path = tmp_path_factory.mktemp("store") / "small.sqlite"
    return store_of(path, outcomes, reproduction.NAME)
