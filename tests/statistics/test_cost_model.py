"""Cost in one currency: by hand, in words, and without touching what was run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mdsbench.campaigns.reproduction import ADAPTIVE_NELDER_MEAD as ADAPTIVE
from mdsbench.campaigns.reproduction import GRADIENT_DESCENT as GD
from mdsbench.campaigns.reproduction import NELDER_MEAD as NM
from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits, Moment
from mdsbench.problems import problem
from mdsbench.problems.problem import Array
from mdsbench.report import terminal
from mdsbench.report.figures import convergence, final_maps
from mdsbench.report.figures import scaling as scaling_figure
from mdsbench.report.page.findings import findings
from mdsbench.report.palette import Palette
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.runs.run import Run
from mdsbench.statistics import cost_model
from mdsbench.statistics.cost_model import CALLS, Currency, clock
from mdsbench.statistics.results import Results

if TYPE_CHECKING:
    from tests.conftest import MadeUp

CLOCKED = {12: 2.0, 20: 2.25}
DIMENSION, MEASURED = Currency("dimension", CLOCKED), Currency("measured", CLOCKED)


def account(evaluations: int, gradients: int, hessian_vectors: int, pairs: int) -> Moment:
    return Moment(0, evaluations, gradients, hessian_vectors, pairs, 0.0, 0.0)


def six_cities() -> Run:
    return execute(Cell("cities-6", "gd", "published", Limits(calls=1)))


@pytest.mark.parametrize(
    ("currency", "expected"),
    [(CALLS, 7), (Currency(4.0), 3 + 4 * 4), (Currency(0.5), 5), (DIMENSION, 3 + 12 * 4), (MEASURED, 3 + 2.0 * 4)],
)
def test_cost_is_evaluations_and_weighted_gradients(currency: Currency, expected: float) -> None:
    pairs = 15  # of six cities
    assert currency.cost(account(3, 3, 1, 7 * pairs), six_cities()) == expected


def test_directional_derivatives_and_comparisons_have_prices() -> None:
    spent = Moment(0, 3, 2, 0, 9 * 15, 0.0, 0.0, comparisons=8, directional_derivatives=4)
    assert spent.calls == 9
    assert CALLS.cost(spent, six_cities()) == 9
    assert Currency(4.0).cost(spent, six_cities()) == 3 + 4 + 4 * 2
    assert DIMENSION.cost(spent, six_cities()) == 3 + 4 + 12 * 2
    assert Currency(4.0, directional=2.5, comparison=0.5).cost(spent, six_cities()) == 3 + 10 + 4 + 8


def test_n_directional_derivatives_cost_n_gradients_where_that_is_the_price() -> None:
    forward, reverse = (
        execute(Cell("cities-6", name, "published", Limits(iterations=9))) for name in ("gd[axes]", "gd")
    )
    for price in (1.0, 0.25, 4.0):
        currency = Currency(price, directional=price)
        assert currency.total(forward) == 12 * currency.total(reverse) == 12 * 9 * price


def test_a_mini_batch_costs_that_part_of_a_gradient() -> None:
    assert CALLS.cost(account(0, 0, 0, 5), six_cities()) == pytest.approx(1 / 3)
    assert Currency(4.0).cost(account(2, 1, 0, 3 * 15 + 10), six_cities()) == pytest.approx(2 + 4 * (1 + 2 / 3))
    run = execute(Cell("cities-6", "adam[mini-batch]", "published", Limits(calls=20)))
    assert run.spent.evaluations == 2  # the whole, at the start and after ten passes
    assert CALLS.meter(run)(run.spent) == pytest.approx(run.spent.terms / 15)
    assert 19 < run.spent.terms / 15 <= 20


@pytest.mark.parametrize("task", ["rosenbrock-3", "sphere-5", "cities-6"])
def test_fifty_calls_cost_fifty_on_problems_of_any_shape(task: str) -> None:
    run = execute(Cell(task, "gd(step=1e-5)", "published", Limits(calls=50)))
    assert CALLS.total(run) == run.calls == 50


@pytest.mark.parametrize(
    "solver", ["gd", "nelder-mead", "newton-cg", "l-bfgs-b", "pattern-search", "random-directions"]
)
def test_whole_calls_leave_no_part(solver: str) -> None:
    run = execute(Cell("cities-6", solver, "published", Limits(calls=50)))
    assert CALLS.total(run) == run.calls > 0


@pytest.mark.parametrize(
    ("currency", "dimensions", "label"),
    [
        (CALLS, (12,), "calls: function values and gradients"),
        (Currency(4.0), (12, 20), "function values, a gradient counting as 4"),
        (DIMENSION, (12,), "function values, a gradient counting as 12 (the dimension)"),
        (DIMENSION, (12, 20), "function values, a gradient counting as 12 and 20 (the dimension)"),
        (MEASURED, (12,), "function values, a gradient counting as 2.0 (measured)"),
        (Currency("measured", {12: 2.1, 20: 2.1}), (12, 20), "function values, a gradient counting as 2.1 (measured)"),
    ],
)
def test_the_label_says_what_is_counted(currency: Currency, dimensions: tuple[int, ...], label: str) -> None:
    assert currency.label(*dimensions) == label


def test_an_option_is_a_number_or_a_word() -> None:
    assert Currency.parse("1") == Currency.parse("1.0") == CALLS
    assert Currency.parse("4").weight(12) == 4
    assert Currency.parse("dimension").weight(12) == 12
    assert Currency.parse("measured").gradient == "measured"
    assert not Currency.parse("measured").counts_calls
    for text in ("0", "-1", "nan", "inf", "twelve", ""):
        with pytest.raises(UsageError, match="take a positive number, dimension or measured"):
            Currency.parse(text)


@pytest.mark.parametrize(("gradient", "price"), [(2.5, 2.5), (3.14159, 3.1), (1e-6, 0.1)])
def test_the_clocked_price_is_the_ratio_of_the_times(
    gradient: float, price: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0

    def value(_: Array) -> float:
        nonlocal now
        now += 1.0
        return 0.0

    def value_and_gradient(x: Array) -> tuple[float, Array]:
        nonlocal now
        now += gradient
        return 0.0, x

    task = replace(problem.find("cities-6"), value=value, value_and_gradient=value_and_gradient)
    monkeypatch.setattr(cost_model, "perf_counter", lambda: now)
    assert clock(task) == price


def test_sentences_tell_what_was_called_and_what_it_is_worth(made_up: MadeUp) -> None:
    published = made_up.published(6, 10, 1000, 200)
    starts = [*made_up.starts(GD, 6, [4, 5, 6, None]), *made_up.starts(NM, 6, [100])]
    (size,) = findings(Results([*published, *starts]), DIMENSION).sizes
    said = dict(size.solvers)
    assert "after 10 gradients (120 function values). 3 of 4 random starts get there" in said[GD]
    assert "half of all 4 within 5 gradients (60 function values)" in said[GD]
    assert said[ADAPTIVE].endswith("best known value after 200 function values.")
    assert size.price == (
        "Without gradients, from the published start: adaptive Nelder–Mead needs 200 function values where gradient "
        "descent needs 10 gradients (120 function values), 1.67 times the cost, a gradient counting as 12 "
        "(the dimension)."
    )


def test_growth_is_in_the_currency(made_up: MadeUp) -> None:
    outcomes = [*made_up.published(6, 10, 900, None), *made_up.published(10, 20, None, None)]
    assert dict(findings(Results(outcomes), MEASURED).growth)[GD] == (
        "The published start gets there within 20 and 45 function values at 12 and 20 variables, "
        "2.2 times the cost for 1.7 times the variables."
    )


@pytest.mark.parametrize(
    ("solver", "calls", "worth"),
    [
        ("gd", "8 gradients", "2 gradients (8 function values)"),
        ("nelder-mead", "8 function values", "8 function values"),
        ("newton-cg", "8 function values", "8 function values"),
        ("gd(step=armijo)", "8 function values", "8 function values"),
        ("adam[mini-batch]", "8 function values", "8 function values"),
    ],
)
def test_a_cost_is_named_after_what_was_called(solver: str, calls: str, worth: str) -> None:
    run = execute(Cell("cities-6", solver, "published", Limits(calls=20)))
    assert CALLS.in_words(run, 8) == calls
    assert Currency(4.0).in_words(run, 8) == worth


def test_figures_say_what_they_count(made_up: MadeUp) -> None:
    results = Results([*made_up.published(6, 10, 900, 800), *made_up.published(10, 20, None, 700)])
    six, ten = results.sizes
    (axes,) = convergence.loss(ten, Palette.of(results), DIMENSION).axes
    assert axes.get_xlabel() == "function values, a gradient counting as 20 (the dimension)"
    spent = {line.get_xydata()[-1][0] for line in axes.lines}  # type: ignore[index]
    assert {20.0 * 1000, 1000.0} <= spent
    scaling = scaling_figure.scaling(results, DIMENSION)
    assert scaling.legends[0].get_title().get_text() == f"cost: {DIMENSION.label(12, 20)}"
    middle = scaling.axes[1]
    assert middle.get_title() == "Cost"
    diamonds = {line.get_ydata()[0] for line in middle.lines if line.get_marker() == "D"}  # type: ignore[index]
    assert {120.0, 400.0, 900.0, 800.0, 700.0} <= diamonds
    maps = final_maps.final_maps(six, Palette.of(results), DIMENSION)
    assert maps.axes[1].get_title(loc="right").endswith(" km at cost 12,000")
    assert f"cost: {DIMENSION.label(12)}" in [text.get_text() for text in maps.texts]


def test_the_table_in_the_terminal_says_what_it_counts(made_up: MadeUp) -> None:
    outcomes = made_up.published(6, 10, 900, 800)
    drawn = terminal.table(Results(outcomes), DIMENSION)
    assert [column.header for column in drawn.columns][1] == "cost"
    assert "12,000" in list(drawn.columns[1].cells)
    assert "120" in list(drawn.columns[2].cells)
    assert "function values, a gradient counting as 12 (the dimension)" in str(drawn.caption)
