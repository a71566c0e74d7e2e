"""Make best_known_more_wild.json: the least values known of the functions of Moré and Wild's set that have no zero.

Sums of squares and sums of absolute residuals are minimised from many starts; takes some minutes on one core.

    python data/make_best_known_more_wild.py
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares, linprog, minimize

from mdsbench.problems.known_minima import known_minimum
from mdsbench.problems.more_wild import ROWS, residuals_of
from mdsbench.problems.problem import Array
from mdsbench.problems.residuals import Residuals

DATA = Path(__file__).parents[1] / "src" / "mdsbench" / "data"
STARTS = 12
HOW = (
    f"Functions of mdsbench.problems.more_wild, from {STARTS} starts: the standard one, ten times it, and as many with "
    "normal noise of its size; for sums of absolute residuals also the minimum of the squares, with noise. smooth: "
    "SciPy's least_squares with the method lm. nonsmooth: L-BFGS-B with subgradients, then linear programs on the "
    "linearised residuals in a box that shrinks until no program gains, then L-BFGS-B. reached counts the starts that "
    "ended within 1e-6 (relative) of the loss. How many ran is in starts."
)
LONGEST = 400  # linear programs from one start

Row = dict[str, float]


def least_squares_from(F: Residuals, starts: list[Array]) -> tuple[list[float], Array]:
    """The least sums of squares from the starts, and where the lowest is."""
    found = []
    for x in starts:
        with np.errstate(all="ignore"):
            try:
                end = least_squares(F.values, x, F.jacobian, method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15)
            except ValueError:  # a start where the residuals are not finite
                continue
        found.append((2 * end.cost, end.x))
    found.sort(key=lambda pair: pair[0])
    return [loss for loss, _ in found], found[0][1]


def least_absolute(F: Residuals, x: Array) -> float:
    """The sum of absolute residuals that is reached from x, within x >= 0 if the form clips x."""
    loss, x = programs(F, descent(F, x))
    return min(loss, _absolute(F, descent(F, x)))


def descent(F: Residuals, x: Array) -> Array:
    """Where L-BFGS-B gets to with subgradients, or x if that is no better."""

    def value_and_subgradient(x: Array) -> tuple[float, Array]:
        f = F.values(x)
        return float(np.abs(f).sum()), np.sign(f) @ F.jacobian(x)

    x = np.maximum(x, 0.0) if F.clipped else x
    bounds = [(0, None)] * len(x) if F.clipped else None
    with np.errstate(all="ignore"):
        tight = {"ftol": 0, "gtol": 0}
        end = minimize(value_and_subgradient, x, method="L-BFGS-B", jac=True, bounds=bounds, options=tight).x
    return end if _absolute(F, end) < _absolute(F, x) else x


def programs(F: Residuals, x: Array) -> tuple[float, Array]:
    """The sum of absolute residuals to which linear programs lead from x, and where."""
    loss, radius = _absolute(F, x), max(1.0, float(np.abs(x).max()))
    for _ in range(LONGEST):
        if not np.isfinite(loss) or radius < 1e-13 * max(1.0, float(np.abs(x).max())):
            break
        trial = x + step(F, x, radius)
        there = _absolute(F, trial)
        if there < loss:
            x, loss, radius = trial, there, 2 * radius
        else:
            radius /= 4
    return loss, x


def step(F: Residuals, x: Array, radius: float) -> Array:
    """The d that minimises sum |F + J d|, with every |d_k| at most `radius` (relative to the size of x_k)."""
    f, J = F.values(x), F.jacobian(x)
    m, n = J.shape
    size = np.maximum(np.abs(x), 1e-3 * max(1.0, float(np.abs(x).max()))) / max(1.0, float(np.abs(x).max()))
    low, high = -radius * size, radius * size
    if F.clipped:
        low = np.maximum(low, -x)
    cost = np.concatenate([np.zeros(n), np.ones(m)])
    A = np.block([[J, -np.eye(m)], [-J, -np.eye(m)]])
    bounds = [*zip(low, high, strict=True), *[(0, None)] * m]
    program = linprog(cost, A, np.concatenate([-f, f]), bounds=bounds)
    return np.zeros(n) if program.x is None else program.x[:n]


def begun(x: Array, rng: np.random.Generator, number: int) -> Iterator[Array]:
    """The start, ten times it, and starts with normal noise of its size."""
    size = np.abs(x) + 0.1 * max(1.0, float(np.abs(x).max()))
    yield x
    yield 10 * x
    for k in range(number - 2):
        yield x + (0.1, 0.3, 1.0)[k % 3] * size * rng.normal(size=len(x))


def row(losses: list[float], starts: int) -> Row:
    best = min(losses)
    return {"loss": float(best), "starts": starts, "reached": sum(bool(loss <= best * (1 + 1e-6)) for loss in losses)}


def main() -> None:
    losses: dict[str, Row] = {}
    for function, n, m in dict.fromkeys((function, n, m) for function, n, m, _ in ROWS):
        if function.startswith("linear-") or known_minimum(function, n, m, "noisy").loss == 0:
            continue
        F, rng = residuals_of(function, n, m), np.random.default_rng(n)
        starts = list(begun(F.start, rng, STARTS))
        squares, lowest = least_squares_from(F, starts)
        losses[f"{function}-{n} smooth"] = row(squares, len(starts))
        around = [*starts, *(x for k, x in enumerate(begun(lowest, rng, STARTS + 1)) if k != 1)]
        absolute = [least_absolute(F, x) for x in around]
        losses[f"{function}-{n} nonsmooth"] = row([loss for loss in absolute if np.isfinite(loss)], len(around))
        print(function, n, losses[f"{function}-{n} smooth"], losses[f"{function}-{n} nonsmooth"], flush=True)
    text = json.dumps({"how": HOW, "losses": losses}, indent=1)
    (DATA / "best_known_more_wild.json").write_text(text + "\n", encoding="utf-8")


def _absolute(F: Residuals, x: Array) -> float:
    with np.errstate(all="ignore"):
        loss = float(np.abs(F.values(np.maximum(x, 0.0) if F.clipped else x)).sum())
    return loss if np.isfinite(loss) else np.inf


if __name__ == "__main__":
    main()
