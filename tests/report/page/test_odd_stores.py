"""The page of stores that are hostile, empty, broken, mixed or still being written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page

from mdsbench.oracle.account import Limits
from mdsbench.report.build import page_of, report
from mdsbench.runs.cell import Cell
from mdsbench.runs.run import Run
from mdsbench.store.lock import Lock
from mdsbench.store.store import Store
from stored_runs import store_of

if TYPE_CHECKING:
    from tests.conftest import MadeUp

HOSTILE = (
    "</script><script>window.owned = 1</script>",
    "<img src=x onerror=window.owned=2>",
    "javascript:window.owned=3",
    '"><svg onload=window.owned=4>',
    "{{ 7 * 7 }} ${window.owned = 5} `",
    "</style><style>body { display: none }</style>",
    "<!--<script>",
    "../../../../tmp/owned",
    "a\u2028b\u2029c\ud800d\x00e",
    "שלום \u202e evil",
    "👩‍👩‍👧‍👦" * 8,
    "x" * 200,
)


def named(run: Run, solver: str, problem: str, start: str, message: str = "", versions: int = 1) -> Run:
    """The run under other names, as a store keeps them."""
    key = sha256(repr((solver, problem, start, versions)).encode()).hexdigest()[:16]
    cell = Cell.as_stored(problem, solver, start, Limits(), 0, key=key, versions=(versions,))
    return replace(run, cell=cell, message=message)


@pytest.fixture(scope="module")
def hostile(made_up: MadeUp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs whose solver, problem, start and message are attacks, half of them failures."""
    runs = []
    for k, text in enumerate(HOSTILE):
        ending = "error" if k % 2 else "converged"
        run = made_up.run("gd" if k % 3 else "nm", 6, "a", [(0, 4.0), (10 + k, 1e-4)], spent=20, ending=ending)
        for other in (text, "gd"):
            runs.append(("honest", named(run, other, text, text, text)))
    path = tmp_path_factory.mktemp("store") / "hostile.sqlite"
    store_of(path, runs, HOSTILE[0], command=HOSTILE[1])
    return path


@pytest.fixture
def looked_at(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A page without scripts' policy, so that what could run does."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True, bypass_csp=True)
    yield context.new_page()
    context.close()


def shown(page: Page, html: str, folder: Path) -> list[str]:
    """Open a page; returns what went wrong."""
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    path = folder / "index.html"
    path.write_text(html, encoding="utf-8", errors="replace")
    page.goto(path.as_uri(), wait_until="load")
    return faults


@pytest.mark.slow
def test_a_hostile_store_runs_nothing_and_is_laid_out(hostile: Path, looked_at: Page, tmp_path: Path) -> None:
    faults = shown(looked_at, page_of(hostile, None, None), tmp_path)
    looked_at.wait_for_selector("html[data-ready]", state="attached")
    assert looked_at.evaluate("window.owned") is None
    assert faults == []
    assert looked_at.evaluate("document.scripts.length") == 2
    assert (
        looked_at.evaluate("document.querySelectorAll('[onload], [onerror], img, iframe, object, embed').length") == 0
    )
    assert (
        looked_at.evaluate(
            "[...document.links].filter((a) => !/^https:|^[a-z.]+$/.test(a.getAttribute('href'))).length"
        )
        == 0
    )
    assert HOSTILE[0] in looked_at.locator("h1").inner_text()
    assert HOSTILE[1] in looked_at.locator("#failures").inner_text()
    for width in (1280, 360):
        looked_at.set_viewport_size({"width": width, "height": 900})
        assert looked_at.evaluate("document.documentElement.scrollWidth") <= width


def test_a_hostile_store_does_not_choose_where_files_are_written(hostile: Path, tmp_path: Path) -> None:
    report(hostile, tmp_path / "out", animated=True, progress=lambda *_: None)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["out", "out/index.html"]


def test_a_name_does_not_turn_the_sentence_around(hostile: Path) -> None:
    html = page_of(hostile, None, None)
    words = re.sub(r' data-query="[^"]*"', "", html.partition("<script")[0])
    for at in [k for k in range(len(words)) if words.startswith("שלום", k)]:
        before = words[:at]
        assert max(before.rfind("<bdi"), before.rfind("<text")) > max(before.rfind("</bdi"), before.rfind("</text"))


def test_a_store_without_runs_says_so(made_up: MadeUp, looked_at: Page, tmp_path: Path) -> None:
    path = tmp_path / "empty.sqlite"
    cells = {cell.key: cell for cell in [Cell("sphere-2", "gd", "uniform", Limits(calls=9))]}
    with Store.open(path) as store:
        store.list_cells("mine", "", cells, "{}", 1)
    assert shown(looked_at, page_of(path, None, None), tmp_path) == []
    text = looked_at.locator("main").inner_text()
    assert "No run is finished yet." in text
    assert "1 cell of the campaign mine has no run yet." in text


def test_a_store_with_failures_only_says_why(made_up: MadeUp, looked_at: Page, tmp_path: Path) -> None:
    runs = []
    for k in range(3):
        run = made_up.run("gd", 6, f"uniform(seed={k})", [(0, 4.0)], spent=1, ending="error")
        runs.append(("", replace(run, message="ValueError: no\nTraceback", improvements=[], path=[])))
    path = store_of(tmp_path / "failed.sqlite", runs)
    assert shown(looked_at, page_of(path, None, None), tmp_path) == []
    looked_at.wait_for_selector("html[data-ready]", state="attached")
    assert "3 of 3 runs failed." in looked_at.locator("#failures").inner_text()
    cells = looked_at.locator("#failures tbody tr").first.locator("th, td").all_inner_texts()
    cells[0] = cells[0].removesuffix("?").strip()  # the button beside the name
    assert cells == ["gd", "3", "error", "ValueError: no", "cities-6"]


@pytest.mark.slow
def test_a_store_that_is_being_written_says_so(small_reproduction: Path, tmp_path: Path) -> None:
    path = tmp_path / "busy.sqlite"
    path.write_bytes(small_reproduction.read_bytes())
    assert "is being written" not in page_of(path, None, None)
    lock = Lock(path, path)
    try:
        assert "busy.sqlite is being written: these are the runs that are finished." in page_of(path, None, None)
    finally:
        lock.release()


@pytest.mark.slow
def test_several_campaigns_are_one_page_or_one_each(made_up: MadeUp, tmp_path: Path) -> None:
    path = tmp_path / "two.sqlite"
    for name, solver in (("first", "gd"), ("second", "nelder-mead")):
        runs = [("", made_up.run(solver, 6, f"uniform(seed={k})", [(0, 4.0), (9, 1e-4)], spent=9)) for k in range(3)]
        store_of(path, runs, name)
    both, one = page_of(path, None, None), page_of(path, "first", None)
    assert "These are the runs of first and second together; --campaign shows those of one." in both
    assert "<h1><bdi>two.sqlite</bdi></h1>" in both
    assert "<h1><bdi>first</bdi></h1>" in one
    assert "Nelder–Mead" not in one
    assert "mdsbench report two.sqlite --campaign first --out report" in one


def test_versions_are_told_apart(made_up: MadeUp, tmp_path: Path) -> None:
    runs = [
        (
            "",
            named(made_up.run("gd", 6, "published", [(0, 4.0), (9, 1e-4)], spent=9), "gd", "cities-6", "a", versions=k),
        )
        for k in (1, 2)
    ]
    html = page_of(store_of(tmp_path / "mixed.sqlite", runs), None, None)
    assert "gd has runs of several versions, which are counted apart" in html
