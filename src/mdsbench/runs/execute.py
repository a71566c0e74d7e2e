"""One honest execution: a cell goes in, a run comes out, whatever the solver does."""

import traceback
from collections.abc import Callable, Generator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from math import inf, isfinite, nan
from time import monotonic, perf_counter
from typing import Any

import numpy as np

from mdsbench.errors import UsageError, in_words, writable
from mdsbench.oracle.account import GaveUp, Limits, SolverError, Stop
from mdsbench.oracle.comparisons import ComparisonOracle
from mdsbench.oracle.endings import Ending
from mdsbench.oracle.oracle import DirectionalOracle, GradientOracle, HessianOracle, Oracle, ResidualOracle
from mdsbench.oracle.referee import Referee
from mdsbench.problems import problem
from mdsbench.problems.edge import ProblemError, guarded, position
from mdsbench.problems.obstacles import start_that_works
from mdsbench.problems.problem import Array
from mdsbench.registry import user_files
from mdsbench.registry.registry import SOLVERS, SOURCES, STARTS, Entry, Iterates, Uses
from mdsbench.registry.spec import Spec, parse
from mdsbench.runs.cell import Cell
from mdsbench.runs.checkpoints import Checkpoints, Journal, journal_of
from mdsbench.runs.events import Notice, RunProgress, emit
from mdsbench.runs.run import Interrupted, Run, gap, lost
from mdsbench.solvers import gradient_sources
from mdsbench.system import memory

_STOPPED = "the solver stopped by itself"
_LONGEST = 10_000  # characters of a message with its traceback

ORACLES: Mapping[Uses, type[Referee]] = {
    "comparison": ComparisonOracle,
    "value": Oracle,
    "directional": DirectionalOracle,
    "gradient": GradientOracle,
    "hessian": HessianOracle,
    "residuals": ResidualOracle,
}
DECLARED: Mapping[str, Uses] = {
    "below": "comparison",
    "value": "value",
    "directional_derivative": "directional",
    "hessian_vector": "hessian",
}


def execute(cell: Cell, snapshots: int = 512, checkpoints: Checkpoints | None = None) -> Run:
    """Run a cell, noting its first `snapshots` iterates, then ever fewer. A solver's failure is an ending.

    A run whose calls are long tells how it goes (`mdsbench.runs.events`), and where there is a folder for checkpoints
    it leaves one there, or goes on from the one that it finds. A user's file that is edited meanwhile is not read anew;
    the run's cell has the key and the versions of the code that ran. Raises UsageError where the cell names
    something that does not exist, and what a user's problem or start raises.
    """
    with user_files.steady():
        return _execute(cell.fixed(), snapshots, checkpoints)


def _execute(cell: Cell, snapshots: int, checkpoints: Checkpoints | None) -> Run:
    task = _guarded(problem.find(cell.problem))
    seed = int(replace(cell, limits=Limits()).key, 16)  # so that a run is the beginning of any with wider limits
    x0 = position(STARTS.bind(parse(cell.start))(task), task.dimension, "start")
    x0 = start_that_works(x0, task.fails)
    journal = journal_of(cell, task, checkpoints, notice=lambda text: emit(Notice(text)))
    with journal or nullcontext():
        return execute_on(task, x0, cell, seed, snapshots, journal)


def execute_on(
    task: problem.Problem,
    x0: Array,
    cell: Cell,
    seed: int,
    snapshots: int = 512,
    journal: Journal | None = None,
    *,
    look: bool | None = None,
    callback: Callable[[Array, float], object] | None = None,
    solver: Entry | None = None,
    options: Mapping[str, Any] | None = None,
) -> Run:
    """Run a cell's solver, within its limits, on this problem from this start, shape (dimension,).

    `look` and `callback` are those of the oracle. `solver` is the entry of a solver that
    has no name in the registry. `options` are options of the solver that its name cannot say.
    Raises UsageError for a request that makes no sense, and Interrupted, with the run so far, for a KeyboardInterrupt.
    """
    spec = parse(cell.solver)
    entry = solver or SOLVERS.find(spec.name)
    solve = entry.bind({**dict(spec.options), **(options or {})})
    source, uses = _source(spec, entry)
    rng = np.random.default_rng(seed)
    noise = rng.spawn(1)[0]  # a stream of its own: the same whatever the solver draws
    task = _guarded(task)
    asked, clock = (journal.over(task), journal.clock) if journal else (task, perf_counter)
    oracle = ORACLES[uses](asked, x0, cell.limits, noise, snapshots, clock, look)
    oracle.callback = callback
    if journal:
        journal.on_answer = _reporting(cell, task, oracle, journal)
    x0.flags.writeable = False  # a solver that changes its start in place gets an error

    def ended() -> tuple[Ending, str]:
        with oracle.off_the_clock():  # it may import a large library
            task.prepare()
            view = source(oracle, rng)
        return _drive(solve(view, x0, rng), oracle)

    def run(ending: Ending, message: str) -> Run:
        oracle.close(look=ending != Ending.INTERRUPTED)
        return Run(
            cell=cell,
            ending=ending,
            message=writable("; ".join([message.strip(), *oracle.remarks]), _LONGEST),
            spent=oracle.account(),
            dimension=task.dimension,
            terms_per_pass=task.terms,
            start_loss=oracle.path[0][0].loss,
            best_known=task.best_known,
            final_x=oracle.best_x,
            improvements=oracle.improvements,
            path=oracle.path,
            looks=oracle.looks,
            claims=oracle.claims,
        )

    def whole() -> tuple[Ending, str]:
        ending, message = _outcome(ended, cell.limits.megabytes)
        if oracle.stopped:  # a solver that swallowed it has still ended there
            ending, message = oracle.stopped.ending, oracle.stopped.message
        if ending in (Ending.CONVERGED, Ending.BUDGET) and not isfinite(oracle.best_loss):
            ending, message = Ending.DIVERGED, f"no finite value was found: {message}"

        def valued() -> tuple[Ending, str]:
            oracle.revalue()
            return ending, message

        return _outcome(valued, cell.limits.megabytes)

    try:
        ending, message = whole()
    except KeyboardInterrupt as interrupt:
        oracle.revalue(ask=False)
        raise Interrupted(run(Ending.INTERRUPTED, "interrupted from the keyboard")) from interrupt
    return run(ending, message)


