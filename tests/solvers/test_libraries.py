"""Solvers from libraries: they end at the very call, draw from rng alone, and are loaded only where used."""

import csv
import functools
import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import optimize
from scipy.optimize import _cobyla_py, _lbfgsb_py, _optimize, _trustregion

from mdsbench import minimize
from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.oracle.oracle import Oracle
from mdsbench.problems.problem import Problem
from mdsbench.registry.libraries import missing
from mdsbench.registry.registry import SOLVERS
from mdsbench.registry.spec import parse
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute, execute_on
from mdsbench.runs.run import Run

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
        reached = run.ending, run.calls
        assert reached == ("budget", calls) or (run.ending in ("converged", "gave-up") and run.calls <= calls)


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
    with pytest.raises(UsageError, match=r"python -m pip install nlopt"):
        execute(Cell("cities-6", "newuoa", "published", Limits(calls=10)))


@pytest.mark.slow
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


@pytest.fixture
def enter() -> Iterator[Callable[..., None]]:
    """Registers a solver for one test."""

    def register(function: Callable[..., Any], uses: Any) -> None:
        SOLVERS.register("stuck", uses=uses, reference="this test")(function)

    yield register
    SOLVERS.pop("stuck", None)


QUESTIONS: dict[str, tuple[Any, Callable[[Any, np.ndarray], object]]] = {
    "below": ("comparison", lambda oracle, x: oracle.below(x, x + oracle.terms)),
    "value": ("value", lambda oracle, x: oracle.value(x)),
    "directional_derivative": ("directional", lambda oracle, x: oracle.directional_derivative(x, x)),
    "gradient": ("gradient", lambda oracle, x: oracle.gradient(x)),
    "hessian_vector": ("hessian", lambda oracle, x: (oracle.gradient(x), oracle.hessian_vector(x, x))),
    "residuals": ("residuals", lambda oracle, x: oracle.residuals(x)),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_multistart_starts_a_solver_anew_that_gets_no_further_whatever_it_asks(
    question: str, enter: Callable[..., None]
) -> None:
    uses, ask = QUESTIONS[question]
    starts = []

    def stuck(oracle: Any, x: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Asks where it is for ever."""
        starts.append(x)
        while True:
            ask(oracle, x)
            yield x

    enter(stuck, uses)
    run = execute(Cell("cities-6", "multistart(solver=stuck, stall=20)", "uniform(seed=3)", Limits(calls=500)))
    assert run.ending == "budget"
    assert 500 // 30 <= len(starts) <= 500 // 20 + 1


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


def given(
    function: Callable[[np.ndarray], float],
    solver: str,
    x: list[float],
    *,
    calls: int = 2000,
    bounds: tuple[list[float], list[float]] | None = None,
    **derivatives: Any,
) -> Run:
    """A run on a function of this test."""
    box = None if bounds is None else (np.array(bounds[0]), np.array(bounds[1]))
    values = {"value": function, "value_and_gradient": lambda x: (function(x), x)} | derivatives
    task = Problem(name="given", dimension=len(x), bounds=box, best_known=np.nan, provenance="unknown", **values)
    return execute_on(task, np.array(x), Cell("given", solver, "given", Limits(calls=calls)), 0)


def far_away(x: np.ndarray) -> float:
    return float(((x - 2) ** 2).sum() + 0.1 * x[0] * x[1])


BOUNDED = [name for name, entry in SOLVERS.items() if entry.bounds]


@pytest.mark.parametrize("solver", [*BOUNDED, "least-squares(method=dogbox)", "multistart(solver=nelder-mead)"])
def test_a_solver_that_takes_bounds_never_evaluates_outside_and_finds_the_best_inside(solver: str) -> None:
    low, high = [0.0, -1.0], [0.5, 0.25]
    asked: list[np.ndarray] = []

    def value(x: np.ndarray) -> float:
        asked.append(x.copy())
        return far_away(x)

    run = given(
        value,
        solver,
        [0.2, 0.1],
        calls=400,
        bounds=(low, high),
        value_and_gradient=lambda x: (value(x), 2 * (x - 2) + 0.1 * x[::-1]),
        residuals=lambda x: (value(x), x - 2)[1],
        jacobian=lambda _: np.eye(2),
    )
    assert run.ending in ("converged", "budget"), run.message
    assert all((low <= x).all() and (x <= high).all() for x in [*asked, *(x for _, x in run.path)])
    if not SOLVERS[parse(solver).name].floor:
        assert run.final_x == pytest.approx(high, abs=1e-3)


@pytest.mark.parametrize("solver", ["nelder-mead", "powell", "cobyla", "cobyqa", "cma-es", "newuoa", "l-bfgs-b"])
def test_a_bound_may_be_infinite(solver: str) -> None:
    bounds = [-np.inf, -1.0], [0.5, np.inf]
    run = given(
        lambda x: float(((x - 2) ** 2).sum()),
        solver,
        [0.2, 0.1],
        bounds=bounds,
        value_and_gradient=lambda x: (float(((x - 2) ** 2).sum()), 2 * (x - 2)),
    )
    assert run.final_x == pytest.approx([0.5, 2], abs=1e-3)


@pytest.mark.parametrize("solver", ["nelder-mead", "powell", "cobyla", "cobyqa", "l-bfgs-b", "differential-evolution"])
def test_a_variable_may_be_fixed(solver: str) -> None:
    run = given(
        far_away,
        solver,
        [0.2, 0.1],
        bounds=([0.2, -1.0], [0.2, 0.5]),
        value_and_gradient=lambda x: (far_away(x), 2 * (x - 2) + 0.1 * x[::-1]),
    )
    assert run.ending == "converged"
    assert run.final_x == pytest.approx([0.2, 0.5], abs=1e-3)


@pytest.mark.parametrize(
    ("solver", "bounds", "message"),
    [
        ("differential-evolution", ([0.0, -np.inf], [1.0, 1.0]), "give finite bounds for every variable"),
        ("random-search", ([0.0, 0.0], [1.0, np.inf]), "give finite bounds for every variable"),
        ("cma-es", ([0.2, 0.0], [0.2, 1.0]), "cma-es takes no fixed variable"),
        ("least-squares(method=lm)", ([0.0, 0.0], [1.0, 1.0]), "takes no bounds"),
        ("multistart(solver=bfgs)", ([0.0, 0.0], [1.0, 1.0]), "bfgs does not keep to bounds"),
        ("nelder-mead(initial_simplex=3)", None, r"an array of finite numbers, shape \(3, 2\)"),
        ("least-squares(loss=hubert)", None, "loss is one of linear, soft_l1, huber"),
        ("differential-evolution(strategy=best)", None, "strategy is one of best1bin"),
        ("differential-evolution(mutation=much)", None, "give a number, or two as in"),
        ("differential-evolution(updating=never)", None, "updating is one of immediate, deferred"),
        ("bfgs(c1=0.5, c2=0.1)", None, "0 < c1 < c2 < 1"),
        ("trust-ncg(eta=0.9)", None, "trust-ncg: "),
        ("dual-annealing(visit=9.0)", None, "they are in"),
        ("cma-es(sigma=-1.0)", None, "cma"),
        ("l-bfgs-b(maxls=0)", None, r"l-bfgs-b\(maxls=0\): it is a positive number"),
        ("multistart(stall=-1)", None, "it is a number of calls"),
    ],
)
def test_bounds_and_options_that_a_library_does_not_take_are_said_in_one_line(
    solver: str, bounds: Any, message: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        given(far_away, solver, [0.2, 0.1], bounds=bounds, residuals=lambda x: x - 2, jacobian=lambda _: np.eye(2))
    assert "\n" not in str(caught.value)


def test_a_simplex_and_directions_can_be_given_from_python() -> None:
    vertices = np.array([[3.0, 3.0], [3.0, 4.0], [4.0, 3.0]])
    found = minimize("nelder-mead", far_away, [0.0, 0.0], budget=3, options={"initial_simplex": vertices})
    assert found.fun == far_away(vertices[0])
    flat = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    with pytest.raises(UsageError, match="lie in one plane"):
        minimize("nelder-mead", far_away, [0.0, 0.0], budget=3, options={"initial_simplex": flat})
    turned = minimize("powell", far_away, [0.0, 0.0], budget=200, options={"direc": np.array([[1, 1], [1, -1]])})
    assert turned.success


def test_the_defaults_of_options_are_the_librarys() -> None:
    theirs = {
        "nelder-mead": _optimize._minimize_neldermead,
        "powell": _optimize._minimize_powell,
        "bfgs": _optimize._minimize_bfgs,
        "cg": _optimize._minimize_cg,
        "newton-cg": _optimize._minimize_newtoncg,
        "l-bfgs-b": _lbfgsb_py._minimize_lbfgsb,
        "cobyla": _cobyla_py._minimize_cobyla,
        "trust-ncg": _trustregion._minimize_trust_region,
        "dual-annealing": optimize.dual_annealing,
        "differential-evolution": optimize.differential_evolution,
        "least-squares": optimize.least_squares,
    }
    ours_alone = {"popsize", "polish", "mutation", "x_scale", "ftol of l-bfgs-b"}  # the docstrings say why
    for solver, function in theirs.items():
        defaults = {p.name: p.default for p in inspect.signature(function).parameters.values()}
        for name, default in SOLVERS[solver].options.items():
            if name in defaults and not {name, f"{name} of {solver}"} & ours_alone:
                assert default == defaults[name], (solver, name)


def test_what_a_library_calls_no_success_is_giving_up_in_its_words() -> None:
    for solver in ("bfgs", "cg"):
        run = execute(Cell("cities-6(noise=0.001)", solver, "uniform(seed=3)", Limits(calls=1500)))
        assert (run.ending, run.message) == ("gave-up", "Desired error not necessarily achieved due to precision loss.")
    run = execute(Cell("cities-6", "cma-es(tolconditioncov=2.0)", "published", Limits(calls=1500)))
    assert run.ending == "gave-up"
    assert "conditioncov" in run.message
    run = given(lambda x: float((x - 2) @ (x - 2)), "newuoa(xtol=0.0)", [0.0, 8.0])
    assert (run.ending, run.message) == ("gave-up", "NLopt's code -4: roundoff errors limit the progress")


def test_what_a_library_raises_itself_is_giving_up_and_what_the_function_raises_is_an_error() -> None:
    run = given(lambda _: np.inf, "dual-annealing", [1.0, 1.0])
    assert run.ending == "gave-up"
    assert run.message.startswith("dual-annealing failed: ")
    assert "\n" not in run.message

    def fails(x: np.ndarray) -> float:
        raise ValueError("mine")

    for solver in ("nelder-mead", "newuoa", "cma-es", "differential-evolution"):
        run = given(fails, solver, [1.0, 1.0])
        assert run.ending == "error"
        assert "mine" in run.message


def test_a_gradient_below_an_absolute_tolerance_at_the_start_is_said() -> None:
    def value(x: np.ndarray) -> float:
        return float(((x / 1e8 - 1) ** 2).sum())

    for solver in ("bfgs", "l-bfgs-b"):
        run = given(value, f"{solver}[central-difference]", [2e8, 3e8])
        assert run.ending == "converged"
        assert "it stopped at its start, because gtol=1e-05 is absolute: gtol=0 goes on" in run.message
        assert given(value, f"{solver}[central-difference](gtol=0.0)", [2e8, 3e8]).final_loss < 1e-12


def behind_a_wall(x: np.ndarray) -> float:
    return np.inf if x[0] <= 0.1 else float(np.log(x[0]) + x[0] ** 2 + x[1] ** 2)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("method", ["Nelder-Mead", "Powell", "COBYLA", "COBYQA"])
@pytest.mark.parametrize("outside", [np.inf, np.nan])
def test_at_a_wall_scipys_methods_do_what_they_do_without_us(method: str, outside: float) -> None:
    run = given(lambda x: outside if x[0] <= 0.1 else behind_a_wall(x), method.lower(), [1.0, 1.0])
    with np.errstate(all="ignore"):
        theirs = optimize.minimize(behind_a_wall, [1.0, 1.0], method=method)
    assert run.ending == "converged"
    assert run.final_loss == pytest.approx(theirs.fun)
    assert run.spent.evaluations == theirs.nfev


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "solver",
    ["cma-es", "newuoa", "differential-evolution", "dual-annealing", "random-search", "restarted-nelder-mead", "grid"],
)
def test_at_a_wall_methods_that_compare_values_go_on(solver: str) -> None:
    run = given(behind_a_wall, solver, [1.0, 1.0], calls=500)
    assert run.ending in ("converged", "budget"), run.message
    assert run.final_loss < -1.9  # -2.29 at the wall


@pytest.mark.parametrize(
    "solver",
    [
        "multistart(solver=gd)",
        "multistart(solver=smacof)",
        "multistart[central-difference](solver=gd)",
        "multistart[mini-batch](solver=gd(step=power))",
    ],
)
def test_multistart_restarts_a_solver_that_does_not_return(solver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    starts: list[int] = []
    name = "smacof" if "smacof" in solver else "gd"
    entry = SOLVERS[name]

    def noted(oracle: Any, x: Any, rng: Any, **options: Any) -> Any:
        starts.append(oracle.terms)
        return entry.function(oracle, x, rng, **options)

    monkeypatch.setitem(SOLVERS, name, replace(entry, function=functools.wraps(entry.function)(noted)))
    run = execute(Cell("cities-6", solver, "uniform(seed=3)", Limits(calls=5000)))
    assert run.ending == "budget"
    assert len(starts) > 1


def test_multistart_of_gradient_descent_leaves_a_bad_start() -> None:
    stuck, freed = (
        execute(Cell("cities-6", solver, "zeros", Limits(calls=3000))) for solver in ("gd", "multistart(solver=gd)")
    )
    assert stuck.gap > 0.5
    assert freed.gap < 1e-6


def test_multistart_goes_on_after_a_solver_that_gives_up() -> None:
    run = execute(Cell("cities-6(noise=0.001)", "multistart(solver=bfgs)", "uniform(seed=3)", Limits(calls=1500)))
    assert run.ending == "budget"


def test_before_a_campaign_one_can_ask_which_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nlopt", None)
    assert missing("nelder-mead") == ""
    for solver in ("newuoa", "multistart(solver=newuoa)"):
        assert missing(solver) == "nlopt"
    monkeypatch.setitem(sys.modules, "torch", None)
    assert missing("gd[autodiff]") == "torch"


@pytest.mark.parametrize("solver", ["nelder-mead", "cobyqa"])
@pytest.mark.slow
def test_a_library_that_finds_no_memory_ends_its_run(solver: str) -> None:
    """A simplex or a model of 100,000 variables has 10^10 numbers."""
    code = f"""
import numpy, resource, mdsbench
resource.setrlimit(resource.RLIMIT_AS, (9 * 10**9,) * 2)
print(mdsbench.minimize({solver!r}, lambda x: float(x @ x), numpy.ones(100_000), budget=10).ending)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (found.stdout, found.stderr) == ("memory\n", "")
