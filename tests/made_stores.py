"""Stores of runs that never were."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from math import nan
from pathlib import Path

import numpy as np

from mdsbench.oracle.account import Limits, Moment
from mdsbench.oracle.endings import Ending
from mdsbench.problems.problem import Array
from mdsbench.runs.cell import Cell
from mdsbench.runs.run import Run
from mdsbench.store.store import Store


def run(
    problem: str,
    solver: str,
    start: str,
    layouts: Array,
    losses: Sequence[float],
    *,
    ending: Ending = Ending.CONVERGED,
    message: str = "",
    versions: Sequence[int] = (1,),
    best_known: float = nan,
) -> Run:
    """A run whose snapshots are these flat layouts, shape (snapshots, dimension), one call each; the last is its best.

    Every finite loss that is lower than all before it is an improvement.
    """
    moments = [Moment(k, k + 1, 0, 0, 3 * (k + 1), 0.25 * k, loss) for k, loss in enumerate(losses)]
    improvements = [one for one in moments if one.loss < min([np.inf, *(m.loss for m in moments[: one.iterations])])]
    key = sha256(repr((problem, solver, start, tuple(versions))).encode()).hexdigest()[:16]
    cell = Cell.as_stored(problem, solver, start, Limits(), 0, key=key, versions=versions)
    dimension = layouts.shape[1]
    account = moments[-1] if moments else Moment(0, 0, 0, 0, 0, 0.0, nan)
    return Run(
        cell=cell,
        ending=ending,
        message=message,
        spent=account,
        dimension=dimension,
        terms_per_pass=3,
        start_loss=losses[0] if losses else nan,
        best_known=best_known,
        final_x=layouts[-1] if len(layouts) else np.zeros(dimension),
        improvements=improvements,
        path=list(zip(moments, layouts, strict=True)),
    )


@contextmanager
def store_of(path: Path, runs: Sequence[Run]) -> Iterator[Store]:
    """A store that is open to be read, with these runs in the campaign `made`."""
    with Store.open(path) as written:
        cells = {one.cell.key: one.cell for one in runs}
        written.list_cells("made", "", cells, json.dumps({"command": "mdsbench run made.toml"}), 1)
        for one in runs:
            written.put(one)
    with Store.read(path) as store:
        yield store


def walk(dimension: int, snapshots: int, seed: int = 0, step: float = 0.02) -> Array:
    """Layouts that move at random, shape (snapshots, dimension)."""
    steps = np.random.default_rng(seed).normal(size=(snapshots, dimension))
    steps[1:] *= step
    layouts: Array = np.cumsum(steps, axis=0)
    return layouts
