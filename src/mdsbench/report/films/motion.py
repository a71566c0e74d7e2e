"""A run as a film sees it: at every frame an amount on the clock, a loss, and a layout in kilometres."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mdsbench.oracle.account import Moment
from mdsbench.problems.problem import Array
from mdsbench.report.figures.geography import Alignment
from mdsbench.runs.run import Run

START = 0.5  # where a logarithmic axis of calls, which has no zero, shows the start
FARTHEST_KM = 1e5  # a diverging run's positions end there

Motion = Callable[[Array], Alignment]


def kinds(*runs: Run) -> list[str]:
    """What these runs have called, in words."""
    counts = {
        "function values": [run.spent.evaluations for run in runs],
        "directional derivatives": [run.spent.directional_derivatives for run in runs],
        "gradients": [run.spent.gradients for run in runs],
        "Hessian-vector products": [run.spent.hessian_vectors for run in runs],
    }
    return [kind for kind, numbers in counts.items() if any(numbers)]


class Track(NamedTuple):
    """What a run is known to have been, knot by knot: amounts (m,), losses (m,), layouts in km (m, n, 2).

    All layouts are turned, and perhaps reflected, by one motion, and each is centred on the map: between frames
    nothing moves but what the solver moved, save a common shift that the stress does not see.
    """

    costs: Array
    losses: Array
    layouts: Array

    def at(self, cost: Array) -> Array:
        """The layouts at amounts (T,), shape (T, n, 2).

        At a knot it is the run's own; between knots it is drawn on the straight line between them, evenly in the
        logarithm of the amount. That is for the eye: no solver was there.
        """
        before, share = self._between(cost)
        way = self.layouts[before + 1] - self.layouts[before]
        layouts: Array = self.layouts[before] + share[:, None, None] * way
        return layouts

    def loss_between(self, cost: Array) -> Array:
        """The height of the loss curve at amounts (T,): knots joined by straight lines on two logarithmic axes."""
        before, share = self._between(cost)
        log_loss = np.log(self.losses)
        loss: Array = np.exp(log_loss[before] + share * (log_loss[before + 1] - log_loss[before]))
        return loss

    def known(self, cost: Array) -> NDArray[np.intp]:
        """The index of the last knot at or before amounts (T,): what is known there, nothing drawn in between."""
        return np.clip(np.searchsorted(self.costs, cost, side="right") - 1, 0, len(self.costs) - 1)

    def _between(self, cost: Array) -> tuple[NDArray[np.intp], Array]:
        before = np.minimum(self.known(cost), len(self.costs) - 2)
        log = np.log(self.costs)
        share = (np.log(cost) - log[before]) / (log[before + 1] - log[before])
        return before, np.clip(share, 0.0, 1.0)


def track(run: Run, motion: Alignment, meter: Callable[[Moment], float], start: float = START) -> Track:
    """The track of a run over a clock; the start, which costs nothing, stands at `start`."""
    knots = [(meter(moment), moment.loss, x) for moment, x in run.path]
    best = run.improvements[-1] if run.improvements else None
    if best and meter(best) >= knots[-1][0]:  # it ended between two iterates, or at one that it has not evaluated
        knots.append((meter(best), run.final_loss, run.final_x))
    knots[0] = (0.0, *knots[0][1:])
    knots = [knot for knot in knots if np.isfinite(knot[1])]
    end = max(meter(run.spent), 2 * start)
    if end > knots[-1][0]:
        knots.append((end, *knots[-1][1:]))
    knots = [*(knot for knot, after in pairwise(knots) if max(knot[0], start) < max(after[0], start)), knots[-1]]
    if len(knots) == 1:
        knots.append((2 * max(knots[0][0], start), *knots[0][1:]))
    costs = np.maximum([float(cost) for cost, _, _ in knots], start)
    losses = np.maximum([loss for _, loss, _ in knots], np.finfo(float).tiny)
    return Track(costs, losses, layouts_km(motion, [x for _, _, x in knots]))


def start_of(runs: Sequence[Run], meters: Sequence[Callable[[Moment], float]]) -> float:
    """Where the start stands on a logarithmic clock: half of the least amount that is not 0, at most START."""
    amounts = [meter(moment) for run, meter in zip(runs, meters, strict=True) for moment, _ in run.path[1:]]
    return min(START, 0.5 * min((amount for amount in amounts if amount > 0), default=1.0))


def turned_alike(runs: Sequence[Run], motion: Motion) -> list[Alignment]:
    """How each run is moved onto the map: those from one start alike, as the one with the lowest value fits best.

    Equal starts therefore look equal.
    """
    best: dict[str, Run] = {}
    for run in runs:
        held = best.get(run.cell.start)
        if held is None or run.final_loss < held.final_loss:
            best[run.cell.start] = run
    motions = {start: motion(run.final_x) for start, run in best.items()}
    return [motions[run.cell.start] for run in runs]


def layouts_km(motion: Alignment, positions: Sequence[Array]) -> Array:
    """Flat positions as layouts on the map, all turned alike, each centred: shape (m, n, 2) in km."""
    layouts = np.array([motion.centred(x) for x in positions])
    clipped: Array = layouts.clip(-FARTHEST_KM, FARTHEST_KM)
    return clipped


def clock(start: float, end: float, frames: int, *, before: int, after: int) -> Array:
    """The amount shown by each frame: standing at the start, then even in the logarithm, then standing at `end`."""
    costs: Array = np.r_[np.full(before, start), np.geomspace(start, end, frames), np.full(after, end)]
    return costs
