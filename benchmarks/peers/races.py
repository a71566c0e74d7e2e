"""The contestants of speed.py's solutions: the time until the stress is within a millionth of the best known one.

All start at Torgerson's map with the same target distances in memory, use double precision, and are stopped at the
first evaluation that reaches the target. A contestant receives `D`, condensed, `x`, flat, `target` and `best`. A turn
is a whole race, and returns its seconds, its evaluations of stress and gradient, and f / f* - 1 at its end. Run by
turns.py.
"""

import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import perf_counter
from types import ModuleType
from typing import Any

import numpy as np
import turns
from evaluations import torch_forms
from numpy.typing import NDArray
from scipy.spatial.distance import squareform
from turns import Entered

Array = NDArray[np.float64]
Result = tuple[float, int, float]

OURS = ("l-bfgs", "nesterov(restart=true)", "gd")


class Reached(Exception):
    """The target."""


def mdsbench(x: Array, target: float, best: float, solver: str, **_: Array) -> Entered:
    """mdsbench's own run of its solver: its account and its clock, through the oracle and with its records.

    BLAS has one thread, as it has when the command `mdsbench` runs: its threads would be in the way of the stress's.
    """
    from threadpoolctl import threadpool_limits

    from mdsbench.oracle.account import Limits
    from mdsbench.problems import problem
    from mdsbench.runs.cell import Cell
    from mdsbench.runs.execute import execute_on

    threadpool_limits(1, "blas")
    task = problem.find(f"places-{len(x) // 2}")
    task.prepare()

    def race() -> Result:
        run = execute_on(task, x.copy(), Cell(task.name, solver, "torgerson", Limits(target=float(target))), seed=0)
        end = run.improvements[-1]
        assert run.ending == "target", f"{solver} ends by {run.ending}"
        return end.seconds, end.calls, end.loss / best - 1.0

    race()
    return Entered(race)


def torch_lbfgs(D: Array, x: Array, target: float, best: float) -> Entered:
    """torch.optim.LBFGS with its strong Wolfe line search, on the quickest form of evaluations.py."""
    import torch

    form, stress = torch_forms(D, x)

    def race() -> Result:
        variable = torch.tensor(x, requires_grad=True)
        values: list[float] = []

        def closure() -> Any:
            optimiser.zero_grad()
            value = stress(variable)
            value.backward()
            values.append(value.item())
            if values[-1] <= target:
                raise Reached
            return value

        began = perf_counter()
        optimiser = torch.optim.LBFGS(
            [variable],
            max_iter=1000,
            max_eval=2000,
            history_size=10,
            tolerance_grad=0.0,
            tolerance_change=0.0,
            line_search_fn="strong_wolfe",
        )
        return _until_reached(lambda: optimiser.step(closure), values, began, best)

    return Entered(race, form)


def pymde(D: Array, x: Array, target: float, best: float) -> Entered:
    """PyMDE's own solver, centred maps and quadratic distortions: their mean is the stress / n(n-1)."""
    sys.modules.setdefault("torchvision", ModuleType("torchvision"))  # which it imports for its data sets alone
    import pymde
    import torch

    n, D = len(x) // 2, torch.tensor(D)
    edges = torch.triu_indices(n, n, offset=1).T.contiguous()
    start = torch.tensor(x.reshape(-1, 2))
    start -= start.mean(axis=0)

    def race(at_most: int = 1000) -> Result:
        values: list[float] = []

        class UntilReached(pymde.losses.Quadratic):  # type: ignore[misc]
            def forward(self, distances: Any) -> Any:
                distortions = super().forward(distances)
                values.append(2.0 * distortions.sum().item())
                if values[-1] <= target:
                    raise Reached
                return distortions

        mde = pymde.MDE(n, 2, edges, UntilReached(D), pymde.Centered())
        began = perf_counter()
        return _until_reached(lambda: mde.embed(start, eps=0.0, max_iter=at_most), values, began, best)

    race(at_most=2)
    return Entered(race)


def smacof(D: Array, x: Array, target: float, best: float) -> Entered:
    """scikit-learn's smacof with eps=0, for as many iterations as it needs.

    They are counted beforehand with mdsbench's Guttman transform, which is what an iteration does; see evaluations.py.
    """
    from sklearn.manifold import smacof

    from mdsbench.mds.compiled import Stress
    from mdsbench.mds.distances import Stored

    square, stress = squareform(D), Stress(Stored(D))
    needed, position = 0, x
    while stress.value(position) > target:
        needed, position = needed + 1, stress.guttman(position)[1]
    options = {"n_init": 1, "max_iter": needed, "eps": 0.0, "normalized_stress": False}

    def race() -> Result:
        began = perf_counter()
        X, _ = smacof(square, init=x.reshape(-1, 2), **options)
        return perf_counter() - began, needed, stress.value(X.ravel()) / best - 1.0

    return Entered(race)


def s_gd2(D: Array, x: Array, best: float, **_: Array) -> Entered:
    """s_gd2's mds_direct, equal weights and its own schedule of 30 passes: it ends where that ends."""
    import s_gd2

    from mdsbench.mds.compiled import Stress
    from mdsbench.mds.distances import Stored

    stress, equal = Stress(Stored(D)).value, np.ones(len(D))
    steps = s_gd2.default_schedule(np.ones(1))

    def race() -> Result:
        X = x.reshape(-1, 2).copy()  # it is moved in place
        began = perf_counter()
        s_gd2.mds_direct(len(X), D, w=equal, etas=steps, random_seed=0, init=X)
        return perf_counter() - began, len(steps), stress(X.ravel()) / best - 1.0

    stress(x)
    return Entered(race)


def _until_reached(race: Callable[[], Any], values: list[float], began: float, best: float) -> Result:
    with suppress(Reached):
        race()
    return perf_counter() - began, len(values), min(values) / best - 1.0


if __name__ == "__main__":
    ours = {solver: partial(mdsbench, solver=solver) for solver in OURS}
    turns.answer(ours | {f.__name__: f for f in (torch_lbfgs, pymde, smacof, s_gd2)})
