"""A run: the outcome of a cell."""

from dataclasses import dataclass
from math import nan

import numpy as np

from mdsbench.oracle.account import Moment
from mdsbench.oracle.claims import Claims
from mdsbench.oracle.endings import Ending
from mdsbench.problems.problem import Array
from mdsbench.runs.cell import Cell


@dataclass(frozen=True, eq=False)
class Run:
    """The outcome of a cell.

    `spent` is the account at the end; its loss is the lowest that was found, at `final_x`, shape (dimension,).
    `message` says more about the ending. `terms_per_pass` is what one full evaluation touches, see `Problem.terms`.
    `improvements` is the account at every new lowest loss, `path` the account and the position at the iterates.
    `looks` counts the evaluations that were made for the path alone: no solver was charged for them.
    `claims` is what the solver's library says that it has called. A store does not keep it.
    """

    cell: Cell
    ending: Ending
    message: str
    spent: Moment
    dimension: int
    terms_per_pass: int
    start_loss: float
    best_known: float
    final_x: Array
    improvements: list[Moment]
    path: list[tuple[Moment, Array]]
    looks: int = 0
    claims: Claims | None = None

    def __repr__(self) -> str:
        """The run in two lines."""
        spent = self.spent
        account = f"{spent.evaluations:,} values, {spent.gradients:,} gradients, {spent.hessian_vectors:,} products"
        if spent.directional_derivatives:
            account += f", {spent.directional_derivatives:,} directional derivatives"
        return (
            f"Run({self.cell.problem}, {self.cell.solver}, {self.cell.start}: {self.ending}, loss {spent.loss:.6g},"
            f" gap {self.gap:.3g}\n    {spent.iterations:,} iterations, {account}, {spent.seconds:.3g} s)"
        )

    @property
    def final_loss(self) -> float:
        """The lowest loss that was found."""
        return self.spent.loss

    @property
    def calls(self) -> int:
        """Function values, directional derivatives, gradients and Hessian-vector products together."""
        return self.spent.calls

    @property
    def gap(self) -> float:
        """(f - f*) / (f0 - f*): 1 at the start, 0 at the best known value, below 0 if the run found a lower one."""
        return gap(self.final_loss, self.start_loss, self.best_known)

    def passes(self, account: Moment) -> float:
        """The evaluations until a moment in whole passes; a mini-batch is a part of a pass."""
        return account.terms / self.terms_per_pass

    def first_reaching(self, loss: float) -> Moment | None:
        """The account at the first moment at which the loss was at most that; None if it never was."""
        return next((moment for moment in self.improvements if moment.loss <= loss), None)


class Interrupted(KeyboardInterrupt):
    """A KeyboardInterrupt during a run; `run` is what the run had reached, `result` the same with SciPy's names."""

    result: object = None

    def __init__(self, run: Run) -> None:
        super().__init__(f"interrupted after {run.calls:,} calls")
        self.run = run


def gap(loss: float, start_loss: float, best_known: float) -> float:
    """(f - f*) / (f0 - f*); NaN if the start is the best known value."""
    return (loss - best_known) / (start_loss - best_known) if start_loss != best_known else nan


def lost(cell: Cell, ending: Ending, message: str, seconds: float = 0.0) -> Run:
    """The run of a cell of which only the reason of its end is known. Nothing is evaluated."""
    account = Moment(0, 0, 0, 0, 0, seconds, nan)
    return Run(cell, ending, message, account, 0, 1, nan, nan, np.empty(0), [], [])
