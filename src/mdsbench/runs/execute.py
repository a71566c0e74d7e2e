"""One honest execution: a cell goes in, a run comes out, whatever the solver does."""

import traceback
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import replace
from math import inf, nan
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.oracle.account import GaveUp, Limits, SolverError, Stop
from mdsbench.oracle.endings import Ending
from mdsbench.oracle.oracle import GradientOracle, HessianOracle, Oracle, ResidualOracle
from mdsbench.problems import problem
from mdsbench.problems.problem import Array
from mdsbench.registry.registry import SOLVERS, SOURCES, STARTS, Iterates, Uses
from mdsbench.registry.spec import Spec, parse
from mdsbench.runs.cell import Cell
from mdsbench.runs.checkpoints import LONG_PASS, Checkpoints, Journal
from mdsbench.runs.events import Notice, RunProgress, emit
from mdsbench.runs.run import Run, gap, lost
from mdsbench.solvers import gradient_sources
from mdsbench.system import memory

_STOPPED = "the solver stopped by itself"

ORACLES = {"value": Oracle, "gradient": GradientOracle, "hessian": HessianOracle, "residuals": ResidualOracle}


def execute(cell: Cell, snapshots: int = 512, checkpoints: Checkpoints | None = None) -> Run:
    """Run a cell, noting its first `snapshots` iterates, then ever fewer. A solver's failure is an ending.

    A run whose passes are long tells how it goes (`mdsbench.runs.events`), and where there is a folder for checkpoints
    it leaves one there, or goes on from the one that it finds. Raises UsageError where the cell names something that
    does not exist.
    """
    task = problem.find(cell.problem)
    seed = int(replace(cell, limits=Limits()).key, 16)  # so that a run is the beginning of any with wider limits
    x0 = STARTS.bind(parse(cell.start))(task)
    if task.terms < LONG_PASS:
        return execute_on(task, x0, cell, seed, snapshots)
    path = checkpoints.path(cell.key) if checkpoints else None
    with Journal(path, cell.key, notice=lambda text: emit(Notice(text))) as journal:
        return execute_on(task, x0, cell, seed, snapshots, journal)


def execute_on(
    task: problem.Problem, x0: Array, cell: Cell, seed: int, snapshots: int = 512, journal: Journal | None = None
) -> Run:
    """Run a cell's solver, within its limits, on this problem from this start, shape (dimension,)."""
    spec = parse(cell.solver)
    function = SOLVERS.bind(spec)
    source, uses = _source(spec)
    rng = np.random.default_rng(seed)
    noise = rng.spawn(1)[0]  # a stream of its own: the same whatever the solver draws
    task.prepare()
    if journal is None:
        oracle = ORACLES[uses](task, x0, cell.limits, noise, snapshots)
    else:
        oracle = ORACLES[uses](journal.over(task), x0, cell.limits, noise, snapshots, journal.clock)
        journal.on_answer = _reporting(cell, task, oracle, journal)
    with oracle.off_the_clock():  # it may import a large library
        view = source(oracle, rng)
    x0.flags.writeable = False  # a solver that changes its start in place gets an error
    try:
        # an overflow is an ending, not a warning
        with memory.at_most(cell.limits.megabytes), np.errstate(all="ignore"):
            ending, message = _drive(function(view, x0, rng), oracle)
    except UsageError:
        raise
    except GaveUp as reason:
        ending, message = Ending.GAVE_UP, str(reason)
    except SolverError as fault:
        ending, message = Ending.ERROR, str(fault)
    except Stop as stop:
        ending, message = stop.ending, stop.message
    except MemoryError as error:
        ending, message = Ending.MEMORY, f"the memory limit of {cell.limits.megabytes} MB is over: {error}"
    except (Exception, SystemExit) as error:
        ending, message = Ending.ERROR, f"{_in_words(error)}\n{traceback.format_exc()}"
    with suppress(Stop), np.errstate(all="ignore"):
        oracle.settle()
    if oracle.stopped:  # a solver that swallowed it has still ended there
        ending, message = oracle.stopped.ending, oracle.stopped.message
    return Run(
        cell=cell,
        ending=ending,
        message=message,
        spent=oracle.account(),
        dimension=task.dimension,
        terms_per_pass=task.terms,
        start_loss=oracle.path[0][0].loss,
        best_known=task.best_known,
        final_x=oracle.best_x,
        improvements=oracle.improvements,
        path=oracle.path,
    )


def _reporting(cell: Cell, task: problem.Problem, oracle: Oracle, journal: Journal) -> Callable[[], None]:
    """What tells how the run goes, once a second at most."""
    due = -inf

    def report() -> None:
        nonlocal due
        if (now := monotonic()) < due:
            return
        due = now + 1.0
        start_loss = oracle.improvements[0].loss if oracle.improvements else nan
        calls = oracle.terms / task.terms
        name = task.name, cell.solver
        emit(
            RunProgress(
                cell.key,
                *name,
                calls,
                oracle.best_loss,
                gap(oracle.best_loss, start_loss, task.best_known),
                oracle.seconds,
                journal.longest,
            )
        )

    return report


def asks(solver: str) -> Uses:
    """The most that a solver asks of the oracle: with a gradient source, what the source asks."""
    return _source(parse(solver))[1]


def attempt(cell: Cell, snapshots: int = 512, checkpoints: Checkpoints | None = None) -> Run:
    """Run a cell whatever it names: what `execute` raises is an ending too, as is fit for one run among many."""
    try:
        return execute(cell, snapshots, checkpoints)
    except (UsageError, Stop) as error:  # Stop: the start itself is worth nothing
        return lost(cell, Ending.ERROR, str(error))


def _source(spec: Spec) -> tuple[Callable[..., Any], Uses]:
    """What makes of the oracle that which the solver is given, and the kind of oracle that it takes."""
    uses = SOLVERS.uses(spec)
    if spec.source is None:
        return gradient_sources.exact, uses
    if uses != "gradient":
        raise UsageError(f"{spec}: {spec.name} uses no gradient that a source could give; leave out [{spec.source}]")
    return SOURCES.bind(spec.source), SOURCES.find(spec.source.name).uses


def _in_words(error: BaseException) -> str:
    """What an exception of the solver's says, where it was raised, and what to mend where that is known."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = next((f for f in reversed(traceback.extract_tb(error.__traceback__)) if "mdsbench" not in f.filename), last)
    hint = ""
    if isinstance(error, ValueError) and "read-only" in str(error):
        hint = "; x is the start itself: write x = x - ..., not x -= ..."
    elif isinstance(error, AttributeError) and isinstance(error.obj, Oracle):
        needed = "hessian" if error.name == "hessian_vector" else "gradient"
        hint = f"; declare what it uses: @solver(..., uses={needed!r})"
    return f"{type(error).__name__}: {error} ({Path(where.filename).name}, line {where.lineno}){hint}"


def _drive(iterates: Iterates | str | None, oracle: Oracle) -> tuple[Ending, str]:
    """Draw the iterates until the solver has no more; a plain function has run already and returned its message."""
    if isinstance(iterates, str) or (iterates is None and oracle.terms):
        return Ending.CONVERGED, iterates or _STOPPED
    if not isinstance(iterates, Generator):
        wanted = "a solver yields each new x, or calls the oracle and returns a message"
        raise SolverError(f"returned {iterates!r:.60}; {wanted}")
    while True:
        try:
            x = next(iterates)
        except StopIteration as end:
            return Ending.CONVERGED, str(end.value or _STOPPED)
        oracle.iterate(x)
