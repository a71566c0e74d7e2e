"""The figure of the share of runs that arrive, against the number of variables."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mdsbench.report.figures import column
from mdsbench.report.figures.sizes import label_sizes
from mdsbench.report.palette import Palette
from mdsbench.statistics.arrivals import ARRIVED, CENSORED
from mdsbench.statistics.ert import wilson

SERIES = ["family", "start", "target"]
MOST_BARS = 6  # with more solvers the intervals hide the curves
WIDTH = 0.08  # decades of the axis in which the markers of one size stand side by side


@column.drawn
def share_that_arrives(table: pd.DataFrame, _costs: "pd.Series[float]") -> Figure | None:
    """The shares of each solver with Wilson's intervals, where most solvers differ; None without sizes or arrivals."""
    series = _series(table)
    if series is None:
        return None
    rows = table[(table[SERIES] == series).all(axis=1)]
    solvers = sorted(rows["solver"].astype(str).unique())
    palette = Palette(table["solver"].astype(str))
    barred = len(solvers) <= MOST_BARS
    notes = [
        f"{series['family']} from {series['start']}, gap {float(series['target']):g}",
        *["bars: 95 % intervals"] * barred,
    ]
    if (rows["fate"] == CENSORED).any():
        notes.append("a run that its budget or time ended did not arrive")
    keys = column.solver_keys(solvers, palette)
    figure, ax = column.column_figure(keys, "number of variables n", "share of runs that arrive", notes)
    for k, solver in enumerate(solvers):
        arrived = (
            (rows.loc[rows["solver"] == solver, "fate"] == ARRIVED).groupby(rows["dimension"]).agg(["sum", "size"])
        )
        share = arrived["sum"] / arrived["size"]
        bounds = np.array([wilson(int(own["sum"]), int(own["size"])) for _, own in arrived.iterrows()])
        at = arrived.index.to_numpy(float) * 10 ** (WIDTH * ((k + 0.5) / len(solvers) - 0.5))
        colour = palette.colour(solver)
        ax.plot(at, share, "o", linestyle=palette.line(solver), color=colour, markersize=2.5)
        if not barred:
            continue
        sides = np.maximum(0, [share - bounds[:, 0], bounds[:, 1] - share])
        ax.errorbar(at, share, sides, fmt="none", color=colour, linewidth=0.6, alpha=0.6)
    column.log_axis(ax, "x")
    label_sizes(ax, rows["dimension"])
    ax.set_ylim(-0.03, 1.03)
    return figure


def _series(table: pd.DataFrame) -> "pd.Series[str] | None":
    """Of the family, start and target with most solvers and sizes, the one whose shares differ most."""
    arrived = table.assign(arrived=table["fate"] == ARRIVED)
    if not arrived["arrived"].any():
        return None
    shares = arrived.groupby([*SERIES, "solver", "dimension"], sort=False)["arrived"].mean().reset_index()
    grouped = shares.groupby(SERIES, sort=False)
    found = grouped.agg(
        solvers=("solver", "nunique"), sizes=("dimension", "nunique"), spread=("arrived", "std")
    ).reset_index()
    found = found[found["sizes"] > 1].fillna({"spread": 0.0})
    if found.empty:
        return None
    best = found.sort_values(
        ["solvers", "sizes", "spread", "target"], ascending=[False, False, False, True], kind="stable"
    )
    return best.iloc[0][SERIES]
