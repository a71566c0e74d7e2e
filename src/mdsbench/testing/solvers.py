"""What every solver promises, one check a promise; each raises Broken and says what to mend.

The test suite runs them all on everything in the registry, so a solver is tested by being registered.
"""

from collections.abc import Iterator

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.problems.problem import find
from mdsbench.registry.registry import DERIVATIVE_FREE, SOLVERS, SOURCES
from mdsbench.registry.spec import parse
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.runs.run import Run
from mdsbench.testing import promises
from mdsbench.testing.promises import Broken, Promises

CHECKS: Promises[str] = Promises()
promise = CHECKS.promise


def run(
    solver: str, problem: str = "", start: str = "published", *, calls: int = 300, target: float | None = None
) -> Run:
    """The solver from its start, on six cities unless it refuses so many variables; an error is Broken."""
    limits = Limits(calls=calls, target=target)
    try:
        finished = execute(Cell(problem or "cities-6", solver, start, limits))
    except UsageError:
        if problem:
            raise
        finished = execute(Cell("sphere-2", solver, start, limits))
    if finished.ending == "error":
        raise Broken(f"it failed: {finished.message.partition(chr(10))[0]}")
    return finished


@promise("has a docstring and a reference")
def documented(solver: str) -> None:
    if SOLVERS.is_ours(parse(solver).name) and (missing := _undocumented(solver)):
        raise Broken(missing)


@promise("gives the same trace from the same seed")
def repeatable(solver: str) -> None:
    first, second = run(solver), run(solver)
    losses = [[moment.loss for moment in finished.improvements] for finished in (first, second)]
    if losses[0] != losses[1] or not np.array_equal(first.final_x, second.final_x):
        raise Broken("two runs from one seed differ: take all randomness from rng")


@promise("spends its budget to the last call and not one more")
def within_budget(solver: str) -> None:
    for calls in (1, 7, 50):
        finished = run(solver, calls=calls)
        pairs = find(finished.cell.problem).terms
        spent = finished.spent.calls
        if finished.spent.terms > calls * pairs:
            raise Broken(f"it spent {spent} calls of {calls}")
        if finished.ending == "budget" and finished.spent.terms <= (calls - 1) * pairs:
            raise Broken(f"it was out of budget after {spent} calls of {calls}")


@promise("asks only for what it declared")
def declared_calls(solver: str) -> None:
    finished, spec = run(solver), parse(solver)
    uses = SOURCES.find(spec.source.name).uses if spec.source else SOLVERS.uses(spec)
    if uses in DERIVATIVE_FREE and finished.spent.calls > finished.spent.evaluations:
        raise Broken("it declares itself derivative-free and asked for a derivative")
    if uses == "directional" and finished.spent.gradients:
        raise Broken("it declares directional derivatives and asked for a gradient")
    if uses != "hessian" and finished.spent.hessian_vectors:
        raise Broken("it asked for a Hessian-vector product that it did not declare")


@promise("stops at the call that reaches its target")
def stops_at_target(solver: str) -> None:
    improvements = run(solver, calls=2000).improvements
    if not improvements:
        raise Broken("it evaluated nothing in a budget of 2,000 calls")
    halfway = improvements[len(improvements) // 2]
    finished = run(solver, calls=2000, target=halfway.loss)
    if finished.ending != "target" or finished.spent.terms != halfway.terms:
        raise Broken(
            f"a loss that it first reached after {halfway.calls} calls, given as its target, ended the run"
            f" ({finished.ending}) after {finished.calls}: it does not stop there, or no two runs are the same"
        )


@promise("does not fail where the gradient is zero, at cities that all lie on one point")
def survives_no_slope(solver: str) -> None:
    run(solver, start="zeros")


@promise("gets to the bottom of a round bowl within 2,000 calls a variable")
def descends_a_bowl(solver: str) -> None:
    if SOLVERS.find(parse(solver).name).floor:
        return
    try:
        finished = run(solver, "sphere-2", calls=4_000, target=1e-6)
    except UsageError:  # what takes no such function says so: SMACOF is for stress only
        return
    if finished.ending != "target":
        raise Broken(
            f"it ended {finished.final_loss:.1e} above the bottom, not within 1e-6"
            f" ({finished.ending}: {finished.message})"
        )


@promise("places six cities to a gap of 1e-6 within 2,000 calls a variable")
def places_six_cities(solver: str) -> None:
    if SOLVERS.find(parse(solver).name).floor:
        return
    start = run(solver, calls=1)
    target = start.best_known + 1e-6 * (start.start_loss - start.best_known)
    finished = run(solver, calls=24_000, target=target)
    if finished.ending != "target":
        raise Broken(f"it ended at a gap of {finished.gap:.1e} ({finished.ending}: {finished.message})")


def check_solver(solver: str, *, seconds: float = 60.0) -> None:
    """Check every promise of the solver of that name, such as `gd` or `mine.py:name`.

    Parameters
    ----------
    solver : str
        A name as on the command line. The checks run in another process, which imports the solver.
    seconds : float, optional
        The time limit of each check.

    Raises
    ------
    AssertionError
        If the solver breaks a promise. The message lists all faults.
    UsageError
        If there is no such solver.

    Examples
    --------
    >>> from mdsbench.testing import check_solver
    >>> check_solver("gd")  # doctest: +SKIP

    """
    promises.require(examine(solver, seconds=seconds), solver)


def examine(solver: str, *, seconds: float = 60.0) -> Iterator[tuple[str, str]]:
    """Yield each promise and its fault in words, which is empty if the solver keeps the promise.

    Every check may take `seconds` in a process that is then killed, so a solver that never stops is found. A solver
    that was registered in this session, not in a file, is checked in this process without a time limit. Raises
    UsageError if there is no such solver.
    """
    if promises.is_only_here(SOLVERS, parse(solver).name):
        yield from ((words, CHECKS.fault(words, solver)) for words in CHECKS)
        return
    if problem := promises.ask(_missing, solver, seconds):
        raise UsageError(problem)
    yield from promises.examine(_fault, list(CHECKS), solver, seconds, ": does it stop when the oracle raises?")


def advice(solver: str, *, seconds: float = 60.0) -> str:
    """What a user's own solver lacks that a registered one must have, in words; empty if it lacks nothing.

    Raises UsageError if the solver cannot be loaded.
    """
    if promises.is_only_here(SOLVERS, parse(solver).name):
        return _advice(solver)
    return promises.ask(_advice, solver, seconds)


def _missing(solver: str) -> str:
    """Why there is no such solver; empty if there is one."""
    try:
        SOLVERS.bind(parse(solver))
    except UsageError as error:
        return str(error)
    return ""


def _advice(solver: str) -> str:
    return "" if SOLVERS.is_ours(parse(solver).name) else _undocumented(solver)


def _undocumented(solver: str) -> str:
    entry = SOLVERS.find(parse(solver).name)
    if not entry.summary:
        return "it has no docstring: say in one line what it does"
    if not entry.reference.strip():
        return "it has no reference: say where it comes from"
    return ""


def _fault(question: promises.Question) -> str:
    return CHECKS.fault(*question)
