"""The player in a browser: what it shows is what the store has, and every control does what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route

from made_stores import run, store_of, walk
from mdsbench.report.page.bundle import STATIC, style
from mdsbench.report.page.payload.payload import payload
from mdsbench.report.page.payload.script_text import as_json

pytestmark = pytest.mark.slow
Mounted = Callable[..., Page]
HOST = "http://page.test/"
NASTY = '<img src=x onerror=alert(1)> "שלום" 🙂 ' + "long " * 40
STAND_IN = """
import { loadData } from "/data.js";
import { createState } from "/state.js";
import { mountPlayer } from "/player/player.js";
const data = await loadData(document);
globalThis.state = createState(window);
globalThis.data = globalThis.changed ? globalThis.changed(data) : data;
globalThis.player = document.getElementById("player");
mountPlayer(player, globalThis.data, state);
globalThis.ready = true;
"""
EVERY_POSITION = "Promise.all(data.trajectories.map((_, j) => data.positions(j)))"


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Runs of two solvers from two starts on a map, one with positions that are no numbers, and one of one snapshot."""
    layouts = walk(12, 40)
    broken = layouts.copy()
    broken[7, 3], broken[8] = np.nan, np.inf
    losses = np.geomspace(5.0, 1e-3, 40).tolist()
    runs = [
        run("cities-6", "gd", "uniform(seed=0)", layouts, losses),
        run("cities-6", "nelder-mead", "uniform(seed=0)", layouts[:25] * 2, losses[:25]),
        run("cities-6", "gd", "uniform(seed=1)", broken, losses),
        run("cities-6", NASTY, "uniform(seed=1)", layouts[:1], losses[:1], message=NASTY),
        run('distances(file="d.csv")', "gd", "published", walk(40, 9), losses[:9]),
        run("sphere-4", "gd", "published", walk(4, 9), losses[:9]),
    ]
    with store_of(tmp_path_factory.mktemp("data") / "s", runs) as store:
        return str(as_json(payload(store)))


@pytest.fixture
def mounted(browser: Browser, packed: str) -> Iterator[Mounted]:
    """Opens a page with the player alone; `change` is a function of the data, in JavaScript. Nothing may complain."""
    contexts = []
    complaints: list[str] = []
    html = (
        f'<!DOCTYPE html><html lang="en"><title>player</title><style>{style()}</style><main><div id="player"></div>'
        f'</main><script type="application/json" id="mdsbench-data">{packed}</script>'
        f'<script type="module">{STAND_IN}</script>'
    )

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(HOST).partition("#")[0]
        text, kind = (STATIC / name).read_text(encoding="utf-8") if name else html, "javascript" if name else "html"
        route.fulfill(body=text, content_type=f"text/{kind}; charset=utf-8")

    def opened(hash: str = "", change: str = "", **options: Any) -> Page:
        contexts.append(browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options}))
        page: Page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if change:
            page.add_init_script(f"globalThis.changed = {change};")
        page.route(f"{HOST}**", answer)
        page.goto(f"{HOST}{hash}", wait_until="load")
        page.wait_for_function("globalThis.ready === true")
        page.evaluate(EVERY_POSITION)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def place_of(page: Page) -> float:
    return float(page.evaluate("player.playerClock().place"))


def test_it_opens_with_a_gradient_method_and_a_derivative_free_one_from_one_start(mounted: Mounted) -> None:
    page = mounted()
    assert page.locator(".player-stage").count() == 2
    titles = page.locator(".player-title").all_inner_texts()
    uses = page.evaluate("(titles) => titles.map((t) => data.solvers.find(({ title }) => title === t).uses)", titles)
    assert uses == ["gradient", "values"]
    assert page.locator(".player-words").first.inner_text().startswith("the start")


