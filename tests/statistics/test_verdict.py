"""Sentences are made from the numbers: golden ones, each with the arithmetic beside it."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mdsbench.statistics.arrivals import cost
from mdsbench.statistics.running_time import running_time
from mdsbench.statistics.verdict import (
    Interval,
    against,
    never,
    of_iterations,
    of_price,
    of_ratio,
    ratio_of,
    verdict,
    winner,
)

COLUMNS = ["solver", "dimension", "runs", "arrived", "censored", "ert", "ert_low", "ert_high", "tied"]
USES = {"gd": True, "l-bfgs": True, "nelder-mead": False, "powell": False}
INF = np.inf


def times(*rows: tuple[Any, ...], **more: Any) -> pd.DataFrame:
    """Rows of `running_time` of one family."""
    frame = pd.DataFrame(rows, columns=COLUMNS)
    problem = [f"sphere-{n}" for n in frame["dimension"]]
    return frame.assign(**{"problem": problem, "family": "sphere", "start": "uniform", "target": 0.01, **more})


def test_the_cheapest_is_named_with_those_that_cannot_be_told_apart() -> None:
    found = times(
        ("nelder-mead", 2, 5, 5, 0, 10.0, 8.0, 12.5, True),
        ("gd", 8, 5, 5, 0, 40.0, 32.0, 50.0, True),
        ("l-bfgs", 8, 5, 5, 0, 44.0, 33.0, 60.0, True),
        ("nelder-mead", 8, 5, 4, 1, 900.0, 500.0, 1620.0, False),
    )
    assert list(winner(found, "calls", 0.95)) == [
        "gd is the cheapest at 8 variables (40 calls; 95 %: 32–50); l-bfgs cannot be told apart from it."
    ]


def test_nothing_is_won_where_nobody_arrives() -> None:
    found = times(("gd", 8, 5, 0, 5, INF, 100.0, INF, False), ("l-bfgs", 8, 5, 0, 5, INF, 100.0, INF, False))
    assert list(winner(found, "calls", 0.95)) == ["No solver arrives at 8 variables."]


def test_one_solver_alone_wins_nothing() -> None:
    assert list(winner(times(("gd", 8, 5, 5, 0, 40.0, 32.0, 50.0, True)), "calls", 0.95)) == []


def test_the_cheapest_of_each_kind_are_compared_at_each_size() -> None:
    # 2 variables: 100 / 10 = 10; the logarithms of the ends add as squares: both factors are 2, so that
    # exp(sqrt(2 ln(2)^2)) = 2^sqrt(2) = 2.665: from 10 / 2.665 = 3.75 to 26.7.
    # 4 variables: none of 5 + 5 arrives: at least 300 / 20 = 15.
    found = times(
        ("gd", 2, 5, 5, 0, 20.0, 10.0, 40.0, False),
        ("l-bfgs", 2, 5, 5, 0, 10.0, 5.0, 20.0, True),
        ("nelder-mead", 2, 5, 5, 0, 100.0, 50.0, 200.0, False),
        ("powell", 2, 5, 5, 0, 300.0, 200.0, 450.0, False),
        ("l-bfgs", 4, 5, 5, 0, 10.0, 5.0, 20.0, True),
        ("nelder-mead", 4, 5, 0, 5, INF, 300.0, INF, False),
        ("powell", 4, 5, 0, 5, INF, 400.0, INF, False),
    )
    assert list(against(found, USES, "calls", 0.95)) == [
        "Without gradients the cheapest solver needs so many times the calls of the cheapest with gradients: "
        "10.0 at 2 variables (nelder-mead 100, l-bfgs 10; 95 %: 3.75–26.7) and "
        "more than 15.0 at 4 variables (l-bfgs 10; none of 10 runs without arrives)."
    ]


def test_where_only_one_kind_arrives_or_none_that_is_said() -> None:
    found = times(
        ("gd", 2, 5, 0, 0, INF, np.nan, INF, False),
        ("nelder-mead", 2, 5, 5, 0, 100.0, 50.0, 200.0, True),
        ("gd", 4, 5, 0, 5, INF, 10.0, INF, False),
        ("nelder-mead", 4, 5, 0, 5, INF, 10.0, INF, False),
    )
    assert list(against(found, USES, "calls", 0.95)) == [
        "At 2 variables only solvers without gradients arrive (nelder-mead 100).",
        "At 4 variables none arrives, with gradients or without.",
    ]


def test_many_sizes_are_shortened_to_both_ends() -> None:
    rows = [
        (solver, n, 5, 5, 0, e, e / 2, e * 2, False) for n in range(2, 9) for solver, e in (("gd", 1.0), ("powell", n))
    ]
    (sentence,) = against(times(*rows), USES, "calls", 0.95)
    assert "2.00 at 2 variables" in sentence
    assert ", (3 sizes between), 7.00 at 7 variables" in sentence
    assert "4.00 at 4" not in sentence


def test_one_kind_alone_is_not_compared() -> None:
    assert list(against(times(("gd", 2, 5, 5, 0, 20.0, 10.0, 40.0, True)), USES, "calls", 0.95)) == []


def test_a_ratio_of_estimates_without_an_interval_has_none() -> None:
    assert ratio_of(Interval(6.0, 0.0, INF), Interval(3.0, 2.0, 4.0)) == Interval(2.0, 0.0, INF)


def test_the_ends_of_a_ratio_are_those_of_an_exact_divisor() -> None:
    assert ratio_of(Interval(6.0, 3.0, 9.0), Interval(2.0, 2.0, 2.0)) == pytest.approx(Interval(3.0, 1.5, 4.5))


def fit(solver: str, exponent: float, low: float, high: float) -> pd.DataFrame:
    return pd.DataFrame({"solver": [solver], "exponent": [exponent], "low": [low], "high": [high]})


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((1.04, 0.9, 1.2), "go as n^1.04 (95 %: 0.90 to 1.20), n the number of variables: the ratio grows."),
        ((-0.5, -0.9, -0.1), "go as n^-0.50 (95 %: -0.90 to -0.10), n the number of variables: the ratio falls."),
        ((-0.001, -0.1, 0.1), "go as n^0.00 (95 %: -0.10 to 0.10), n the number of variables: no growth is shown."),
        ((np.nan, np.nan, np.nan), "grow with the number of variables cannot be said: both must arrive at two sizes."),
    ],
)
def test_the_growth_of_the_ratio_is_what_its_interval_shows(row: tuple[float, float, float], words: str) -> None:
    (sentence,) = of_ratio(fit("", *row), "gd", "powell", "calls", 0.95)
    assert sentence.lower().endswith(f"the calls of powell over those of gd {words}")


def iterations(solver: str = "gd") -> pd.DataFrame:
    """Iterations 4, 6, 8 at 2 variables and 6, 8 at 10, where one more run does not arrive."""
    fate = ["arrived"] * 5 + ["censored"]
    return pd.DataFrame(
        {"solver": solver, "dimension": [2, 2, 2, 10, 10, 10], "fate": fate, "iterations": [4, 6, 8, 6, 8, 99]}
    )


def test_the_iterations_of_gradient_descent_do_not_depend_on_the_dimension() -> None:
    assert list(of_iterations(iterations(), fit("gd", 0.02, -0.1, 0.14), 0.95)) == [
        "The iterations of gd go as n^0.02 (95 %: -0.10 to 0.14), n the number of variables: no dependence on n is "
        "shown; the median is 6 at 2 variables (all 3 runs arrive) and 7 at 10 variables (2 of 3 runs arrive)."
    ]


@pytest.mark.parametrize(("solver", "said"), [("gd(step=0.1)", 1), ("gd@2", 1), ("gd[spsa]", 0), ("adam", 0)])
def test_only_plain_descent_is_asked_for_its_iterations(solver: str, said: int) -> None:
    assert len(list(of_iterations(iterations(solver), fit(solver, 1.0, 0.9, 1.1), 0.95))) == said


def test_iterations_at_one_size_say_nothing_of_dimension() -> None:
    (sentence,) = of_iterations(iterations().head(3), fit("gd", np.nan, np.nan, np.nan), 0.95)
    assert (
        sentence
        == "Whether the iterations of gd depend on the dimension cannot be said: it arrives at fewer than two sizes."
    )


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            (60.0, 48.0, 75.0, "", ""),
            "At 8 variables {} 60 function values (95 %: 48–75): above this price powell is cheaper.",
        ),
        ((60.0, 0.0, INF, "", "one run"), "At 8 variables {} 60 function values: above this price powell is cheaper."),
        (
            (70.0, 70.0, INF, "more than", "the derivative-free solver never arrived"),
            "At 8 variables {} more than 70 function values (95 %), because powell never arrived.",
        ),
        (
            (12.0, 0.0, 12.0, "less than", "the gradient method never arrived"),
            "At 8 variables {} less than 12 function values (95 %), because gd never arrived.",
        ),
        (
            (np.nan, np.nan, np.nan, "", "neither solver arrived"),
            "What a gradient is worth at 8 variables cannot be said: neither solver arrived.",
        ),
        (
            (0.0, 0.0, 0.0, "less than", "the derivative-free solver is cheaper than free gradients"),
            "What a gradient is worth at 8 variables cannot be said: powell is cheaper than free gradients.",
        ),
    ],
)
def test_a_gradient_is_worth_its_break_even_price(row: tuple[float, float, float, str, str], words: str) -> None:
    prices = pd.DataFrame([(8, *row)], columns=["dimension", "price", "low", "high", "bound", "note"])
    assert list(of_price(prices, "gd", "powell", 0.95)) == [words.format("a gradient of gd is worth")]


def test_who_never_arrived_is_named_target_by_target() -> None:
    found = pd.concat([
        times(("gd", 2, 5, 5, 0, 9.0, 8.0, 10.0, True), ("powell", 2, 5, 0, 3, INF, 90.0, INF, False)),
        times(("gd", 2, 5, 0, 5, INF, 9.0, INF, False), ("powell", 2, 5, 0, 4, INF, 9.0, INF, False), target=1e-6),
    ])  # fmt: skip
    assert list(never(found)) == [
        "Never arrived at a gap of 0.01: powell (5 runs); budget or time ended 3 of 5.",
        "No run reached a gap of 1e-6, of 10 runs; budget or time ended 9 of 10.",
    ]


def arrivals(solver: str, dimension: int, spent: list[int], fate: str = "arrived", **more: Any) -> pd.DataFrame:
    """Rows of `arrivals` of one solver at one size: the last run has that fate."""
    gradients = spent if USES[solver] else [0] * len(spent)
    evaluations = [0] * len(spent) if USES[solver] else spent
    return pd.DataFrame(
        {
            "problem": f"sphere-{dimension}", "family": "sphere", "dimension": dimension, "start": "uniform",
            "trial": [f"uniform(seed={k}) 0" for k in range(len(spent))], "target": 0.01, "solver": solver,
            "fate": ["arrived"] * (len(spent) - 1) + [fate], "iterations": spent, "evaluations": evaluations,
            "gradients": gradients, "hessian_vectors": 0, "parts": 0.0, "seconds": 0.1, **more,
        }
    )  # fmt: skip


def said(table: pd.DataFrame) -> list[str]:
    found = running_time(table, cost(table))
    return [str(one) for one in verdict(table, cost(table), found.assign(family="sphere"))]


def test_a_verdict_has_all_of_it_and_begins_with_what_it_is_about() -> None:
    table = pd.concat(
        [
            *(arrivals("gd", n, [9, 10, 11]) for n in (2, 8)),
            *(arrivals("powell", n, [20 * n, 22 * n, 24 * n]) for n in (2, 8)),
        ],
        ignore_index=True,
    )
    found = said(table)
    assert [sentence.startswith("sphere, uniform, gap 0.01: ") for sentence in found] == [True] * 5
    assert "gd is the cheapest at 8 variables (10 calls;" in found[0]
    assert "4.40 at 2 variables (powell 44, gd 10;" in found[1]
    assert "17.6 at 8 variables (powell 176, gd 10;" in found[1]
    assert "go as n^1.00" in found[2]
    assert "The iterations of gd go as n^0.00" in found[3]
    assert "At 8 variables a gradient of gd is worth 18 function values" in found[4]


def test_the_largest_size_with_both_kinds_has_the_price_of_a_gradient() -> None:
    table = pd.concat(
        [*(arrivals("gd", n, [9, 10, 11]) for n in (2, 8, 32)), *(arrivals("powell", n, [20 * n] * 3) for n in (2, 8))],
        ignore_index=True,
    )
    found = said(table)
    assert "gd is the cheapest at 32" not in "".join(found)  # nobody else ran there
    assert any("The calls of powell over those of gd go as" in sentence for sentence in found)
    assert any("At 8 variables a gradient of gd is worth 16 function values" in sentence for sentence in found)


def test_a_verdict_says_what_cannot_be_said() -> None:
    table = pd.concat([arrivals("gd", 2, [9]), arrivals("powell", 2, [40])], ignore_index=True)
    found = said(table)
    assert found[-2:] == [
        "There is one run of each solver and problem: nothing can be said about chance, and no interval is known.",
        "How the cost grows with the number of variables cannot be said of sphere (uniform): there is one size.",
    ]
    assert not any("nan" in sentence or "inf" in sentence.replace("information", "") for sentence in found)


def test_runs_of_one_kind_do_not_say_what_a_gradient_is_worth() -> None:
    assert "What a gradient is worth cannot be said: the only solver, gd, uses gradients." in said(
        arrivals("gd", 2, [9, 9])
    )


def test_all_of_what_failed_is_said_without_a_number_that_is_none() -> None:
    table = pd.concat([arrivals("gd", 2, [0], "elsewhere"), arrivals("powell", 2, [0], "elsewhere")], ignore_index=True)
    found = said(table)
    assert "No run reached a gap of 0.01, of 2 runs; budget or time ended none of 2." in found
    assert not any("nan" in sentence or "inf " in sentence for sentence in found)


def test_the_start_with_the_most_initial_points_speaks() -> None:
    fixed = arrivals("gd", 2, [1, 1, 1, 1], start="published", trial=["published 0", "published 1"] * 2)
    table = pd.concat([fixed, arrivals("gd", 2, [5, 6]), arrivals("powell", 2, [50, 60])], ignore_index=True)
    assert said(table)[0].startswith("sphere, uniform, gap 0.01: gd is the cheapest")
