"""The colours of solvers can be seen on light and on dark paper."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from mdsbench.report.palette import COLOURS


def test_every_colour_stands_out_where_the_page_is_dark(module_page: Callable[..., Page]) -> None:
    page = module_page("colours.js", "readableColour", "contrastOf")
    assert page.evaluate("contrastOf([0, 0, 0], [255, 255, 255])") == 21
    for colour in COLOURS:
        assert page.evaluate(f"readableColour('{colour}', false)") == colour
        lighter = page.evaluate(f"readableColour('{colour}', true)")
        parts = [int(lighter[k : k + 2], 16) for k in (1, 3, 5)]
        assert page.evaluate("(parts) => contrastOf(parts, [0x14, 0x17, 0x1a])", parts) >= 4.5
    assert page.evaluate("readableColour('none', true)") == "none"
