"""Make best_known_places.json: the lowest stress known for the n largest places of Europe, for some n.

Takes half an hour of processor time, most of it for the two largest.

    python data/make_best_known_places.py
"""

import json
from pathlib import Path

import numpy as np
from scipy.optimize import OptimizeResult, minimize

from mdsbench.problems import europe, problem, starts
from mdsbench.problems.problem import Array, Problem

DATA = Path(__file__).parents[1] / "src" / "mdsbench" / "data"
SIZES = (6, 10, 20, 34, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_250, int(europe.all_places()["places"]))
MANY_STARTS_UP_TO = 2000
RANDOM, PERTURBED, LANDMARKS = 10, 5, 3
NOISE = 0.1  # of the longest distance
TOLERANCES = {"ftol": 0.0, "gtol": 1e-12, "maxiter": 20_000, "maxfun": 20_000, "maxcor": 20}
HOW = (
    "Stress (the full double sum) of the great-circle distances between the n largest places in units of longest_km, "
    "minimised in double precision by L-BFGS-B until round-off stops it. Starts: "
    f"up to {MANY_STARTS_UP_TO} places Torgerson's map, {PERTURBED} maps with normal noise of {NOISE:g} around it, "
    f"{RANDOM} uniform in the unit square, and {LANDMARKS} of 500 landmarks; beyond, {LANDMARKS} of landmarks, and one "
    "for the two largest n. reached counts the starts that ended within 1e-6 (relative) of the loss."
)


def beginnings(task: Problem, n: int) -> list[Array]:
    landmarks = 1 if n > 20_000 else LANDMARKS
    chosen = [starts.landmarks(task, seed=seed) for seed in range(landmarks)]
    if n <= MANY_STARTS_UP_TO:
        map_of_all, rng = starts.torgerson(task), np.random.default_rng(n)
        chosen += [map_of_all, *(map_of_all + NOISE * rng.normal(size=(PERTURBED, 2 * n)))]
        chosen += list(rng.uniform(size=(RANDOM, 2 * n)))
    return chosen


def solved(task: Problem, x: Array) -> OptimizeResult:
    return minimize(task.value_and_gradient, x, method="L-BFGS-B", jac=True, options=TOLERANCES)


def best_known(n: int) -> dict[str, float]:
    task = problem.find(f"places-{n}")
    ends = [solved(task, x) for x in beginnings(task, n)]
    best = min(ends, key=lambda end: float(end.fun))
    loss, gradient = task.value_and_gradient(best.x)
    return {
        "loss": float(f"{loss:.12g}"),
        "starts": len(ends),
        "reached": sum(bool(end.fun <= loss * (1 + 1e-6)) for end in ends),
        "gradient_norm": float(f"{np.linalg.norm(gradient):.1e}"),
    }


def main() -> None:
    losses: dict[int, dict[str, float]] = {}
    for n in SIZES:
        losses[n] = best_known(n)
        print(f"{n:6d} places: {losses[n]}", flush=True)
    rows = ",\n".join(f'    "{n}": {json.dumps(row)}' for n, row in losses.items())
    text = f'{{\n  "format": 1,\n  "how": {json.dumps(HOW)},\n  "losses": {{\n{rows}\n  }}\n}}\n'
    (DATA / "best_known_places.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
