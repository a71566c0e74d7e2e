"""The words of a run's account: what may be spent, what was spent at a moment, and how a run is ended."""

from dataclasses import dataclass
from typing import NamedTuple

from mdsbench.oracle.endings import Ending


class Stop(BaseException):
    """Ends a run. Never derived from StopIteration: inside a generator that would become a RuntimeError."""

    def __init__(self, ending: Ending, message: str) -> None:
        super().__init__(message)
        self.ending = ending
        self.message = message


class StoppedInThread(Exception):
    """What `Stop` is in a thread that a solver has started.

    A pool of threads passes an Exception on to the solver; a BaseException would end its thread, and the solver would
    wait for ever.
    """


class SolverError(Exception):
    """A solver breaks a rule of the oracle; the message says what to mend."""


class GaveUp(Exception):
    """A solver ends without what it was looking for, and says so itself; the message is its own."""


@dataclass(frozen=True)
class Limits:
    """What ends a run; None is no limit.

    The budget: `calls` bounds values, directional derivatives, gradients and Hessian-vector products together (a part
    of a pass over the terms is that part of a call), `iterations` the iterates, `seconds` the solver's own time.
    `megabytes` bounds the memory that the run allocates; the code that executes the run enforces it. `target` is the
    loss at which there is nothing left to show. The run has converged where, from one iterate to the next, the loss
    changes by less than `ftol` or the position by less than `xtol`, or where a gradient is shorter than `gtol`
    (Euclidean norms).
    """

    calls: int | None = None
    iterations: int | None = None
    seconds: float | None = None
    target: float | None = None
    ftol: float | None = None
    xtol: float | None = None
    gtol: float | None = None
    megabytes: int | None = None


class Moment(NamedTuple):
    """The account at a moment of a run, and the loss that belongs to it.

    `terms` counts what the evaluations touched, in the unit of `Problem.terms`. `evaluations` are function values, also
    those that the referee took to answer one of the `comparisons`.
    """

    iterations: int
    evaluations: int
    gradients: int
    hessian_vectors: int
    terms: int
    seconds: float
    loss: float
    comparisons: int = 0
    directional_derivatives: int = 0

    @property
    def calls(self) -> int:
        """Function values, directional derivatives, gradients and Hessian-vector products together."""
        return self.evaluations + self.directional_derivatives + self.gradients + self.hessian_vectors
