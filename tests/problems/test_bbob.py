"""COCO's functions and COCO's own count."""

import cocoex
import numpy as np
import pytest

from mdsbench import minimize
from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.problems import bbob, starts
from mdsbench.problems.problem import find
from mdsbench.registry import libraries
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute


@pytest.fixture(scope="module")
def suite() -> cocoex.Suite:
    return cocoex.Suite("bbob", "instances: 1-3", "dimensions: 2,5,10")


@pytest.mark.parametrize("function", range(1, 25))
def test_values_are_those_of_cocos_suite(suite: cocoex.Suite, function: int) -> None:
    for n, instance in ((2, 1), (5, 3)):
        theirs = suite.get_problem_by_function_dimension_instance(function, n, instance)
        ours = find(f"bbob(function={function}, n={n}, instance={instance})")
        for x in np.random.default_rng(function).uniform(-5, 5, size=(5, n)):
            assert ours.value(x) == theirs(x)
            assert ours.value(x) >= ours.best_known
        np.testing.assert_array_equal(starts.x0(ours), theirs.initial_solution)


@pytest.mark.parametrize("solver", ["nelder-mead", "cma-es", "l-bfgs-b[central-difference]"])
def test_evaluations_are_as_many_as_coco_counts(
    suite: cocoex.Suite, solver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "bbob(function=8, n=5, instance=2)"
    plain = execute(Cell(name, solver, "x0", Limits(calls=400)))
    counting = suite.get_problem_by_function_dimension_instance(8, 5, 2)
    assert counting.evaluations == 0
    monkeypatch.setattr(bbob, "coco_function", lambda *_: _Counting(counting))
    run = execute(Cell(name, solver, "x0", Limits(calls=400)))
    assert run.spent.evaluations == counting.evaluations > 100
    assert run.looks == 0
    assert run.final_loss == plain.final_loss == counting.best_observed_fvalue1


class _Counting:
    """A function of COCO's suite, which counts, with the best value that a bare one tells."""

    def __init__(self, problem: cocoex.Problem) -> None:
        self._problem = problem

    def __call__(self, x: np.ndarray) -> float:
        return float(self._problem(x))

    def best_value(self) -> float:
        return 0.0


def test_a_solver_that_takes_a_gradient_is_told_to_take_differences() -> None:
    with pytest.raises(UsageError, match=r"give jac=, or a source such as gd\[central-difference\]"):
        minimize("l-bfgs-b", "bbob-3", [0.0, 0.0, 0.0], budget=10)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bbob(function=25)", "the function goes from 1 to 24, not 25"),
        ("bbob(function=0)", "the function goes from 1 to 24, not 0"),
        ("bbob-1", "the number of variables goes from 2 to 40, not 1"),
        ("bbob-41", "the number of variables goes from 2 to 40, not 41"),
        ("bbob(instance=0)", "the instance goes from 1 to"),
    ],
)
def test_what_does_not_exist_is_refused_in_a_line(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        find(name)


def test_a_missing_library_is_said_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match="is not installed: python -m pip install coco-experiment"):
        find("bbob-5")