def _guarded(task: problem.Problem) -> problem.Problem:
    """The problem, its functions behind the edge if they are not this package's."""
    return task if isinstance(task, problem.Problem) and task.ours else guarded(task)


def _outcome(ended: Callable[[], tuple[Ending, str]], megabytes: int | None) -> tuple[Ending, str]:
    """How a run ends; what others' code raises is an ending, but for UsageError and KeyboardInterrupt."""
    try:
        with memory.at_most(megabytes), np.errstate(all="ignore"):  # an overflow is an ending, not a warning
            return ended()
    except (UsageError, KeyboardInterrupt):
        raise
    except GaveUp as reason:
        return Ending.GAVE_UP, str(reason)
    except (SolverError, ProblemError) as fault:
        return Ending.ERROR, str(fault)
    except Stop as stop:
        return stop.ending, stop.message
    except MemoryError as error:
        limit = "there is not enough memory" if megabytes is None else f"the memory limit of {megabytes} MB is over"
        return Ending.MEMORY, f"{limit}: {error}"
    except BaseException as error:
        return Ending.ERROR, f"{in_words(error)}{_hint(error)}\n{traceback.format_exc()}"


def _reporting(cell: Cell, task: problem.Problem, oracle: Referee, journal: Journal) -> Callable[[], None]:
    """What tells how the run goes, once a second at most."""
    due = -inf

    def report() -> None:
        nonlocal due
        if (now := monotonic()) < due:
            return
        due = now + 1.0
        start_loss = oracle.path[0][0].loss if oracle.path else nan
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
    spec = parse(solver)
    return _source(spec, SOLVERS.find(spec.name))[1]


def attempt(cell: Cell, snapshots: int = 512, checkpoints: Checkpoints | None = None) -> Run:
    """Run a cell whatever it names: what `execute` raises is an ending too, as is fit for one run among many."""
    try:
        return execute(cell, snapshots, checkpoints)
    except (UsageError, ProblemError, Stop) as error:
        return lost(cell, Ending.ERROR, writable(str(error)))
    except MemoryError as error:
        return lost(cell, Ending.MEMORY, f"there is not enough memory: {error}")
    except (Exception, SystemExit) as error:  # from the making of a user's problem or start
        return lost(cell, Ending.ERROR, in_words(error))


def _source(spec: Spec, entry: Entry) -> tuple[Callable[..., Any], Uses]:
    """What makes of the oracle that which the solver is given, and the kind of oracle that it takes."""
    uses = SOLVERS.uses(spec) if "solver" in entry.options else entry.uses
    if spec.source is None:
        return gradient_sources.exact, uses
    if uses != "gradient":
        raise UsageError(f"{spec}: {spec.name} uses no gradient that a source could give; leave out [{spec.source}]")
    return SOURCES.bind(spec.source), SOURCES.find(spec.source.name).uses


def _hint(error: BaseException) -> str:
    """What to mend, where that is known."""
    if isinstance(error, ValueError) and "read-only" in str(error):
        return "; x is the start itself: write x = x - ..., not x -= ..."
    if isinstance(error, AttributeError) and isinstance(error.obj, Referee):
        needed = DECLARED.get(str(error.name), "gradient")
        return f"; declare what it uses: @solver(..., uses={needed!r})"
    return ""


def _drive(iterates: Iterates | str | None, oracle: Referee) -> tuple[Ending, str]:
    """Draw the iterates until the solver has no more; a plain function has run already and returned its message."""
    if isinstance(iterates, str) or (iterates is None and oracle.terms):
        return Ending.CONVERGED, iterates or _STOPPED
    if not isinstance(iterates, Generator):
        wanted = "a solver yields each new x, or calls the oracle and returns a message"
        raise SolverError(f"returned {iterates!r:.60}; {wanted}")
    x = None
    while True:
        try:
            x = next(iterates)
        except StopIteration as end:
            if not oracle.terms:
                raise SolverError("returned without a question: ask the oracle for the function's values") from None
            if x is not None and not np.isfinite(x).all():
                return Ending.DIVERGED, "the last iterate holds something that is not a finite number"
            return Ending.CONVERGED, str(end.value or _STOPPED)
        oracle.iterate(x)
