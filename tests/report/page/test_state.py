"""The state of the page, and its hash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

Opened = Callable[..., Page]


@pytest.fixture
def state_page(module_page: Opened) -> Callable[[str], Page]:
    def opened(hash: str = "") -> Page:
        page = module_page("state.js", "createState", hash=hash)
        page.evaluate("globalThis.state = createState(window); undefined")
        return page

    return opened


@pytest.mark.parametrize(
    ("hash", "name", "value"),
    [
        ("#problem=3", "problem", 3),
        ("#price=dimension", "price", "dimension"),
        ("#price=0.25", "price", 0.25),
        ("#price=1e3", "price", 1000),
        ("#hidden=1,4,5", "hidden", [1, 4, 5]),
        ("#hidden=", "hidden", []),
        ("#trail=0", "trail", False),
        ("#cost=seconds&problem=2", "cost", "seconds"),
        ("#at=0.5", "at", 0.5),
        # what is not of the declared type, or not one of the words, leaves the default
        ("#problem=javascript:alert(1)", "problem", 0),
        ("#problem=dimension", "problem", 0),
        ("#problem=Infinity", "problem", 0),
        ("#price=free", "price", 1),
        ("#hidden=1,x", "hidden", []),
        ("#hidden=" + ",".join(["1"] * 401), "hidden", []),
        ("#trail=yes", "trail", True),
        ("#cost=%3Cscript%3E", "cost", "calls"),
        ("#at=7", "at", 0),
        ("#speed=-1", "speed", 1),
        ("#problem=%E0%A4%A&at=0.5", "at", 0.5),
        ("#__proto__=1&constructor=2&problem=4", "problem", 4),
    ],
)
def test_a_hash_sets_declared_names_only(state_page: Callable[[str], Page], hash: str, name: str, value: Any) -> None:
    page = state_page(hash)
    assert page.evaluate(f"state.get('{name}')") == value
    assert page.evaluate("({}).polluted === undefined && Object.prototype.__proto__ === null")


def test_a_name_that_is_not_declared_is_refused(state_page: Callable[[str], Page]) -> None:
    page = state_page("#mine=7")
    said = page.evaluate("(() => { try { state.get('mine'); } catch (error) { return error.message; } })()")
    assert said == "the state has no mine: declare it first"
    assert page.evaluate("(state.declare('mine', 0), state.get('mine'))") == 7


def test_a_set_notifies_once_and_writes_the_hash(state_page: Callable[[str], Page]) -> None:
    page = state_page("")
    page.evaluate(
        """globalThis.calls = [];
        globalThis.stop = state.watch(["price", "hidden"], (names) => calls.push(names));
        state.set({ price: "dimension", hidden: [2, 0], problem: 5 });
        state.set({ price: "dimension", hidden: [2, 0] });
        state.set({ problem: 6 });"""
    )
    assert page.evaluate("calls") == [["price", "hidden"]]
    page.wait_for_function("location.hash !== ''")
    assert page.evaluate("location.hash") == "#problem=6&price=dimension&hidden=2,0"
    page.evaluate("stop(); state.set({ price: 3 })")
    assert page.evaluate("calls.length") == 1


def test_what_is_written_is_read_again(state_page: Callable[[str], Page]) -> None:
    page = state_page("")
    page.evaluate("state.set({ price: 0.1, hidden: [3], trail: false, cost: 'seconds', at: 1 / 3 })")
    page.wait_for_function("location.hash !== ''")
    again = state_page(page.evaluate("location.hash"))
    assert again.evaluate("['price', 'hidden', 'trail', 'cost', 'at'].map(state.get)") == [
        0.1,
        [3],
        False,
        "seconds",
        1 / 3,
    ]


def test_another_hash_is_followed(state_page: Callable[[str], Page]) -> None:
    page = state_page("#problem=1&price=9")
    page.evaluate("globalThis.seen = []; state.watch(['problem', 'price'], (names) => seen.push(names)); undefined")
    page.evaluate("location.hash = '#problem=2'")
    page.wait_for_function("seen.length === 1")
    assert page.evaluate("seen[0]") == ["problem", "price"]
    assert page.evaluate("[state.get('problem'), state.get('price')]") == [2, 1]


def test_what_is_given_is_a_copy(state_page: Callable[[str], Page]) -> None:
    page = state_page("")
    assert page.evaluate("(state.get('runs').push(1), state.get('runs'))") == []
    assert page.evaluate("((list) => (state.set({ runs: list }), list.push(9), state.get('runs')))([1])") == [1]


def test_a_watcher_that_fails_leaves_the_others(state_page: Callable[[str], Page]) -> None:
    page = state_page("")
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(error.message))
    page.evaluate(
        """globalThis.reached = false;
        state.watch(["at"], () => { throw new Error("broken"); });
        state.watch(["at"], () => { reached = true; });
        state.set({ at: 0.5 });"""
    )
    assert page.evaluate("reached")
    assert failed == ["broken"]
