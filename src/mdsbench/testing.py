"""What every solver must hold to, one check a promise; each raises Broken and says what to mend.

The test suite runs them all on everything in the registry, so a solver is tested by being registered.
"""

import multiprocessing
from collections.abc import Callable, Iterator

import numpy as np
from pebble import ProcessExpired, ProcessPool

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.problems.problem import find
from mdsbench.registry.registry import SOLVERS, SOURCES
from mdsbench.registry.spec import parse
from mdsbench.runs.execute import Cell, Run, execute


class Broken(AssertionError):
    """A promise that a solver does not keep; the message says what to mend."""


Check = Callable[[str], None]
CHECKS: dict[str, Check] = {}


def promise(words: str) -> Callable[[Check], Check]:
    """Enter a check under the promise that it tests."""

    def enter(check: Check) -> Check:
        CHECKS[words] = check
        return check

    return enter


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
    entry = SOLVERS.find(parse(solver).name)
    if not entry.summary:
        raise Broken("it has no docstring: say in one line what it does")
    if not entry.reference.strip():
        raise Broken("it has no reference: say where it comes from")


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
        pairs = find(finished.cell.problem).pairs
        spent = finished.evaluations + finished.gradients + finished.hessian_vectors
        if finished.pairs > calls * pairs:
            raise Broken(f"it spent {spent} calls of {calls}")
        if finished.ending == "budget" and finished.pairs <= (calls - 1) * pairs:
            raise Broken(f"it was out of budget after {spent} calls of {calls}")


@promise("asks only for what it declared")
def declared_calls(solver: str) -> None:
    finished, spec = run(solver), parse(solver)
    uses = SOURCES.find(spec.source.name).uses if spec.source else SOLVERS.uses(spec)
    if uses == "value" and finished.gradients:
        raise Broken("it declares itself derivative-free and asked for a gradient")
    if uses != "hessian" and finished.hessian_vectors:
        raise Broken("it asked for a Hessian-vector product that it did not declare")


@promise("stops at the call that reaches its target")
def stops_at_target(solver: str) -> None:
    improvements = run(solver, calls=2000).improvements
    halfway = improvements[len(improvements) // 2]
    finished = run(solver, calls=2000, target=halfway.loss)
    if finished.ending != "target" or finished.pairs != halfway.pairs:
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


def examine(solver: str, *, seconds: float = 60.0) -> Iterator[tuple[str, str]]:
    """Each promise, and in words what is wrong with it: nothing where the solver keeps it.

    Every check may take that many seconds in a process that is killed afterwards, so a solver that never stops is
    found out. Raises UsageError where there is no such solver.
    """
    SOLVERS.bind(parse(solver))
    pool = ProcessPool(max_workers=1, context=multiprocessing.get_context("spawn"))
    try:
        for words in CHECKS:
            try:
                yield words, pool.schedule(_fault, args=(words, solver), timeout=seconds).result()
            except TimeoutError:
                yield words, f"it was still running after {seconds:g} s: does it stop when the oracle raises?"
            except ProcessExpired as expired:
                yield words, f"its process died with exit code {expired.exitcode}"
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def _fault(words: str, solver: str) -> str:
    try:
        CHECKS[words](solver)
    except Broken as broken:
        return str(broken)
    return ""
