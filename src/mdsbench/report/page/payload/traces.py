"""The improvements of runs, thinned for curves on a page."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mdsbench.problems.problem import Array
from mdsbench.report.page.payload.columns import column
from mdsbench.report.page.payload.sampling import spread
from mdsbench.statistics.arrivals import accounted

MOST = 64  # improvements of a run

NAMES = (
    *("iterations", "evaluations", "gradients", "products", "parts", "pairs", "seconds"),
    *("comparisons", "directional"),
)  # the counts of `arrivals` as the page calls them, in its order


CALLS = ("evaluations", "gradients", "products", "parts", "directional")


def traces(runs: pd.DataFrame, improvements: pd.DataFrame, kept: NDArray[np.bool_], most: int = MOST) -> dict[str, Any]:
    """The columns `first`, the counts and `loss` of the runs that are `kept`; the others have no rows."""
    place = pd.Index(runs["key"]).get_indexer(pd.Index(improvements["key"]))
    rows = np.flatnonzero((place >= 0) & kept[place])
    rows = rows[np.argsort(place[rows], kind="stable")]
    counts = accounted(improvements.iloc[rows], runs["terms_per_pass"].to_numpy(float)[place[rows]])
    length = np.bincount(place[rows], minlength=len(runs))
    begin = np.cumsum(length) - length
    spent = calls(counts)
    chosen = [begin[r] + spread(spent[begin[r] : begin[r] + length[r]], most) for r in range(len(runs))]
    first = np.cumsum([0, *map(len, chosen)])
    at = np.concatenate(chosen).astype(np.intp) if chosen else np.empty(0, np.intp)
    columns = dict(zip(NAMES, counts[at].T, strict=True))
    loss = improvements["loss"].to_numpy(float)[rows][at]
    return {
        "first": column(first),
        **{name: column(values.astype(np.float32) if name == "seconds" else values) for name, values in columns.items()},
        "loss": column(loss),
    }


def calls(counts: Array) -> Array:
    """Values, derivatives, products and parts together, of rows of counts of shape (rows, 9)."""
    every: Array = counts[:, [NAMES.index(name) for name in CALLS]].sum(axis=1)
    return every
