"""Solvers from libraries: they end at the very call, draw from rng alone, and are loaded only where used."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.oracle.oracle import Oracle
from mdsbench.registry.registry import SOLVERS
from mdsbench.registry.spec import parse
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute

LIBRARY = [name for name, entry in SOLVERS.items() if entry.function.__module__.split(".")[-1] != "gradient_descent"]
OPTIONS = [
    "least-squares(method=lm)",
    "least-squares(method=dogbox)",
    "dual-annealing(local_search=false)",
    "differential-evolution(popsize=1)",
    "differential-evolution(polish=false)",
    "cma-es(popsize=4)",
    "multistart(solver=nelder-mead(adaptive=true))",
    "multistart(solver=newuoa)",
]


def problem_for(solver: str) -> str:
    return "rosenbrock-2" if solver == "grid" else "cities-6"


@pytest.mark.parametrize("solver", [*LIBRARY, *OPTIONS])
def test_a_run_ends_at_exactly_the_budgeted_call(solver: str) -> None:
    for calls in (1, 2, 12, 13, 14, 24, 25, 26, 61):
        run = execute(Cell(problem_for(solver), solver, "published", Limits(calls=calls)))
        spent = run.spent.evaluations + run.spent.gradients + run.spent.hessian_vectors
        assert (run.ending, spent) == ("budget", calls) or (run.ending == "converged" and spent <= calls)


@pytest.mark.parametrize("solver", [*LIBRARY, *OPTIONS])
def test_randomness_comes_from_rng_alone(solver: str) -> None:
    before = np.random.get_state()[1].copy()  # type: ignore[index]  # noqa: NPY002
    execute(Cell(problem_for(solver), solver, "uniform", Limits(calls=200)))
    assert np.array_equal(np.random.get_state()[1], before)  # type: ignore[index]  # noqa: NPY002


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[np.ndarray, list[np.ndarray]]]:
    """Each iterate of a run, with the positions evaluated before it."""
    iterates: list[tuple[np.ndarray, list[np.ndarray]]] = []
    evaluated: list[np.ndarray] = []
    value, iterate = Oracle.value, Oracle.iterate

    def recorded_value(self: Oracle, x: np.ndarray) -> float:
        evaluated.append(x.copy())
        return value(self, x)

    def recorded_iterate(self: Oracle, x: np.ndarray) -> None:
        iterates.append((x.copy(), evaluated[:]))
        iterate(self, x)

    monkeypatch.setattr(Oracle, "value", recorded_value)
    monkeypatch.setattr(Oracle, "iterate", recorded_iterate)
    return iterates


@pytest.mark.parametrize("solver", ["nelder-mead", "powell", "cobyla", "cobyqa", "newuoa"])
def test_an_iterate_is_a_place_that_was_evaluated_before(
    solver: str, seen: list[tuple[np.ndarray, list[np.ndarray]]]
) -> None:
    run = execute(Cell("cities-6", solver, "published", Limits(calls=400)))
    assert len(seen) >= run.spent.iterations > 0
    for x, evaluated in seen:
        assert min(np.abs(np.array(evaluated) - x).max(axis=1)) < 1e-15
    assert run.path[-1][0].loss < 0.5 * run.start_loss


def test_an_iterate_of_cma_es_lies_between_the_places_of_its_generation(
    seen: list[tuple[np.ndarray, list[np.ndarray]]],
) -> None:
    run = execute(Cell("cities-6", "cma-es(popsize=8)", "published", Limits(calls=400)))
    assert len(seen) == run.spent.iterations == 50
    for generation, (x, evaluated) in enumerate(seen, 1):
        drawn = np.array(evaluated[-8:])
        assert len(evaluated) == 8 * generation
        assert (drawn.min(axis=0) < x).all()
        assert (x < drawn.max(axis=0)).all()
    assert run.path[-1][0].loss < 0.5 * run.start_loss


def test_a_line_search_pays_one_gradient_a_point_and_no_value() -> None:
    for solver in ("cg", "bfgs", "l-bfgs-b", "newton-cg", "trust-ncg"):
        run = execute(Cell("cities-6", solver, "published", Limits(calls=1000)))
        assert run.spent.evaluations == 0
        assert run.spent.gradients >= run.spent.iterations
        assert (run.spent.hessian_vectors > 0) == (SOLVERS[solver].uses == "hessian")


def test_least_squares_pays_residuals_as_values_and_jacobians_as_gradients() -> None:
    run = execute(Cell("cities-6", "least-squares", "published", Limits(calls=1000)))
    assert run.ending == "converged"
    assert run.spent.gradients == run.spent.iterations + 1  # one at the start
    assert run.spent.evaluations > run.spent.iterations
    assert run.spent.terms == 15 * (run.spent.evaluations + run.spent.gradients)


@pytest.mark.parametrize(
    ("solver", "name", "message"),
    [
        ("grid", "cities-6", "grid takes one or two variables, not 12"),
        ("least-squares", "cities-6(loss=absolute)", "is no sum of squares: take another solver"),
        ("newton-cg", "cities-6(loss=absolute)", "has no Hessian-vector product"),
        ("random-search(radius=0.0)", "cities-6", "radius=0: it is a positive number"),
        ("multistart(solver=multistart)", "cities-6", "would never end"),
        ("multistart(solver=gd[spsa])", "cities-6", r"write multistart\[spsa\]\(solver=gd\)"),
        ("multistart(solver=nothing)", "cities-6", "there is no solver 'nothing'"),
        ("cma-es(popsize=many)", "cities-6", "popsize takes a whole number"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(solver: str, name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        execute(Cell(name, solver, "published", Limits(calls=100)))
    assert "\n" not in str(caught.value)


def test_a_missing_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nlopt", None)
    with pytest.raises(UsageError, match=r"pip install 'mdsbench\[nlopt\]'"):
        execute(Cell("cities-6", "newuoa", "published", Limits(calls=10)))


def test_loading_a_library_is_no_part_of_the_solvers_time() -> None:
    script = (
        "import sys; from mdsbench.oracle.account import Limits; from mdsbench.runs.cell import Cell\n"
        "from mdsbench.runs.execute import execute\n"
        "assert not {'cma', 'nlopt', 'matplotlib', 'pandas'} & set(sys.modules)\n"
        "for solver in ('cma-es', 'newuoa'):\n"
        "    print(execute(Cell('cities-6', solver, 'published', Limits(calls=10))).spent.seconds)"
    )
    printed = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert max(map(float, printed.split())) < 0.1


def test_multistart_asks_what_its_solver_asks_and_goes_on_from_elsewhere() -> None:
    assert SOLVERS.uses(parse("multistart")) == "gradient"
    assert SOLVERS.uses(parse("multistart(solver=nelder-mead(adaptive=true))")) == "value"
    assert SOLVERS.uses(parse("multistart(solver=least-squares)")) == "residuals"
    once = execute(Cell("cities-9", "l-bfgs-b", "uniform(seed=3)", Limits(calls=2000)))
    again = execute(Cell("cities-9", "multistart", "uniform(seed=3)", Limits(calls=2000)))
    assert once.ending == "converged"
    assert again.ending == "budget"
    assert again.gap < 1e-6 < once.gap


def test_grid_asks_each_point_of_ever_finer_grids_once() -> None:
    run = execute(Cell("sphere-2", "grid", "zeros", Limits(calls=1 + 9 + 16 + 56)))  # 3 x 3, 5 x 5, 9 x 9
    assert run.ending == "budget"
    assert np.array_equal(run.final_x, [0.25, 0.25])
    line = execute(Cell("sphere-1", "grid", "zeros", Limits(calls=1 + 3 + 2 + 4)))
    assert np.array_equal(line.final_x, [0.25])


def test_the_population_of_differential_evolution_is_what_the_tuning_found() -> None:
    with (Path(__file__).parents[2] / "data" / "tune_differential_evolution.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    gaps = {size: [float(row["gap"]) for row in rows if row["popsize"] == str(size)] for size in (3, 15)}
    assert SOLVERS["differential-evolution"].options["popsize"] == 3
    assert max(gaps[3]) < 1e-6 < min(gaps[15])
    assert not {row["problem"] for row in rows} & {"cities-6", "cities-15", "cities-34"}
