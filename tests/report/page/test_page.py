"""The page of a report, as a reader's browser shows it: from the file system, without a network."""

from __future__ import annotations

import csv
import json
import platform
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page

from mdsbench.exporters import summary
from mdsbench.report import build
from mdsbench.report.page.findings import findings
from mdsbench.report.provenance import command_line, provenance
from mdsbench.statistics.results import Outcome, Results
from mdsbench.system.machine import ONE_THREAD, environment
from mdsbench.version import __version__

if TYPE_CHECKING:
    from tests.conftest import MadeUp

VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`violation of ${event.violatedDirective}: ${event.blockedURI}`);
});"""


@pytest.fixture(scope="module")
def report(small_reproduction: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a small reproduction, without films."""
    folder = tmp_path_factory.mktemp("report")
    build.report(small_reproduction, folder, animated=False, progress=lambda *_: None)
    return folder


class Opened:
    """A page in a window, and everything that went wrong meanwhile."""

    def __init__(self, browser: Browser, file: Path, width: int = 1280, **how: Any) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, **how)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.requested: list[str] = []
        self.page.add_init_script(VIOLATIONS)
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requested.append(request.url))
        self.page.on("requestfailed", lambda request: self.complaints.append(request.url))
        self.page.goto(file.as_uri(), wait_until="load")
        if how.get("java_script_enabled", True):
            self.page.wait_for_selector("html[data-ready]", state="attached")

    def left_the_page(self) -> list[str]:
        """What was asked for, besides the page itself and what is in it."""
        return [url for url in self.requested[1:] if not url.startswith(("data:", "blob:"))]


@pytest.fixture
def opened(browser: Browser, report: Path) -> Iterator[Callable[..., Opened]]:
    """Opens the report."""
    made: list[Opened] = []

    def open_it(width: int = 1280, **how: Any) -> Opened:
        made.append(Opened(browser, report / "index.html", width, **how))
        return made[-1]

    yield open_it
    for one in made:
        one.context.close()


@pytest.mark.parametrize("width", [1280, 1920, 390, 360])
@pytest.mark.parametrize("bypassed", [False, True])
def test_the_page_opens_whole_and_fits(opened: Callable[..., Opened], width: int, bypassed: bool) -> None:
    one = opened(width, bypass_csp=bypassed)
    assert one.complaints == []
    assert one.left_the_page() == []
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_is_whole_without_scripts(opened: Callable[..., Opened], outcomes: list[Outcome]) -> None:
    page = opened(java_script_enabled=False).page
    assert findings(Results(outcomes)).headline in page.inner_text("#verdict")
    assert page.locator("#explorer figure svg.plot").count() >= 1
    box = page.locator("#explorer figure svg.plot").first.bounding_box()
    assert box is not None
    assert box["width"] > 300
    assert "share of" in page.locator("#explorer").inner_text()  # an axis of a figure: its text is text
    assert "Gradient descent" in page.locator("#solvers table").inner_text()
    assert page.locator("#player").inner_text() == "The moving maps need scripts, which are off here."


def test_the_verdict_comes_first(opened: Callable[..., Opened], outcomes: list[Outcome]) -> None:
    page = opened().page
    assert findings(Results(outcomes)).headline in page.inner_text("#verdict")
    box = page.locator("#verdict").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 900


def test_every_link_leads_somewhere(report: Path) -> None:
    html = (report / "index.html").read_text(encoding="utf-8")
    links = set(re.findall(r'<[^>]* (?:href|src)="([^"]+)"', html.partition("<script")[0]))
    local = {link for link in links if not link.startswith(("https:", "data:", "#"))}
    assert local == {"summary.json", "runs.csv"}
    assert [link for link in local if not (report / link).is_file()] == []


def test_what_the_page_is_and_what_its_figures_show_is_said(report: Path) -> None:
    html = (report / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in html
    assert f'<meta name="generator" content="mdsbench {__version__}">' in html
    figures = re.findall(r"<svg [^>]*plot[^>]*>", html)
    assert figures
    assert all(re.search(r'role="img"', figure) and re.search(r'aria-label="[^"]{20,}"', figure) for figure in figures)
    assert 'style="' not in html.partition("<script")[0]


def test_a_page_of_the_reproduction_is_small(report: Path) -> None:
    assert (report / "index.html").stat().st_size < 3_000_000


@pytest.mark.slow
def test_the_price_of_a_gradient_is_that_of_the_command(small_reproduction: Path) -> None:
    plain, html = (build.page_of(small_reproduction, None, price) for price in (None, "dimension"))
    counted = "Cost is counted in function values, a gradient counting as 12 (the dimension)."
    assert counted in html
    assert counted not in plain
    assert "A gradient counts as one of them." in plain
    assert "A gradient counts as one of them for each variable." in html
    assert '"price":"dimension"' in html


def test_no_folder_and_no_user_is_named(report: Path) -> None:
    for name in ("index.html", "summary.json", "runs.csv"):
        text = (report / name).read_text(encoding="utf-8")
        assert str(report) not in text
        assert str(Path.home()) + "/" not in text


def test_provenance_says_what_made_it() -> None:
    command = command_line(["reproduce", "--out=/tmp/somewhere", "--jobs", "2"])
    recorded = environment("processes", ONE_THREAD, command=command)
    facts = provenance(json.loads(recorded), "2026-01-01T00:00:00+00:00", 1.25)
    assert facts["Command"] == "mdsbench reproduce --out=… --jobs 2"
    assert command_line(["--solver", "/home/me/mine.py:s"]) == "mdsbench --solver mine.py:s"
    assert command_line(["--solver=multistart(solver=/home/me/mine.py:s)"]).endswith("=multistart(solver=mine.py:s)")
    assert facts["Python"] == platform.python_version()
    assert facts["Threads per worker"] == "1"
    assert all(facts.values())


def test_tables_hold_every_run(report: Path, outcomes: list[Outcome]) -> None:
    records = json.loads((report / "summary.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    with (report / "runs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(records) == len(rows) == len(outcomes)
    for record, row in zip(records, rows, strict=True):
        assert row.keys() == record.keys()
        assert row["iterations"] == str(record["iterations"])
        assert row["iterations_to_target"] == str(record["iterations_to_target"] or "")


def test_what_is_not_finite_is_null(tmp_path: Path, made_up: MadeUp) -> None:
    outcome = made_up.outcome("gd", 6, "published", reached=None, final=float("inf"), ending="diverged")
    summary.write_summary(Results([outcome]), tmp_path / "summary.json")
    (record,) = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert record["final_loss"] is None
    assert record["gap"] is None
