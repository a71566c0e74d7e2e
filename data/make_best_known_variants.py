"""Make best_known_variants.json: the lowest losses known for variants of the first 6, 15 and 34 cities.

Made from distances_km.csv by minimising from many starts; takes some minutes on one core.

    python data/make_best_known_variants.py
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import linprog, minimize
from scipy.sparse import csr_array, eye_array, hstack, vstack
from scipy.spatial.distance import pdist, squareform

from mdsbench.mds import initial_maps, stress
from mdsbench.mds.stress import Array
from mdsbench.problems import variants

DATA = Path(__file__).parents[1] / "src" / "mdsbench" / "data"
SIZES = (6, 15, 34)
MISSING = (0.1, 0.3)
RANDOM_STARTS = 199
TOLERANCES = {"ftol": 0.0, "gtol": 1e-11, "maxiter": 20_000, "maxfun": 20_000, "maxcor": 20}
SMOOTHINGS = (1e-1, 1e-2, 1e-3, 1e-4)
HOW = (
    "Distances as in best_known.json, minimised from "
    f"{RANDOM_STARTS} starts uniform in the unit square and from classical scaling; reached counts the starts that "
    "ended within 1e-6 (relative) of the loss. missing: weighted stress by L-BFGS-B, the best polished by Newton's "
    "method. loss=absolute: each start by L-BFGS-B on sums of sqrt(deviation^2 + s^2) with s from "
    f"{SMOOTHINGS[0]:g} down to {SMOOTHINGS[-1]:g}, then by linear programs on the linearised deviations in a box that "
    "shrinks until no program gains; fits counts the distances that fit exactly at the minimum."
)

Row = dict[str, float]


def best_without(D: Array, missing: float, starts: list[Array]) -> Row:
    """The lowest stress of the pairs that are not missing."""
    w = variants.known_pairs(squareform(D).shape[0], missing)
    ends = [
        minimize(stress.value_and_gradient, start, (D, w), "L-BFGS-B", jac=True, options=TOLERANCES) for start in starts
    ]
    x = min(ends, key=lambda end: float(end.fun)).x
    for _ in range(5):  # Newton's method; the shortest step, since the Hessian is singular along the rigid motions
        gradient = stress.value_and_gradient(x, D, w)[1]
        hessian = np.array([stress.hessian_vector(x, v, D, w) for v in np.eye(x.size)])
        x = x - np.linalg.lstsq(hessian, gradient, rcond=1e-9)[0]
    loss, gradient = stress.value_and_gradient(x, D, w)
    return row(loss, [float(end.fun) for end in ends]) | {"gradient_norm": float(f"{np.linalg.norm(gradient):.1e}")}


def best_absolute(D: Array, starts: list[Array]) -> Row:
    """The lowest sum of absolute deviations."""
    ends = [by_linear_programs(by_smoothing(start, D), D) for start in starts]
    losses = [variants.absolute_value(x, D) for x in ends]
    x = ends[int(np.argmin(losses))]
    fits = int((np.abs(D - pdist(x.reshape(-1, 2))) < 1e-9).sum())
    return row(min(losses), losses) | {"fits": fits}


def row(loss: float, losses: list[float]) -> Row:
    reached = sum(bool(found <= loss * (1 + 1e-6)) for found in losses)
    return {"loss": float(f"{loss:.12g}"), "starts": len(losses), "reached": reached}


def by_smoothing(x: Array, D: Array) -> Array:
    """L-BFGS-B on ever sharper smooth losses, each from the last one's end."""

    def smoothed(x: Array, s: float) -> tuple[float, Array]:
        deviation = stress.residuals(x, D) / np.sqrt(2)
        rounded = np.sqrt(deviation**2 + s**2)
        return 2 * float(rounded.sum()), np.sqrt(2) * stress.jacobian(x).T @ (deviation / rounded)

    for s in SMOOTHINGS:
        options = {"ftol": 1e-12, "gtol": 1e-8, "maxiter": 2000}
        x = minimize(smoothed, x, (s,), "L-BFGS-B", jac=True, options=options).x
    return x


def by_linear_programs(x: Array, D: Array, box: float = 1e-3) -> Array:
    """Osborne and Watson's method: minimise the linearised deviations' sum in a box around x, and shrink the box."""
    pairs, dimension = len(D), x.size
    bounds_of_deviations = [(0, None)] * pairs
    cost = np.concatenate([np.zeros(dimension), np.ones(pairs)])
    ones = eye_array(pairs)
    loss = variants.absolute_value(x, D)
    while box > 1e-13:
        deviation, J = stress.residuals(x, D) / np.sqrt(2), csr_array(stress.jacobian(x) / np.sqrt(2))
        rows = vstack([hstack([J, -ones]), hstack([-J, -ones])])
        bounds = [(-box, box)] * dimension + bounds_of_deviations
        program = linprog(cost, rows, np.concatenate([-deviation, deviation]), bounds=bounds, method="highs")
        there = x + program.x[:dimension]
        found, promised = variants.absolute_value(there, D), 2 * program.fun
        if loss - found < 0.5 * (loss - promised) or loss - found < 1e-15:
            box /= 4
        if found < loss:
            x, loss = there, found
    return x


def problems(km: Array) -> Iterator[tuple[str, Row]]:
    for n in SIZES:
        D = squareform(km[:n, :n])
        D = D / D.max()
        starts = [initial_maps.classical(D), *np.random.default_rng(n).uniform(size=(RANDOM_STARTS, 2 * n))]
        yield f"cities-{n}(loss=absolute)", best_absolute(D, starts)
        for missing in MISSING:
            yield f"cities-{n}(missing={missing:g})", best_without(D, missing, starts)


def main() -> None:
    km = pd.read_csv(DATA / "distances_km.csv", index_col=0).to_numpy()
    losses: dict[str, Row] = {}
    for name, found in problems(km):
        losses[name] = found
        print(f"{name}: {found}", flush=True)
    rows = ",\n".join(f'    "{name}": {json.dumps(found)}' for name, found in losses.items())
    text = f'{{\n  "format": 1,\n  "how": {json.dumps(HOW)},\n  "losses": {{\n{rows}\n  }}\n}}\n'
    (DATA / "best_known_variants.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
