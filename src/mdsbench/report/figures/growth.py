"""The figure of growth: the cost to a target against the number of variables, with the fitted power of each solver."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mdsbench.report import style
from mdsbench.report.figures import column
from mdsbench.report.figures.axes import key
from mdsbench.report.figures.sizes import label_sizes
from mdsbench.report.palette import Palette
from mdsbench.statistics.arrivals import ARRIVED, CENSORED
from mdsbench.statistics.growth import SERIES, growth

WIDTH = 0.08  # decades of the axis in which the markers of one size stand side by side


@column.drawn
def growth_figure(table: pd.DataFrame, costs: "pd.Series[float]") -> Figure | None:
    """Costs of the runs, and the fitted powers, at the hardest target that most solvers have; None without any.

    Runs that ended by their budget are triangles: they need more than they spent.
    """
    found = growth(table, costs)
    found = found[np.isfinite(found["exponent"])]
    if found.empty:
        return None
    series = _series(found)
    fits = found[(found[SERIES] == series).all(axis=1)].sort_values("exponent", kind="stable")
    names = fits["solver"].tolist()
    rows = table.assign(_cost=costs)[(table[SERIES] == series).all(axis=1) & table["solver"].isin(names) & (costs > 0)]
    palette = Palette(table["solver"].astype(str))
    keys = [_key(fit, palette) for fit in fits.to_dict("records")]
    figure, ax = column.column_figure(keys, "number of variables n", f"{costs.name}", _notes(series, rows))
    for k, fit in enumerate(fits.to_dict("records")):
        here = rows[rows["solver"] == fit["solver"]]
        _draw(ax, here, fit, palette, 10 ** (WIDTH * ((k + 0.5) / len(fits) - 0.5)))
    for which in "xy":
        column.log_axis(ax, which)
    label_sizes(ax, rows["dimension"])
    return figure


def _series(found: pd.DataFrame) -> "pd.Series[str]":
    """Of the family, start and target that most solvers have, the one with the least target."""
    sizes = found.groupby(SERIES, sort=False).agg(solvers=("solver", "size"), sizes=("sizes", "max")).reset_index()
    best = sizes.sort_values(["solvers", "sizes", "target"], ascending=[False, False, True], kind="stable")
    return best.iloc[0][SERIES]


def _key(fit: dict[str, object], palette: Palette) -> Line2D:
    solver = str(fit["solver"])
    low, high = (np.asarray(fit[name], float) for name in ("low", "high"))
    bounds = f" ({low:.2f} to {high:.2f})" if np.isfinite([low, high]).all() else " (unbounded)"
    name = min(style.title(solver), solver, key=len)
    label = f"n^{fit['exponent']:.2f}{bounds}: {name}"
    return key(label, color=palette.colour(solver), linestyle=palette.line(solver), linewidth=1.6)


def _draw(ax: Axes, runs: pd.DataFrame, fit: dict[str, Any], palette: Palette, shift: float) -> None:
    colour, line = palette.colour(fit["solver"]), palette.line(fit["solver"])
    for fate, marker in ((ARRIVED, "o"), (CENSORED, "^")):
        here = runs[runs["fate"] == fate]
        hollow = {"markerfacecolor": "none"} if fate == CENSORED else {"markeredgewidth": 0}
        ax.plot(here["dimension"] * shift, here["_cost"], marker, color=colour, alpha=0.4, markersize=2.5, **hollow)
    arrived = runs.loc[runs["fate"] == ARRIVED, "dimension"]
    ends = np.array([arrived.min(), arrived.max()], float)
    ax.plot(ends, fit["factor"] * ends ** fit["exponent"], color=colour, linestyle=line)


def _notes(series: "pd.Series[str]", rows: pd.DataFrame) -> list[str]:
    notes = [f"{series['family']} from {series['start']}, gap {float(series['target']):g}", "95 % intervals"]
    if (rows["fate"] == CENSORED).any():
        notes.append("triangles: the budget ended the run, which needs more")
    return [*notes, *column.floors(rows)]
