"""The page of a report, as a reader's browser shows it: from the file system, without a network."""

from __future__ import annotations

import csv
import json
import os
import platform
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from mdsbench.exporters import summary
from mdsbench.report.films.video import Video, to_gif
from mdsbench.report.page import page
from mdsbench.report.page.findings import findings
from mdsbench.report.provenance import command_line, provenance
from mdsbench.statistics.results import Outcome, Results
from mdsbench.system.machine import ONE_THREAD, environment
from mdsbench.version import __version__

if TYPE_CHECKING:
    from tests.conftest import MadeUp

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
FILMS = [("cities-6", "6 cities, side by side"), ("as-published-6", "6 cities, as the original played it")]


@pytest.fixture(scope="module")
def report(outcomes: list[Outcome], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole report, with films of a grey square."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "animations").mkdir()
    for name, _ in FILMS:
        path = folder / "animations" / f"{name}.mp4"
        with Video(path, 64, 36, 10) as video:
            for _ in range(5):
                video.write(bytes([128, 128, 128, 255]) * 64 * 36)
        to_gif(path, path.with_suffix(".gif"), size=(64, 36))
    command = command_line(["--cities", "6", "--out", str(folder)])
    facts = provenance(json.loads(environment("processes", {}, command=command)), "2026-01-01T00:00:00+00:00", 2.5)
    page.write(Results(outcomes), folder, facts, FILMS)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if executable is None and not os.environ.get("CI"):
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=QUIET)
        yield chromium
        chromium.close()


class Opened:
    """The report's page in a window of some width, and everything that went wrong meanwhile."""

    def __init__(self, browser: Browser, report: Path, width: int) -> None:
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.requested: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requested.append(request.url))
        self.page.on("requestfailed", self._failed)
        self.page.goto((report / "index.html").as_uri(), wait_until="load")

    def _failed(self, request: object) -> None:
        if getattr(request, "resource_type", "") != "media":  # Chromium breaks off a video when it has enough
            self.complaints.append(getattr(request, "url", "?"))


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_opens_whole_and_fits(browser: Browser, report: Path, width: int) -> None:
    opened = Opened(browser, report, width)
    assert opened.complaints == []
    assert [url for url in opened.requested if not url.startswith(("file:", "data:"))] == []
    sizes = opened.page.evaluate("[...document.images].map(image => image.naturalWidth)")
    assert len(sizes) == 2
    assert min(sizes) > 0
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_films_play(browser: Browser, report: Path) -> None:
    opened = Opened(browser, report, 1280)
    opened.page.wait_for_function("[...document.querySelectorAll('video')].every(video => video.readyState >= 2)")
    assert opened.page.evaluate("[...document.querySelectorAll('video')].map(video => video.videoWidth)") == [64, 64]


def test_the_verdict_comes_first(browser: Browser, report: Path, outcomes: list[Outcome]) -> None:
    opened = Opened(browser, report, 1280)
    assert findings(Results(outcomes)).headline in opened.page.inner_text("#verdict")
    box = opened.page.locator("#verdict").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 900


def test_every_link_leads_somewhere(report: Path) -> None:
    html = (report / "index.html").read_text(encoding="utf-8")
    links = set(re.findall(r'(?:href|src)="([^"]+)"', html))
    local = {link for link in links if not link.startswith(("https:", "data:", "#"))}
    assert {"summary.json", "runs.csv", "figures/loss-6.svg", "animations/cities-6.gif"} <= local
    assert [link for link in local if not (report / link).is_file()] == []


def test_every_picture_is_described(report: Path) -> None:
    html = (report / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in html
    assert f'<meta name="generator" content="mdsbench {__version__}">' in html
    assert all(re.search(r'alt="[^"]{20,}"', image) for image in re.findall(r"<img[^>]*>", html))


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