@pytest.mark.parametrize("turn", ["start", "end"])
@pytest.mark.parametrize("clock", ["iterations", "evaluations", "cost", "seconds"])
def test_at_a_snapshots_amount_the_points_are_the_stored_ones(mounted: Mounted, turn: str, clock: str) -> None:
    page = mounted(f"#clock={clock}&turn={turn}")
    away = page.evaluate(
        """async ([clock, turn]) => {
            const { start, end } = player.playerClock();
            const frame = player.querySelector(".player-map");
            let worst = 0;
            for (const slot of [0, 1]) {
                const title = player.querySelectorAll(".player-title")[slot].textContent;
                const r = [0, 1].find((r) => data.solvers[data.runs.solver[r]].title === title);
                const one = data.trajectories[data.runs.trajectory[r]];
                const stored = await data.positions(data.runs.trajectory[r]);
                const [x0, y0, x1, y1] = data.maps[one.map].bounds;
                const [w, h] = [frame.clientWidth, frame.clientHeight];
                const s = Math.min((w - 28) / (x1 - x0), (h - 28) / (y1 - y0));
                const [a, b, c, d] = turn === "end" ? one.own : [1, 0, 0, 1];
                for (const f of [1, 5, one.frames - 1]) {
                    const amount = clock === "cost" ? one.evaluations[f] + one.gradients[f] : one[clock][f];
                    const shown = player.positionsAt(slot, Math.log(amount / start) / Math.log(end / start));
                    for (let i = 0; i < one.points; i += 1) {
                        const x = stored[2 * (f * one.points + i)] - one.offset[0];
                        const y = stored[2 * (f * one.points + i) + 1] - one.offset[1];
                        const px = w / 2 + s * (x * a + y * c + one.offset[0] - (x0 + x1) / 2);
                        const py = h / 2 - s * (x * b + y * d + one.offset[1] - (y0 + y1) / 2);
                        worst = Math.max(worst, Math.hypot(px - shown[2 * i], py - shown[2 * i + 1]));
                    }
                }
            }
            return worst;
        }""",
        [clock, turn],
    )
    assert away < 0.5


def test_the_keys_step_and_go_to_the_ends_and_play(mounted: Mounted) -> None:
    page = mounted()
    page.focus("#player")
    page.keyboard.press("ArrowRight")
    assert page.inner_text(".player-amount") == "1 iteration"
    page.keyboard.press("ArrowRight")
    assert page.inner_text(".player-amount") == "2 iterations"
    page.keyboard.press("ArrowLeft")
    assert page.inner_text(".player-amount") == "1 iteration"
    page.keyboard.press("End")
    assert place_of(page) == 1
    assert "stopped by itself after 39 iterations" in page.locator(".player-words").first.inner_text()
    page.keyboard.press("Home")
    assert place_of(page) == 0
    page.keyboard.press("Space")
    page.wait_for_function("player.playerClock().place > 0.01")
    page.keyboard.press("Space")
    stood = place_of(page)
    page.wait_for_timeout(100)
    assert place_of(page) == stood
    assert page.evaluate("state.get('at')") == pytest.approx(stood)
    page.wait_for_function("player.querySelector('.visually-hidden').textContent.includes('gap')")


def test_a_slow_speed_is_slow(mounted: Mounted) -> None:
    page = mounted("#speed=0.125")
    page.click(".player-play")
    page.wait_for_timeout(600)
    assert 0 < place_of(page) < 0.03


def test_the_controls_change_the_state_and_the_picture(mounted: Mounted) -> None:
    page = mounted("#at=0.6")
    picture = "player.querySelector('[role=img]').toDataURL()"
    before = page.evaluate(picture)
    page.get_by_label("most wrong distances").check()
    assert page.evaluate("state.get('residuals')") is True
    after = page.evaluate(picture)
    assert after != before
    page.get_by_role("combobox", name="Names").select_option("large")
    assert page.evaluate(picture) != after
    page.get_by_role("combobox", name="Maps").select_option("overlay")
    assert page.locator(".player-stage").count() == 1
    page.get_by_role("combobox", name="Count").select_option("cost")
    assert "function values of cost" in page.inner_text(".player-amount")
    page.get_by_role("combobox", name="Start").select_option("uniform(seed=1) 0")
    assert page.evaluate("state.get('runs').map((r) => data.trials[data.runs.trial[r]])") == ["uniform(seed=1) 0"] * 2


