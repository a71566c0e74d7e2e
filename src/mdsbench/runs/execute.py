"""One honest execution: a cell goes in, a run comes out, whatever the solver does."""

import hashlib
import json
import re
import traceback
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from math import inf, nan
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from mdsbench import solvers
from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits, Moment, SolverError, Stop
from mdsbench.oracle.oracle import GradientOracle, HessianOracle, Oracle, ResidualOracle
from mdsbench.problems import problem
from mdsbench.problems.problem import Array
from mdsbench.registry.registry import SOLVERS, SOURCES, STARTS, STEPS, Iterates, Uses
from mdsbench.registry.spec import Spec, parse
from mdsbench.runs.checkpoints import LONG_PASS, Checkpoints, Journal
from mdsbench.runs.events import News, Remark, tell
from mdsbench.solvers import gradient_sources
from mdsbench.system import memory

__all__ = ["Cell", "Run", "execute", "solvers"]  # importing the packages registers what cells can name

FAILED = ("diverged", "timeout", "memory", "error", "killed")

ORACLES = {"value": Oracle, "gradient": GradientOracle, "hessian": HessianOracle, "residuals": ResidualOracle}


@dataclass(frozen=True)
class Cell:
    """What to run, in names and numbers only, so that it travels to any worker."""

    problem: str
    solver: str
    start: str
    limits: Limits
    seed: int = 0

    @property
    def key(self) -> str:
        """Identifies the cell and the versions of its solver, gradient source and step rules: 16 hexadecimal digits."""
        before, between = _frame(self.limits, self.problem, self.solver)
        canonical = f'{before}{self.seed}{between}{_start(self.start)}, "versions": {self.versions}}}'
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    @property
    def canonical_solver(self) -> str:
        """The solver as everybody writes it who means the same."""
        return _canonical(self.solver)[0]

    @property
    def versions(self) -> list[int]:
        """The versions of its solver, gradient source and step rules; raises UsageError where one does not exist."""
        spec = _canonical(self.solver)[1]
        SOLVERS.find(spec.name)
        return _versions(spec)


# A campaign has many cells of few words: a hundred thousand keys are made in half a second.
@lru_cache(10_000)
def _canonical(solver: str) -> tuple[str, Spec]:
    spec = parse(solver)
    return str(spec), spec


@lru_cache(10_000)
def _frame(limits: Limits, task: str, solver: str) -> tuple[str, str]:
    """What stands before the seed and between the seed and the start in a cell's canonical JSON."""
    name = json.dumps(problem.find(task).name)
    return f'{{"limits": {limits_json(limits)}, "problem": {name}, "seed": ', (
        f', "solver": {json.dumps(_canonical(solver)[0])}, "start": '
    )


@lru_cache(100_000)
def _start(text: str) -> str:
    canonical = text if _SEEDED.fullmatch(text) else str(parse(text))
    return json.dumps(canonical)


_SEEDED = re.compile(r"[a-z]+\(seed=(0|[1-9][0-9]*)\)")  # most starts of a large campaign: written so already


@lru_cache(100_000)
def limits_json(limits: Limits) -> str:
    """The limits that are set, as canonical JSON; a limit that is invented later leaves old keys as they are."""
    return json.dumps({name: bound for name, bound in asdict(limits).items() if bound is not None}, sort_keys=True)


@dataclass(frozen=True, eq=False)
class Run:
    """The outcome of a cell.

    `ending` is one of target, budget, converged, or, for a run that failed, one of FAILED: diverged (the loss was no
    number), timeout, memory, error (an exception), killed (its process died); `message` says more. The lowest loss
    found is `final_loss`, at `final_x`, shape (dimension,). `improvements` and `path` are the oracle's records: the
    account at every new lowest loss, and the account and positions along the iterates.
    """

    cell: Cell
    ending: str
    message: str
    iterations: int
    evaluations: int
    gradients: int
    hessian_vectors: int
    pairs: int
    seconds: float
    dimension: int
    start_loss: float
    final_loss: float
    best_known: float
    final_x: Array
    improvements: list[Moment]
    path: list[tuple[Moment, Array]]

    @property
    def calls(self) -> int:
        """Function values, gradients and Hessian-vector products together."""
        return self.evaluations + self.gradients + self.hessian_vectors

    @property
    def gap(self) -> float:
        """(f - f*) / (f0 - f*): 1 at the start, 0 at the best known, below 0 where the run found better: news."""
        return (self.final_loss - self.best_known) / (self.start_loss - self.best_known)

    def first_reaching(self, loss: float) -> Moment | None:
        """The account at the first moment at which the loss was that low; None where it never was."""
        return next((moment for moment in self.improvements if moment.loss <= loss), None)


