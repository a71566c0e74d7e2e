"""How good a solver is at any time: the relative gap against cost, with quantiles over the runs."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mdsbench.errors import UsageError
from mdsbench.problems.problem import Array
from mdsbench.statistics.arrivals import COUNTS, accounted, arrivals, cost

Price = Callable[[pd.DataFrame], "pd.Series[float]"]

EACH = ("problem", "start", "solver")
QUARTILES = (0.25, 0.5, 0.75)
NAMES = ["low", "middle", "high"]


def anytime(
    runs: pd.DataFrame,
    improvements: pd.DataFrame,
    price: Price = cost,
    *,
    by: Sequence[str] = EACH,
    among: NDArray[np.bool_] | None = None,
    quantiles: tuple[float, float, float] = QUARTILES,
    points: int = 200,
) -> pd.DataFrame:
    """The relative gap of the best point so far against cost: three quantiles over the runs of each group.

    The gap is (f - f_L) / (f(x0) - f_L) with f_L as in `arrivals`. It is 1 until a run improves on its start, and at
    least 0. A run that ended, for whatever reason, keeps its last gap. A quantile is the gap of a run: the least one
    that this share of the runs have or are below.

    Parameters
    ----------
    runs, improvements
        The tables of `mdsbench.store.frames.frames`.
    price
        The cost of each row of a table with the counts and the columns of `arrivals`, for example `cost`. To pool
        problems of several sizes, divide it by `table["dimension"]`.
    by
        The columns of `arrivals` by which runs are grouped.
    among
        Which runs are taken, shape (runs,), by default all of them. The others count for f_L.
    quantiles
        Shares of the runs, from 0 to 1, rising.
    points
        The number of costs, from the least to the greatest one, at equal ratios.

    Returns
    -------
    DataFrame
        The columns `by`, `cost`, `runs`, `low`, `middle`, `high`. A group has the costs up to the first one that none
        of its runs exceeded. Empty if no run has cost anything.

    Raises
    ------
    UsageError
        If the quantiles are not three shares that rise.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({
    ...     "key": ["a"], "problem": ["sphere-2"], "solver": ["gd"], "start": ["uniform(seed=1)"], "seed": [0],
    ...     "version": ["gd"], "problem_version": ["sphere-2"], "dimension": [2], "ending": ["budget"],
    ...     "iterations": [4], "evaluations": [0], "gradients": [4], "hessian_vectors": [0], "terms": [4],
    ...     "seconds": [0.1], "terms_per_pass": [1], "start_loss": [1.0], "final_loss": [0.01], "best_known": [0.0]})
    >>> improvements = pd.DataFrame({
    ...     "key": ["a", "a"], "iterations": [1, 2], "evaluations": [0, 0], "gradients": [1, 2],
    ...     "hessian_vectors": [0, 0], "terms": [1, 2], "seconds": [0.0, 0.1], "loss": [1.0, 0.01]})
    >>> anytime(runs, improvements, points=3)[["cost", "middle"]].values.tolist()
    [[1.0, 1.0], [2.0, 0.01], [4.0, 0.01]]
    """
    if not (len(quantiles) == 3 and 0 <= quantiles[0] <= quantiles[1] <= quantiles[2] <= 1):
        raise UsageError(f"a curve needs three quantiles from 0 to 1 that rise, not {quantiles}")
    columns = [*by, "cost", "runs", *NAMES]
    table = arrivals(runs, improvements.head(0), [0.5])  # a row a run
    spent = price(table).to_numpy(float)
    place = pd.Index(table["key"]).get_indexer(pd.Index(improvements["key"]))
    traced, place = improvements[place >= 0], place[place >= 0]
    passes = runs["terms_per_pass"].to_numpy(float)[place]
    counted = pd.DataFrame(accounted(traced, passes), columns=COUNTS)
    names = table.drop(columns=COUNTS).iloc[place].reset_index(drop=True)
    costs = price(names.join(counted)).to_numpy(float)
    grid = _grid(np.concatenate([spent, costs]), points)
    if not len(grid):
        return pd.DataFrame(columns=columns)
    gaps = _gaps(traced["loss"].to_numpy(float), place, runs["start_loss"].to_numpy(float), table["floor"].to_numpy())
    so_far = _so_far(gaps, place, np.searchsorted(grid, costs), (len(table), len(grid)))
    chosen = table if among is None else table[among]
    curves = []
    for group, part in chosen.groupby(list(by), sort=False):
        rows = part.index.to_numpy()
        end = int(np.searchsorted(grid, spent[rows].max())) + 1
        low, middle, high = np.quantile(so_far[rows, :end], quantiles, axis=0, method="inverted_cdf")
        curve = {"cost": grid[:end], "runs": len(rows), "low": low, "middle": middle, "high": high}
        curves.append(pd.DataFrame({**dict(zip(by, group, strict=True)), **curve}))
    return pd.concat(curves, ignore_index=True) if curves else pd.DataFrame(columns=columns)


def _grid(costs: Array, points: int) -> Array:
    """Costs from the least to the greatest at equal ratios, shape (points,); fewer if there are no such costs."""
    costs = costs[costs > 0]
    if not len(costs):
        return np.empty(0)
    grid: Array = np.unique(np.geomspace(costs.min(), costs.max(), points))
    grid[-1] = costs.max()  # exactly, whatever rounding did
    return grid


def _gaps(loss: Array, place: NDArray[np.intp], start: Array, floor: Array) -> Array:
    """The relative gap of each improvement, at least 0; 0 for a run that started at the floor or below it."""
    height = (start - floor)[place]
    above = np.maximum(loss - floor[place], 0.0)
    gaps: Array = np.zeros(len(loss))
    np.divide(above, height, out=gaps, where=height > 0)
    return gaps


def _so_far(gaps: Array, place: NDArray[np.intp], bins: NDArray[np.intp], shape: tuple[int, int]) -> Array:
    """The least gap of each run up to each cost of the grid, shape (runs, costs)."""
    least: Array = np.ones(shape)
    np.minimum.at(least.reshape(-1), place * shape[1] + bins, gaps)
    return np.asarray(np.minimum.accumulate(least, axis=1))
