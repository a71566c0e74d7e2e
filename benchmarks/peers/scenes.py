"""What all contestants of speed.py are given, as files of arrays in the folder named: `python scenes.py FOLDER`.

`random-N.npz`: target distances `D`, condensed, a position `x`, flat, both random, and the `value` and `gradient` of
the stress there as NumPy has them. `places-N.npz`: the target distances `D` of `places-N`, Torgerson's map `x`, the
lowest stress that is known, `best`, and the one to be reached, `target`.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from mdsbench.mds import stress
from mdsbench.problems import problem, starts

RANDOM = (34, 500, 2000, 5000)
PLACES = (2000, 5000)
PRECISION = 1e-6  # f / f* - 1, at the target


def random(n: int) -> dict[str, Any]:
    rng = np.random.default_rng(n)
    D, x = rng.uniform(0.1, 1.5, n * (n - 1) // 2), rng.uniform(size=2 * n)
    value, gradient = stress.value_and_gradient(x, D)
    return {"D": D, "x": x, "value": value, "gradient": gradient}


def places(n: int) -> dict[str, Any]:
    task = problem.find(f"places-{n}")
    assert task.targets is not None
    best = task.best_known
    return {"D": task.targets.condensed(), "x": starts.torgerson(task), "best": best, "target": best * (1 + PRECISION)}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for n in RANDOM:
        np.savez(folder / f"random-{n}.npz", **random(n))
    for n in PLACES:
        np.savez(folder / f"places-{n}.npz", **places(n))
