"""The explorer and the table of solvers, as a reader uses them in a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from mdsbench.report.page.written import parsed
from mdsbench.statistics import arrivals, cost, running_time
from mdsbench.store.frames import traces
from mdsbench.store.store import Store

PRICES: list[float | str] = [0.0, 0.37, 1.0, 5.5, 12.0, "dimension"]
TARGET = 1e-4


@pytest.fixture
def page(browser: Browser, small_page: Path) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True, accept_downloads=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(small_page.as_uri(), wait_until="load")
    page.wait_for_selector("html[data-ready]", state="attached")
    yield page
    context.close()
    assert complaints == []


def opened(page: Page, small_page: Path, **state: object) -> Page:
    """The page with a state in the hash of its address."""
    page.goto("about:blank")
    page.goto(small_page.as_uri() + "#" + "&".join(f"{name}={value}" for name, value in state.items()))
    page.wait_for_selector("html[data-ready]", state="attached")
    return page


def shown(page: Page) -> dict[str, list[float]]:
    """The numbers of the table by the titles of the solvers."""
    rows = page.evaluate(
        """[...document.querySelectorAll('#solvers tbody tr')].map(row => [row.querySelector('bdi').textContent,
           ...[...row.querySelectorAll('data')].map(element => element.value)])"""
    )
    return {row[0]: [float({"Infinity": "inf"}.get(text, text)) for text in row[2:]] for row in rows}


@pytest.mark.slow
def test_the_table_has_pythons_numbers_at_every_price(page: Page, small_page: Path, small_reproduction: Path) -> None:
    data = parsed(small_page.read_text(encoding="utf-8")).data
    titles = {solver["name"]: solver["title"] for solver in data["solvers"]}
    start = data["starts"].index("uniform")
    with Store.read(small_reproduction) as store:
        table = arrivals(*traces(store), [TARGET])
    table = table[table["start"] == "uniform"].reset_index(drop=True)
    for price in PRICES:
        opened(page, small_page, problem=0, start=start, target=3, price=price)
        times = running_time(table, cost(table, price))
        found = shown(page)
        assert found.keys() == {titles[name] for name in times["solver"]}
        for row in times.to_dict("records"):
            arrived, low, ert, ert_low, multiple, censored, elsewhere = found[titles[row["solver"]]]
            expected = [
                row[name] for name in ("share", "share_low", "ert", "ert_low", "multiple", "censored", "elsewhere")
            ]
            assert [arrived, low, ert, ert_low, multiple, censored, elsewhere] == pytest.approx(expected, rel=1e-9)
        assert list(found) == [titles[name] for name in times.sort_values(["ert", "ert_low"])["solver"]]


@pytest.mark.slow
def test_the_slider_changes_every_number_and_the_address(page: Page) -> None:
    before = shown(page)
    slider = page.get_by_label("A gradient counts as")
    slider.focus()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("price="))
    after = shown(page)
    assert after["Gradient descent"][2] > before["Gradient descent"][2]
    assert after["Nelder–Mead"][2] == before["Nelder–Mead"][2]


@pytest.mark.slow
def test_the_runs_of_a_row_stay_open_while_the_price_changes(page: Page) -> None:
    page.locator("#solvers summary").first.click()
    opened = page.locator("#solvers details[open]")
    expect(opened).to_have_count(1)
    solver = opened.locator("bdi").inner_text()
    slider = page.get_by_label("A gradient counts as")
    slider.focus()
    page.keyboard.press("ArrowRight")
    price = page.locator("#explorer input.price").input_value()
    expect(opened.locator("pre")).to_contain_text(f"--gradient-cost {price}")
    assert opened.locator("bdi").inner_text() == solver
    assert opened.locator("li").count() > 0


@pytest.mark.slow
def test_the_price_leaves_the_player_alone_unless_its_clock_is_the_cost(page: Page, small_page: Path) -> None:
    for clock, stays in (("iterations", True), ("cost", False)):
        opened(page, small_page, runs="0,1", clock=clock)
        page.evaluate("window.stage = document.querySelector('#player figure')")
        page.get_by_label("A gradient counts as").focus()
        page.keyboard.press("ArrowRight")
        expect(page).to_have_url(re.compile("price="))
        assert page.evaluate("window.stage.isConnected") is stays


@pytest.mark.slow
@pytest.mark.parametrize("figure", ["convergence", "profile", "data-profile", "ecdf", "growth", "break-even"])
def test_every_figure_is_drawn_and_read_by_keyboard(page: Page, small_page: Path, figure: str) -> None:
    opened(page, small_page, figure=figure, target=2)
    if page.locator("#explorer .fault").is_visible():
        assert page.locator("#explorer .fault").inner_text()
        return
    chart = page.locator("#explorer svg.chart")
    assert chart.locator("path").count() > 0
    assert chart.locator("text.name").count() == 2
    chart.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert any(letter.isdigit() for letter in page.locator("#explorer .readout").inner_text())


@pytest.mark.slow
def test_a_hidden_solver_leaves_figure_and_table(page: Page) -> None:
    page.locator("#explorer select").first.select_option("profile")
    curves = page.locator("#explorer svg.chart path")
    expect(curves).to_have_count(3)
    page.locator("#explorer fieldset.legend").get_by_label("Nelder–Mead, adaptive").uncheck()
    expect(curves).to_have_count(2)
    assert "Nelder–Mead, adaptive" not in shown(page)
    page.get_by_role("button", name="None", exact=True).click()
    expect(page.locator("#explorer .fault")).to_be_visible()
    assert shown(page) == {}
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.locator("#explorer svg.chart")).to_be_visible()


@pytest.mark.slow
def test_a_click_on_a_curve_shows_its_run_in_the_player(page: Page, small_page: Path) -> None:
    opened(page, small_page, figure="convergence", problem=0)
    chart = page.locator("#explorer svg.chart")
    chart.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"runs=\d+(&|$)"))


@pytest.mark.slow
def test_figures_are_saved_as_svg_png_and_csv(page: Page, tmp_path: Path) -> None:
    saved = {}
    for kind in ("SVG", "PNG", "CSV"):
        with page.expect_download() as download:
            page.locator("#explorer").get_by_role("button", name=kind, exact=True).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        saved[kind] = path.read_bytes()
    assert b"<svg" in saved["SVG"]
    assert b"<text" in saved["SVG"]
    assert saved["PNG"].startswith(b"\x89PNG")
    assert saved["CSV"].decode().startswith("series,about,")


def test_a_cell_that_a_spreadsheet_would_compute_is_escaped(module_page: object) -> None:
    page: Page = module_page("explorer/downloads.js", "csvOf")  # type: ignore[operator]
    series = [{"name": "=cmd()", "about": 'a "b", c', "points": [[1, 2.5]]}]
    text = page.evaluate("series => csvOf({x: {title: 'cost'}, y: {title: 'gap'}, series})", series)
    assert text.splitlines()[1] == '\'=cmd(),"a ""b"", c",1,2.5'


def test_the_slider_goes_from_no_price_to_one_for_each_variable(module_page: object) -> None:
    page: Page = module_page("explorer/price.js", "priceAtPlace", "placeOfPrice")  # type: ignore[operator]
    assert page.evaluate("[0, 1].map(place => priceAtPlace(place, 68))") == [0, 68]
    back = page.evaluate("[1, 5.5, 34].map(price => priceAtPlace(placeOfPrice(price, 68), 68))")
    assert back == pytest.approx([1, 5.5, 34], rel=0.01)


@pytest.mark.slow
def test_the_runs_behind_a_text_are_listed(page: Page) -> None:
    page.locator("#sizes button.query").first.click()
    dialog = page.locator("dialog.query")
    assert dialog.is_visible()
    assert "mdsbench results small.sqlite --problem cities-6" in dialog.inner_text()
    assert dialog.locator("li").count() > 0
    page.keyboard.press("Escape")
    assert not dialog.is_visible()


@pytest.mark.slow
def test_what_was_made_is_recorded(small_page: Path) -> None:
    made = parsed(small_page.read_text(encoding="utf-8")).data["made"]
    assert json.dumps(made)
    assert made["store"] == "small.sqlite"
