"""The player's clock, motion, residuals and labels, against numbers worked by hand and against the films' motion."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from mdsbench.report.films.motion import START, Track

Opened = Callable[..., Page]


@pytest.fixture
def page(module_page: Opened) -> Page:
    return module_page(
        "player/player.js",
        *("clockAmounts", "clockStart", "clockEnd", "amountAt", "placeOf", "locate", "neighbour"),
        *("viewOf", "affineOf", "pixelsAt", "boundsOf", "worstPairs", "worstPairsRoom", "worstOf", "trailFrames"),
        *(
            "labelRoom",
            "placeLabels",
            "shortened",
            "labelsLike",
            "gapOf",
            "typicalErrorOf",
            "shortNumber",
            "powerOfTen",
        ),
        *("amountText", "roundTicks", "writePixels", "pixelDot"),
    )


def test_a_price_changes_what_a_snapshot_costs(page: Page) -> None:
    table = {
        "iterations": [0, 1, 2],
        "evaluations": [1, 2, 3],
        "gradients": [0, 1, 2],
        "parts": [0, 0, 0.5],
        "products": [0, 0, 1],
        "directional": [0, 0, 4],
        "seconds": [0, math.nan, 2],
    }
    cost = "([table, clock, price]) => [...clockAmounts(table, 0, 3, clock, price)]"
    table["seconds"] = [0, 0.5, 0.25]  # a clock that is set back does not run back
    assert page.evaluate(cost, [table, "cost", 10]) == [1, 12, 42]
    assert page.evaluate(cost, [table, "cost", 0]) == [1, 2, 7]
    assert page.evaluate(cost, [table, "iterations", 10]) == [0, 1, 2]
    assert page.evaluate(cost, [table, "seconds", 10]) == [0, 0.5, 0.5]


def test_the_axis_is_logarithmic_from_the_start_to_the_longest_run(page: Page) -> None:
    assert page.evaluate("clockStart([[0, 4, 9], [0, 0, 1, 8]])") == 0.5
    assert page.evaluate("clockEnd([[0, 4, 9], [0, 1, 8]], 0.5)") == 9
    assert page.evaluate("[clockStart([[], [0]]), clockEnd([[], [0]], 0.5)]") == [0.5, 1]
    assert page.evaluate("amountAt(0.5, 0.5, 200)") == pytest.approx(10)
    assert page.evaluate("placeOf(10, 0.5, 200)") == pytest.approx(0.5)
    assert page.evaluate(
        "[amountAt(0, 0.5, 200), amountAt(1, 0.5, 200), placeOf(0, 0.5, 200), placeOf(1e9, 0.5, 200)]"
    ) == [
        *(0.5, 200, 0, 1),
    ]


def test_between_snapshots_points_move_as_in_the_films(page: Page) -> None:
    rng = np.random.default_rng(7)
    costs = np.array([START, 1.0, 3.0, 17.0, 400.0])
    layouts = rng.normal(size=(5, 3, 2)).astype(np.float32)
    amounts = np.r_[START, 0.7, 1.0, 2.0, 3.0, 16.9, 120.0, 400.0]
    expected = Track(costs, np.ones(5), layouts.astype(float)).at(amounts)
    shown = page.evaluate(
        """([costs, positions, amounts]) => amounts.map((amount) => {
            const { frame, share } = locate(costs, amount, 0.5, {});
            const out = new Float64Array(6);
            return [...pixelsAt(Float32Array.from(positions), 3, frame, share, [1, 0, 0, 1, 0, 0], out)];
        })""",
        [costs.tolist(), layouts.ravel().tolist(), amounts.tolist()],
    )
    np.testing.assert_allclose(np.reshape(shown, (-1, 3, 2)), expected, rtol=0, atol=1e-6)


def test_at_a_snapshot_its_own_positions_are_shown(page: Page) -> None:
    locate = (
        "(amount) => { const { frame, share } = locate([0, 0, 1, 4, 4, 9], amount, 0.5, {}); return [frame, share]; }"
    )
    for amount, frame in [(0.5, 1), (1, 2), (4, 4), (9, 5), (50, 5), (4 * (1 - 1e-12), 4)]:
        assert page.evaluate(locate, amount) == [frame, 0]
    frame, share = page.evaluate(locate, 2)
    assert (frame, share) == (2, pytest.approx(0.5))
    assert page.evaluate("locate([], 3, 0.5, {}).share") == 0


def test_a_step_leads_to_the_nearest_snapshot_of_any_run(page: Page) -> None:
    runs = "[[0, 1, 5, 9], [0, 3, 20]]"
    assert page.evaluate(f"[1, 2, 3, 9, 20].map((at) => neighbour({runs}, at, 1, 0.5, 20))") == [3, 3, 5, 20, 20]
    assert page.evaluate(f"[20, 9, 3, 1, 0.5].map((at) => neighbour({runs}, at, -1, 0.5, 20))") == [9, 5, 1, 0.5, 0.5]


def test_the_turn_acts_about_the_centre_and_north_is_up(page: Page) -> None:
    own = np.array([[0.0, 1.0], [-1.0, 0.0]])  # p' = (p - c) @ own + c
    centre, point = np.array([10.0, 20.0]), np.array([13.0, 24.0])
    turned = (point - centre) @ own + centre
    pixel = page.evaluate(
        """([own, centre, point]) => {
            const view = viewOf([0, 0, 100, 100], 220, 220, 10);
            return [...pixelsAt(Float32Array.from(point), 1, 0, 0, affineOf(view, own, centre), new Float64Array(2))];
        }""",
        [own.ravel().tolist(), centre.tolist(), point.tolist()],
    )
    assert pixel == pytest.approx([10 + 2 * turned[0], 210 - 2 * turned[1]])


def test_a_point_without_a_position_is_nowhere_and_one_that_loses_it_stays(page: Page) -> None:
    shown = page.evaluate(
        """() => [...pixelsAt(Float32Array.of(NaN, NaN, 1, 2, 3, 4, NaN, NaN), 2, 0, 0.5, [1, 0, 0, 1, 0, 0],
            new Float64Array(4))].map(String)"""
    )
    assert shown == ["NaN", "NaN", "1", "2"]
    assert page.evaluate("boundsOf(Float32Array.of(NaN, NaN, 3, 4, 3, 4))") == [2, 3, 4, 5]
    assert page.evaluate("boundsOf(new Float32Array(0))") == [-1, -1, 1, 1]
    assert page.evaluate("viewOf([3, 4, 3, 4], 100, 100, 10).scale") == 1


def test_the_worst_pairs_are_those_of_all_pairs(page: Page) -> None:
    rng = np.random.default_rng(3)
    truth, layout = rng.normal(size=(2, 40, 2)).astype(np.float32)
    layout[5] = np.nan
    found = page.evaluate(
        """([positions, truth]) => {
            const layout = Float32Array.from(positions, (x) => x ?? NaN);
            const room = worstPairs(layout, 0, truth, 40, 0.01, worstPairsRoom(7));
            return { pairs: [...room.first].map((i, k) => [i, room.second[k], room.error[k]]), worst: worstOf(room) };
        }""",
        [[None if np.isnan(x) else float(x) for x in layout.ravel()], truth.ravel().tolist()],
    )
    i, j = np.triu_indices(40, 1)
    error = np.linalg.norm(layout[i] - layout[j], axis=1) - np.linalg.norm(truth[i] - truth[j], axis=1)
    order = np.argsort(-np.abs(np.where(np.isnan(error), 0, error)))[:7]
    assert {(a, b) for a, b, _ in found["pairs"]} == {(int(i[k]), int(j[k])) for k in order}
    assert found["pairs"][found["worst"]][2] == pytest.approx(error[order[0]], abs=1e-5)


@pytest.mark.parametrize("points", [0, 1, 2, 1000])
def test_residuals_of_few_many_and_coincident_points(page: Page, points: int) -> None:
    count = page.evaluate(
        "(n) => worstPairs(new Float32Array(2 * n), 0, new Float32Array(2 * n), n, 1, worstPairsRoom(5)).count", points
    )
    assert count == 0


def test_a_trail_keeps_its_corners(page: Page) -> None:
    frames = """([first, last, most]) => {
        const out = new Int32Array(64);
        const count = trailFrames(first, last, most, out);
        return [...out.slice(0, count)];
    }"""
    assert page.evaluate(frames, [3, 6, 8]) == [4, 5, 6]
    assert page.evaluate(frames, [3, 20, 5]) == [4, 8, 12, 16, 20]
    assert page.evaluate(frames, [4, 21, 5]) == [8, 12, 16, 20]
    assert page.evaluate(frames, [6, 6, 5]) == []


LABELS = """([places, follow, rounds, move]) => {
    const n = places.length / 2;
    const room = labelRoom(n, 10);
    const layout = { n, follow, considered: n, order: Int32Array.from({ length: n }, (_, i) => i),
        widths: new Float32Array(n).fill(40), lineHeight: 12, gap: 6, radius: 3, width: 300, height: 200 };
    const sides = [];
    for (let round = 0; round < rounds; round += 1) {
        placeLabels(room, Float32Array.from(places, (x) => x + round * move), layout);
        sides.push([...room.sides]);
    }
    return { sides, boxes: Array.from({ length: room.count }, (_, k) => [...room.boxes.slice(4 * k, 4 * k + 4)]) };
}"""


def test_labels_keep_out_of_each_others_way_and_inside(page: Page) -> None:
    places = np.random.default_rng(1).uniform([5, 5], [295, 195], (40, 2)).ravel().tolist()
    boxes = np.array(page.evaluate(LABELS, [places, -1, 1, 0])["boxes"])
    assert len(boxes) > 3
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    meet = ((low[:, None] < high) & (low < high[:, None])).all(axis=2)
    assert meet.sum() == len(boxes)
    assert (low >= 0).all()
    assert (high <= [300, 200]).all()


def test_labels_stay_on_their_side_and_the_followed_one_comes_first(page: Page) -> None:
    sides = page.evaluate(LABELS, [[100, 100, 100, 150], -1, 3, 0.5])["sides"]
    assert sides[0] == sides[1] == sides[2]
    assert page.evaluate(LABELS, [[100, 100, 100, 100], 1, 1, 0])["sides"][0][1] != -1
    assert page.evaluate(LABELS, [[100, 100, -50, 100], -1, 1, 0])["sides"][0][1] == -1


def test_names_are_found_without_case_and_accents_and_cut_between_characters(page: Page) -> None:
    labels = ["Málaga", "Bern", "Bernau", "Hibern", "ירושלים"]
    find = "([labels, typed]) => labelsLike(labels, typed, 9)"
    assert page.evaluate(find, [labels, "malaga"]) == [0]
    assert page.evaluate(find, [labels, "BERN"]) == [1, 2, 3]
    assert page.evaluate(find, [labels, "ירו"]) == [4]
    assert page.evaluate(find, [labels, "  "]) == []
    assert page.evaluate("shortened('🙂'.repeat(5), 3)") == "🙂🙂…"


def test_numbers_and_words(page: Page) -> None:
    assert page.evaluate("[1240.4, 12.345, 0, 1e-7, NaN, 5e8].map(shortNumber)") == [
        *("1,240", "12.3", "0", "1.0e-7", "unknown", "5.0e8"),
    ]
    assert page.evaluate("[-4, 0, 3, 12].map(powerOfTen)") == ["10⁻⁴", "1", "1,000", "10¹²"]
    assert page.evaluate(
        "[amountText(0.5, 'iterations'), amountText(1, 'iterations'), amountText(1203.9, 'cost')]"
    ) == [
        *("the start", "1 iteration", "1,203 function values of cost"),
    ]
    assert page.evaluate("[gapOf(3, 5, 1), typicalErrorOf(24, 4, 10)]") == [0.5, pytest.approx(10 * math.sqrt(2))]
    assert page.evaluate("roundTicks(-1, 11, 4)") == [0, 5, 10]


def test_points_are_written_where_they_are(page: Page) -> None:
    written: list[Any] = page.evaluate(
        """() => {
            const pixels = { canvas: { width: 20, height: 10 }, words: new Uint32Array(200) };
            writePixels(pixels, Float32Array.of(5.5, 4.5, NaN, 1, -3, 2, 1e9, 1e9), 4, 1, pixelDot("#102030", 0.6, 1));
            const written = [...pixels.words.entries()].filter(([, word]) => word);
            return written.map(([k, word]) => [k % 20, Math.floor(k / 20), word]);
        }"""
    )
    assert [5, 4, 0xFF302010] in written
    assert {(x, y) for x, y, _ in written} == {(5, 4)}
