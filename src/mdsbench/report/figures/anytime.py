"""The figure of the relative gap against cost, with bands."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mdsbench.report.figures import column
from mdsbench.report.palette import Palette
from mdsbench.statistics import anytime as statistics
from mdsbench.statistics.anytime import Price
from mdsbench.statistics.arrivals import arrivals
from mdsbench.statistics.profiles import largest_block, shared_cases

LEAST = 1e-12  # a smaller gap is drawn as this one


@column.drawn
def anytime(runs: pd.DataFrame, improvements: pd.DataFrame, price: Price) -> Figure | None:
    """Median and quartiles of the relative gap over the trials of all solvers, against the cost per variable.

    None if no solver has improved on its start.
    """
    table = arrivals(runs, improvements.head(0), [0.5])  # a row a run
    block = shared_cases(largest_block(table))
    found = statistics.anytime(
        runs,
        improvements,
        lambda rows: price(rows) / rows["dimension"],
        by=["solver"],
        among=table.index.isin(block.index),
    )
    if not len(found) or found["low"].min() >= 1:
        return None
    palette = Palette(table["solver"].astype(str))
    solvers = list(dict.fromkeys(found["solver"].astype(str)))
    notes = [f"median and quartiles over {found['runs'].iloc[0]:,} runs of each", *column.said(table, block)]
    figure, ax = column.column_figure(
        column.solver_keys(solvers, palette),
        f"cost / n: {price(table).name}",
        "relative gap (f − f*) / (f₀ − f*)",
        notes,
    )
    gaps = found[["low", "middle", "high"]].to_numpy()
    least = max(LEAST, gaps[gaps > 0].min())
    for solver, curve in found.groupby("solver", sort=False):
        low, middle, high = (np.maximum(curve[name], least) for name in ("low", "middle", "high"))
        colour = palette.colour(str(solver))
        ax.fill_between(curve["cost"], low, high, step="post", color=colour, alpha=0.15, linewidth=0)
        ax.plot(curve["cost"], middle, color=colour, linestyle=palette.line(str(solver)), drawstyle="steps-post")
    column.log_axis(ax, "x")
    column.log_axis(ax, "y")
    ax.set(xlim=(found["cost"].min(), found["cost"].max()), ylim=(least, 1.5))
    return figure
