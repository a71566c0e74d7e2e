"""What libraries say that they have called beside what the oracle counted: the table of docs/audit.md.

python -m venv .venv-audit
.venv-audit/bin/python -m pip install -c constraints.txt -e '.[nlopt]' optimagic==0.5.3
.venv-audit/bin/python benchmarks/audit.py

Without optimagic, its rows are left out. Another argument is the name of another problem. All start at -1.2, 1, -1.2,
1, ..., the start that Moré, Garbow and Hillstrom 1981 give for Rosenbrock's function.
"""

import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize

from mdsbench.oracle.account import Limits
from mdsbench.oracle.claims import Claims, claims_of
from mdsbench.oracle.oracle import GradientOracle, Oracle
from mdsbench.problems.problem import Problem, find
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute_on

PROBLEM = "rosenbrock-10"
CALLS = 50_000
BY_DIFFERENCES = ("CG", "BFGS", "L-BFGS-B", "TNC", "SLSQP", "trust-constr")
BY_VALUES = ("Nelder-Mead", "Powell", "COBYLA", "COBYQA")
WRAPPED = (
    *("cg", "bfgs", "l-bfgs-b", "newton-cg", "trust-ncg", "bfgs[forward-difference]", "l-bfgs-b[forward-difference]"),
    *("nelder-mead", "powell", "cobyla", "cobyqa", "cma-es", "newuoa"),
)
OPTIMAGIC = (
    *("scipy_conjugate_gradient", "scipy_bfgs", "scipy_lbfgsb", "scipy_truncated_newton", "scipy_slsqp"),
    *("scipy_trust_constr", "scipy_neldermead", "scipy_powell"),
)


class Row(NamedTuple):
    """What a method was given, what its library says, what its profiles show, and the oracle's counts."""

    method: str
    given: str
    says: Claims
    shown: int | None
    counted: tuple[int, int, int]

    def __str__(self) -> str:
        says = [" " if number is None else f"{number:,}" for number in self.says[1:]]
        shown = "" if self.shown is None else f"{self.shown:,}"
        return f"| {' | '.join([self.method, self.given, *says, shown, *(f'{count:,}' for count in self.counted)])} |"


def scipy_rows(task: Problem) -> Iterator[Row]:
    """SciPy's minimize, called as its documentation shows."""
    for method in (*BY_DIFFERENCES, *BY_VALUES):
        yield plain(f"SciPy, {method}", task, partial(minimize, method=method))
    for method in BY_DIFFERENCES:
        oracle, x0 = asked(task)
        result = minimize(oracle.value, x0, jac=oracle.gradient, method=method)
        yield row(f"SciPy, {method}", "values and gradients", result, oracle)


def wrapped_rows(task: Problem) -> Iterator[Row]:
    """The solvers of this package that call a library and end by its rules."""
    for solver in WRAPPED:
        run = execute_on(task, start(task), Cell(task.name, solver, "published", Limits(calls=CALLS)), seed=0)
        if run.claims:
            spent = run.spent
            counted = spent.evaluations, spent.gradients, spent.hessian_vectors
            yield Row(f"`{solver}` ({run.claims.library})", "as it asks", run.claims, None, counted)


def optimagic_rows(task: Problem) -> Iterator[Row]:
    """optimagic's minimize without a gradient; its profiles show the length of the history."""
    import optimagic

    for algorithm in OPTIMAGIC:
        yield plain(
            f"optimagic, {algorithm}",
            task,
            partial(optimagic.minimize, algorithm=algorithm),
            shown=lambda result: len(result.history.fun),
        )


def plain(
    method: str, task: Problem, solve: Callable[[Any, Any], Any], shown: Callable[[Any], int] | None = None
) -> Row:
    """A method that is given values only."""
    oracle, x0 = asked(task)
    result = solve(oracle.value, x0)
    return row(method, "values", result, oracle, shown and shown(result))


def row(method: str, given: str, result: Any, oracle: Oracle, shown: int | None = None) -> Row:
    """The row of a result; a result without numbers is a row without numbers."""
    counted = oracle.evaluations, oracle.gradients, oracle.hessian_vectors
    return Row(method, given, claims_of(result) or Claims(), shown, counted)


def asked(task: Problem) -> tuple[GradientOracle, Any]:
    """An oracle without limits, and the start."""
    return GradientOracle(task, start(task), Limits()), start(task)


def start(task: Problem) -> Any:
    """The start, a new array."""
    return np.resize([-1.2, 1.0], task.dimension)


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    task = find(sys.argv[1] if len(sys.argv) > 1 else PROBLEM)
    print(
        "| method | is given | says: values | gradients | products | profile | counted: values | gradients | products |"
    )
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for line in scipy_rows(task):
        print(line)
    for line in wrapped_rows(task):
        print(line)
    if find_spec("optimagic"):
        for line in optimagic_rows(task):
            print(line)


if __name__ == "__main__":
    main()
