"""The page for everybody: by keyboard, by screen reader, on paper."""

from __future__ import annotations

import importlib.util
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

SERIOUS = ("serious", "critical")


@pytest.fixture
def page(browser: Browser, small_page: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, offline=True, **getattr(request, "param", {})
    )
    page = context.new_page()
    page.goto(small_page.as_uri(), wait_until="load")
    page.wait_for_selector("html[data-ready]", state="attached")
    yield page
    context.close()


def axe_core() -> str:
    """The script of axe-core, which looks for what shuts readers out."""
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("axe-playwright-python is not installed")
        pytest.skip("axe-playwright-python is not installed here")
    assert found.submodule_search_locations
    return (Path(found.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("page", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True, ids=str)
def test_axe_finds_no_serious_fault(page: Page) -> None:
    page.evaluate(axe_core())
    found: list[dict[str, Any]] = page.evaluate("axe.run(document).then((results) => results.violations)")
    serious = [fault for fault in found if fault["impact"] in SERIOUS]
    told = [(fault["id"], [node["html"][:120] for node in fault["nodes"][:3]]) for fault in serious]
    assert told == []


FOCUSED = """(() => {
  const reached = document.activeElement;
  if (!reached || reached === document.body) return null;
  reached.dataset.reached = "true";
  return getComputedStyle(reached).outlineStyle;
})()"""
MISSED = """[...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
  .filter((element) => !element.disabled && element.checkVisibility({ visibilityProperty: true }))
  .filter((element) => !element.dataset.reached)
  .filter((element) => !(element.type === "radio" && document.querySelector(`[name="${element.name}"][data-reached]`)))
  .map((element) => element.outerHTML.slice(0, 100))"""


def test_the_keyboard_alone_reaches_every_control(page: Page) -> None:
    outlines: set[str | None] = set()
    for _ in range(400):
        page.keyboard.press("Tab")
        outline = page.evaluate(FOCUSED)
        if outline is None and outlines:
            break
        outlines.add(outline)
    assert page.evaluate(MISSED) == []
    assert "none" not in outlines  # the focus is seen


def test_every_control_has_a_name(page: Page) -> None:
    for role in ("button", "combobox", "slider", "checkbox", "textbox", "spinbutton", "link"):
        for element in page.get_by_role(role).all():
            name = element.evaluate(
                "(e) => (e.getAttribute('aria-label') || [...(e.labels || [])].map((l) => l.innerText).join()"
                " || e.innerText || e.title || '').trim()"
            )
            assert name, element.evaluate("(e) => e.outerHTML")


@pytest.mark.slow
def test_on_paper_there_is_no_bar_of_the_player_and_no_heading_alone(page: Page, tmp_path: Path) -> None:
    page.emulate_media(media="print")
    assert (
        page.evaluate(
            "[...document.querySelectorAll('.controls, .screen-only')].filter((e) => e.checkVisibility()).length"
        )
        == 0
    )
    assert page.evaluate("matchMedia('print').matches && getComputedStyle(document.body).backgroundColor") in (
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    )
    loose = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4, caption')].filter((e) => e.checkVisibility())"
        ".map((e) => getComputedStyle(e).breakAfter).filter((value) => value !== 'avoid').length"
    )
    assert loose <= 1  # the title stands first
    page.pdf(path=tmp_path / "page.pdf", format="A4")
    pages = _pages(tmp_path / "page.pdf")
    assert 2 <= pages <= 20


def _pages(pdf: Path) -> int:
    """How many pages a PDF has: the largest count of its trees."""
    data = pdf.read_bytes()
    streams = b"".join(_inflated(stream) for stream in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL))
    return max(int(count) for count in re.findall(rb"/Count (\d+)", data + streams))


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""
