"""A run as a film sees it: at every frame, a cost, a loss and a layout in kilometres."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mdsbench.problems.problem import Array
from mdsbench.report.figures import geography
from mdsbench.runs.run import Run
from mdsbench.statistics.results import map_of

START = 0.5  # where a logarithmic axis of calls, which has no zero, shows the start
FARTHEST_KM = 1e5  # a diverging run's positions end there


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
    """What a run is known to have been, knot by knot: costs (m,), losses (m,), layouts in km (m, n, 2).

    All layouts are turned, and perhaps reflected, by the one motion that brings the run's best layout onto the true
    map, and each is centred on the map: between frames nothing moves but what the solver moved, save a common
    shift that the stress does not see.
    """

    costs: Array
    losses: Array
    layouts: Array

    def at(self, cost: Array) -> Array:
        """The layouts at costs (T,), shape (T, n, 2).

        At a knot it is the run's own; between knots it is drawn on the straight line between them, evenly in the
        logarithm of the cost. That is for the eye: no solver was there.
        """
        before, share = self._between(cost)
        way = self.layouts[before + 1] - self.layouts[before]
        layouts: Array = self.layouts[before] + share[:, None, None] * way
        return layouts

    def loss_between(self, cost: Array) -> Array:
        """The height of the loss curve at costs (T,): knots joined by straight lines on two logarithmic axes."""
        before, share = self._between(cost)
        log_loss = np.log(self.losses)
        loss: Array = np.exp(log_loss[before] + share * (log_loss[before + 1] - log_loss[before]))
        return loss

    def known(self, cost: Array) -> NDArray[np.intp]:
        """The index of the last knot at or before costs (T,): what is known there, nothing drawn in between."""
        return np.clip(np.searchsorted(self.costs, cost, side="right") - 1, 0, len(self.costs) - 1)

    def _between(self, cost: Array) -> tuple[NDArray[np.intp], Array]:
        before = np.minimum(self.known(cost), len(self.costs) - 2)
        log = np.log(self.costs)
        share = (np.log(cost) - log[before]) / (log[before + 1] - log[before])
        return before, np.clip(share, 0.0, 1.0)


def track(run: Run) -> Track:
    """The track of a run over its calls; the start, which costs nothing, stands at START."""
    knots = [(moment.calls, moment.loss, x) for moment, x in run.path]
    best = run.improvements[-1] if run.improvements else None
    if best and best.calls >= knots[-1][0]:  # it ended between two iterates, or at one that it has not evaluated
        knots.append((best.calls, run.final_loss, run.final_x))
    knots = [knot for knot in knots if np.isfinite(knot[1])]
    end = max(run.calls, 1)
    if end > knots[-1][0]:
        knots.append((end, *knots[-1][1:]))
    knots = [*(knot for knot, after in pairwise(knots) if knot[0] < after[0]), knots[-1]]
    costs = np.maximum([float(cost) for cost, _, _ in knots], START)
    return Track(costs, np.array([loss for _, loss, _ in knots]), layouts_km(run, [x for _, _, x in knots]))


def layouts_km(run: Run, positions: list[Array]) -> Array:
    """Flat positions of a run as layouts on the map, all turned alike, each centred: shape (m, n, 2) in km."""
    alignment = geography.alignment(run.final_x, map_of(run))
    layouts = np.array([alignment.centred(x) for x in positions])
    clipped: Array = layouts.clip(-FARTHEST_KM, FARTHEST_KM)
    return clipped


def clock(end: float, frames: int, *, before: int, after: int) -> Array:
    """The cost shown by each frame: standing at START, then even in the logarithm, then standing at `end`."""
    costs: Array = np.r_[np.full(before, START), np.geomspace(START, end, frames), np.full(after, end)]
    return costs