def test_a_price_moves_a_gradient_method_back_on_the_clock_of_cost(mounted: Mounted) -> None:
    page = mounted(
        "#clock=cost&at=0.7",
        "(data) => { data.trajectories[0].gradients.set(data.trajectories[0].evaluations); return data; }",
    )
    words = "player.querySelector('.player-words').textContent"
    cheap = page.evaluate(words)
    page.evaluate("state.set({ price: 40 })")
    assert page.evaluate(words) != cheap


def test_a_city_is_found_and_followed(mounted: Mounted) -> None:
    page = mounted("#at=0.5")
    name = page.evaluate("data.maps[0].labels[2]")
    page.get_by_label("If you see your city:").fill(name.upper())
    assert page.evaluate("state.get('follow')") == 2
    assert f"{name} is " in page.locator(".player-words.small").first.inner_text()
    page.get_by_role("button", name="Follow none").click()
    assert page.evaluate("state.get('follow')") == -1


@pytest.mark.parametrize("runs", ["0", "2,3", "3", "4", "5", "0,4,5", "99,0.5,-1", "0,1,2,3,4,5"])
def test_any_runs_are_shown(mounted: Mounted, runs: str) -> None:
    page = mounted(f"#runs={runs}&at=0.4&residuals=1&follow=1&labels=large", viewport={"width": 360, "height": 800})
    for at in (0, 1):
        page.evaluate("(at) => state.set({ at })", at)
    assert page.locator(".player-stage").count() >= 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("combobox", name="Maps").select_option("overlay")
    page.get_by_role("combobox", name="Turn").select_option("end")


@pytest.mark.parametrize(
    "change",
    [
        "(data) => { for (const map of data.maps) map.truth.fill(7); return data; }",
        "(data) => { for (const map of data.maps) map.truth.fill(NaN); return data; }",
        "(data) => { for (const one of data.trajectories) one.loss.fill(NaN); return data; }",
        "(data) => { for (const one of data.trajectories) one.iterations.fill(0); return data; }",
        "(data) => { for (const map of data.maps) map.labels = map.labels.map(() => ''); return data; }",
        "(data) => { data.runs.trajectory.fill(-1); return data; }",
        "(data) => { data.runs.problem = []; return data; }",
    ],
)
def test_bad_numbers_are_shown_as_what_they_are(mounted: Mounted, change: str) -> None:
    page = mounted("#at=0.5&residuals=1", change)
    assert page.inner_text("#player")


def test_reduced_motion_shows_only_snapshots(mounted: Mounted) -> None:
    page = mounted("#at=0.5", reduced_motion="reduce")
    between = page.evaluate("[...player.positionsAt(0, 0.5)]")
    assert page.evaluate("player.playerClock().playing") is False
    start, end = page.evaluate("[player.playerClock().start, player.playerClock().end]")
    snapshot = np.log(np.floor(start * (end / start) ** 0.5) / start) / np.log(end / start)
    assert page.evaluate("(place) => [...player.positionsAt(0, place)]", snapshot) == between


def test_a_screen_reader_is_told_what_each_picture_shows(mounted: Mounted) -> None:
    page = mounted("#at=1")
    labels = page.eval_on_selector_all("[role=img]", "(all) => all.map((one) => one.getAttribute('aria-label'))")
    assert len(labels) == 3
    assert all("gap" in label.lower() for label in labels)
    unnamed = (
        "[...player.querySelectorAll('input, select')].filter((one) => !one.labels.length && !one.ariaLabel).length"
    )
    assert page.evaluate(unnamed) == 0