def execute(cell: Cell, snapshots: int = 512, checkpoints: Checkpoints | None = None) -> Run:
    """Run a cell, noting its first `snapshots` iterates, then ever fewer. A solver's failure is an ending.

    A run whose passes are long tells how it goes (`mdsbench.runs.events`), and where there is a folder for checkpoints
    it leaves one there, or goes on from the one that it finds. Raises UsageError where the cell names something that
    does not exist.
    """
    task = problem.find(cell.problem)
    seed = int(replace(cell, limits=Limits()).key, 16)  # so that a run is the beginning of any with wider limits
    x0 = STARTS.bind(parse(cell.start))(task)
    if task.pairs < LONG_PASS:
        return execute_on(task, x0, cell, seed, snapshots)
    path = checkpoints.path(cell.key) if checkpoints else None
    with Journal(path, cell.key, remark=lambda text: tell(Remark(text))) as journal:
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
        journal.heard = _telling(cell, task, oracle, journal)
    with oracle.off_the_clock():  # it may import a large library
        view = source(oracle, rng)
    x0.flags.writeable = False  # a solver that changes its start in place is told so
    try:
        # an overflow is an ending, not a warning
        with memory.at_most(cell.limits.megabytes), np.errstate(all="ignore"):
            ending, message = _drive(function(view, x0, rng), oracle)
    except UsageError:
        raise
    except SolverError as fault:
        ending, message = "error", str(fault)
    except Stop as stop:
        ending, message = stop.ending, stop.message
    except MemoryError as error:
        ending, message = "memory", f"the memory limit of {cell.limits.megabytes} MB is over: {error}"
    except (Exception, SystemExit) as error:
        ending, message = "error", f"{_in_words(error)}\n{traceback.format_exc()}"
    with suppress(Stop), np.errstate(all="ignore"):
        oracle.settle()
    if oracle.stopped:  # a solver that swallowed it has still ended there
        ending, message = oracle.stopped.ending, oracle.stopped.message
    return Run(
        cell=cell,
        ending=ending,
        message=message,
        iterations=oracle.iterations,
        evaluations=oracle.evaluations,
        gradients=oracle.gradients,
        hessian_vectors=oracle.hessian_vectors,
        pairs=oracle.pairs,
        seconds=oracle.seconds,
        dimension=task.dimension,
        start_loss=oracle.path[0][0].loss,
        final_loss=oracle.best_loss,
        best_known=task.best_known,
        final_x=oracle.best_x,
        improvements=oracle.improvements,
        path=oracle.path,
    )


def _telling(cell: Cell, task: problem.Problem, oracle: Oracle, journal: Journal) -> Callable[[], None]:
    """What tells how the run goes, once a second at most."""
    due = -inf

    def telling() -> None:
        nonlocal due
        if (now := monotonic()) < due:
            return
        due = now + 1.0
        start_loss = oracle.improvements[0].loss if oracle.improvements else nan
        gap = (oracle.best_loss - task.best_known) / (start_loss - task.best_known)
        calls = oracle.pairs / task.pairs
        name = task.name, cell.canonical_solver
        tell(News(cell.key, *name, calls, oracle.best_loss, gap, oracle.seconds, journal.longest))

    return telling


def asks(solver: str) -> Uses:
    """The most that a solver asks of the oracle: with a gradient source, what the source asks."""
    return _source(parse(solver))[1]


def attempt(cell: Cell, snapshots: int = 512, checkpoints: Checkpoints | None = None) -> Run:
    """Run a cell whatever it names: what `execute` raises is an ending too, as is fit for one run among many."""
    try:
        return execute(cell, snapshots, checkpoints)
    except (UsageError, Stop) as error:  # Stop: the start itself is worth nothing
        return lost(cell, "error", str(error))


def lost(cell: Cell, ending: str, message: str, seconds: float = 0.0) -> Run:
    """The run of a cell that left nothing but the reason why: it got no further than its start."""
    dimension, loss, best_known, x0 = 0, nan, nan, np.empty(0)
    with suppress(UsageError):
        task = problem.find(cell.problem)
        dimension, best_known = task.dimension, task.best_known
        x0 = STARTS.bind(parse(cell.start))(task)
        loss = task.value(x0)
    moment = Moment(0, 0, 0, 0, 0, 0.0, loss)
    records = ([moment], [(moment, x0)]) if len(x0) else ([], [])
    return Run(cell, ending, message, 0, 0, 0, 0, 0, seconds, dimension, loss, loss, best_known, x0, *records)


def _source(spec: Spec) -> tuple[Callable[..., Any], Uses]:
    """What makes of the oracle that which the solver is given, and the kind of oracle that it takes."""
    uses = SOLVERS.uses(spec)
    if spec.source is None:
        return gradient_sources.exact, uses
    if uses != "gradient":
        raise UsageError(f"{spec}: {spec.name} uses no gradient that a source could give; leave out [{spec.source}]")
    return SOURCES.bind(spec.source), SOURCES.find(spec.source.name).uses


def _versions(spec: Spec) -> list[int]:
    """Of a solver, its gradient source and the step rules named in its options, whatever their depth."""
    found = [registry[spec.name].version for registry in (SOLVERS, STEPS) if spec.name in registry]
    if spec.source:
        found.append(SOURCES.find(spec.source.name).version)
    for _, value in spec.options:
        if isinstance(value, Spec | str):
            found += _versions(value if isinstance(value, Spec) else Spec(value))
    return found


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


def _drive(iterates: Iterates, oracle: Oracle) -> tuple[str, str]:
    """Draw the iterates until the solver has no more."""
    if not isinstance(iterates, Generator):
        raise SolverError(f"returned {iterates!r:.60}; a solver is a generator: yield each new x")
    while True:
        try:
            x = next(iterates)
        except StopIteration as end:
            return "converged", str(end.value or "the solver stopped by itself")
        oracle.iterate(x)
