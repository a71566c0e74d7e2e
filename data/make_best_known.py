"""Make best_known.json: the lowest stress known for the first n cities, n = 4, ..., 34.

Made from distances_km.csv by minimising from many starts; takes about a minute on one core.

    python data/make_best_known.py
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.spatial.distance import squareform

from mdsbench.mds import initial_maps, stress
from mdsbench.mds.stress import Array

DATA = Path(__file__).parents[1] / "src" / "mdsbench" / "data"
RANDOM_STARTS = 199
TOLERANCES = {"ftol": 0.0, "gtol": 1e-11, "maxiter": 20_000, "maxfun": 20_000, "maxcor": 20}
HOW = (
    "Stress (the full double sum) of the geodesic distances between the first n cities divided by the "
    f"largest, minimised by L-BFGS-B from {RANDOM_STARTS} starts uniform in the unit square and from "
    "classical scaling, the best polished by Newton's method; reached counts the starts that "
    "ended within 1e-6 (relative) of it."
)


def polish(x: Array, D: Array, steps: int = 5) -> Array:
    """Newton's method; the shortest step, since the Hessian is singular along the rigid motions."""
    for _ in range(steps):
        gradient = stress.value_and_gradient(x, D)[1]
        hessian = np.array([stress.hessian_vector(x, v, D) for v in np.eye(x.size)])
        x = x - np.linalg.lstsq(hessian, gradient, rcond=1e-9)[0]
    return x


def best_known(D: Array, n: int) -> dict[str, float]:
    rng = np.random.default_rng(n)
    starts = [initial_maps.classical(D), *rng.uniform(size=(RANDOM_STARTS, 2 * n))]
    ends = [
        minimize(stress.value_and_gradient, start, (D,), "L-BFGS-B", jac=True, options=TOLERANCES) for start in starts
    ]
    x = polish(min(ends, key=lambda end: float(end.fun)).x, D)
    loss, gradient = stress.value_and_gradient(x, D)
    return {
        "loss": float(f"{loss:.12g}"),
        "starts": len(starts),
        "reached": sum(bool(end.fun <= loss * (1 + 1e-6)) for end in ends),
        "gradient_norm": float(f"{np.linalg.norm(gradient):.1e}"),
    }


def main() -> None:
    km = pd.read_csv(DATA / "distances_km.csv", index_col=0).to_numpy()
    losses: dict[int, dict[str, float]] = {}
    for n in range(4, len(km) + 1):
        D = squareform(km[:n, :n])
        losses[n] = best_known(D / D.max(), n)
        print(f"{n:2d} of {len(km)} cities: {losses[n]}", flush=True)
    rows = ",\n".join(f'    "{n}": {json.dumps(row)}' for n, row in losses.items())
    text = f'{{\n  "format": 1,\n  "how": {json.dumps(HOW)},\n  "losses": {{\n{rows}\n  }}\n}}\n'
    (DATA / "best_known.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
