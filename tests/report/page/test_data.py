"""What the page's modules decode in a browser is what Python packed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route

import mdsbench.report.page
from made_stores import run, store_of, walk
from mdsbench.report.page.payload.payload import payload
from mdsbench.report.page.payload.script_text import as_json
from mdsbench.report.page.payload.unpacked import numbers, positions, strings

STATIC = Path(mdsbench.report.page.__file__).with_name("static")
HOST = "http://page.test/"
NASTY = "</script><b>\u2028\u202e\U0001f600\"'&amp;"
COUNTS = ("iterations", "evaluations", "gradients", "products", "parts", "pairs", "seconds", "comparisons")


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Runs on two maps, with positions and losses that are no numbers, and on a function with a nasty name."""
    layouts = walk(12, 40)
    layouts[7, 3], layouts[8, 4], layouts[9] = np.nan, np.inf, 1e200
    losses = np.geomspace(5.0, 1e-3, 40)
    losses[11] = np.nan
    runs = [
        run("cities-6", solver, f"uniform(seed={k})", layouts * (k + 1), losses.tolist(), message=NASTY)
        for solver in ("gd", NASTY)
        for k in range(2)
    ]
    runs.append(run('distances(file="d.csv")', "gd", "published", walk(40, 9), losses[:9].tolist()))
    runs.append(run(f"{NASTY}.py:f", "gd", NASTY, walk(3, 4), losses[:4].tolist()))
    with store_of(tmp_path_factory.mktemp("data") / "s", runs) as store:
        return payload(store, title=NASTY)


@pytest.fixture(scope="module")
def page(browser: Browser, packed: dict[str, Any]) -> Iterator[Page]:
    """A page with these data, decoded as `data`."""
    html = (
        '<!doctype html><meta charset="utf-8"><body>'
        f'<script type="application/json" id="mdsbench-data">{as_json(packed)}</script>'
    )

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(HOST)
        if name:
            route.fulfill(body=(STATIC / name).read_text(encoding="utf-8"), content_type="text/javascript")
        else:
            route.fulfill(body=html, content_type="text/html")

    opened = browser.new_page()
    opened.route(f"{HOST}**", answer)
    opened.goto(HOST)
    opened.evaluate(
        'async () => { window.data = await (await import("/data.js")).loadData(document);'
        " window.list = (numbers) => Array.from(numbers); }"
    )
    yield opened
    opened.close()


@pytest.mark.parametrize("table", ["runs", "arrivals", "traces"])
def test_columns_are_those_that_were_packed(page: Page, packed: dict[str, Any], table: str) -> None:
    for name, column in packed[table].items():
        shown = page.evaluate(f"list(data.{table}.{name})")
        if "length" in column:
            assert np.array_equal(shown, numbers(column), equal_nan=True), name
        else:
            assert shown == strings(column), name


def test_the_rest_is_as_it_was(page: Page, packed: dict[str, Any]) -> None:
    for name in ("title", "targets", "solvers", "problems", "starts", "trials", "protocols", "facts", "sampled"):
        assert page.evaluate(f"data.{name}") == json.loads(json.dumps(packed[name])), name
    assert page.evaluate("data.title") == NASTY
    assert page.evaluate("document.querySelectorAll('b, script:not([type])').length") == 0


def test_counts_are_doubles_and_fates_are_bytes(page: Page) -> None:
    kinds = page.evaluate(
        "[data.runs.pairs, data.arrivals.seconds, data.traces.loss, data.arrivals.fate, data.runs.trajectory,"
        " data.maps[0].truth, data.lands[0].rings[0]].map((column) => column.constructor.name)"
    )
    assert kinds == [*["Float64Array"] * 3, "Uint8Array", "Int32Array", "Float32Array", "Float32Array"]


def test_maps_and_land(page: Page, packed: dict[str, Any]) -> None:
    for k, one in enumerate(packed["maps"]):
        assert page.evaluate(f"data.maps[{k}].labels") == strings(one["labels"])
        for name in ("truth", "order"):
            assert np.array_equal(page.evaluate(f"list(data.maps[{k}].{name})"), numbers(one[name]))
    (land,) = packed["lands"]
    points = np.cumsum(numbers(land["steps"]).reshape(-1, 2), axis=0) * land["scale"]
    rings = page.evaluate("data.lands[0].rings.map(list)")
    assert [len(ring) / 2 for ring in rings] == numbers(land["lengths"]).tolist()
    assert np.array_equal(np.concatenate(rings), points.ravel().astype(np.float32))


def test_positions_are_those_of_python(page: Page, packed: dict[str, Any]) -> None:
    begin = 0
    for j, one in enumerate(packed["trajectories"]["list"]):
        shown = page.evaluate(f"data.positions({j}).then(list)")
        wanted = positions(one).ravel()
        assert np.array_equal(np.isnan(shown), np.isnan(wanted))
        assert np.nanmax(np.abs(shown - wanted)) <= 1e-6 * np.nanmax(np.abs(wanted))
        for name in (*COUNTS, "loss"):
            column = numbers(packed["trajectories"][name])[begin : begin + one["frames"]]
            assert np.array_equal(page.evaluate(f"list(data.trajectories[{j}].{name})"), column, equal_nan=True)
        begin += one["frames"]
    assert begin == packed["trajectories"]["loss"]["length"]
    assert np.isnan(page.evaluate("data.positions(0).then(list)")).any()


def test_positions_are_decoded_once_while_they_are_kept(page: Page) -> None:
    assert page.evaluate("data.positions(1) === data.positions(1)")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("(packed) => { packed.format = 2; }", "the format 2"),
        ("(packed) => { packed.runs.pairs.length += 1; }", "a column is not as long as it says"),
        ("(packed) => { packed.runs.pairs.type = 'f2'; }", "a column has the type f2"),
    ],
)
def test_damaged_data_are_refused(page: Page, change: str, said: str) -> None:
    message = page.evaluate(
        "async (change) => { const packed = JSON.parse(document.querySelector('#mdsbench-data').textContent);"
        f" ({change})(packed); const {{ decodedData }} = await import('/data.js');"
        " return decodedData(packed).then(() => '', (error) => error.message); }"
    )
    assert said in message


def test_a_page_without_data_says_so(page: Page) -> None:
    message = page.evaluate(
        "async () => { const { loadData } = await import('/data.js');"
        " return loadData(document.implementation.createHTMLDocument()).then(() => '', (error) => error.message); }"
    )
    assert message == "the page has no data"
