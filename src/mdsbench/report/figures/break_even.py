"""The figure of the break-even price of a gradient against the number of variables, and of what a gradient costs."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mdsbench.report import style
from mdsbench.report.figures import column
from mdsbench.report.figures.axes import key
from mdsbench.report.figures.sizes import label_sizes
from mdsbench.statistics.arrivals import derivatives_taken, gradients_taken
from mdsbench.statistics.break_even import EXACT, LESS, MORE, break_even
from mdsbench.statistics.running_time import running_time

PRICE, FORMULA, AUTOMATIC, DIFFERENCES = "#0072B2", "#009E73", "#E69F00", "#D55E00"
THEORY = 5.0  # Griewank & Walther 2008: a gradient by automatic differentiation costs at most about 5 values
SERIES = ["family", "start", "target"]


def break_even_figure(table: pd.DataFrame, costs: "pd.Series[float]") -> Figure | None:
    """The price between the best solver with and the best without gradients; None without both."""
    priced, taken = (count(table).groupby(table["solver"]).sum() for count in (gradients_taken, derivatives_taken))
    sides = [_best(table[table["solver"].isin(taken.index[chosen])], costs) for chosen in (priced > 0, taken == 0)]
    if sides[0] is None or sides[1] is None:
        return None
    return price_figure(table, sides[0], sides[1])


@column.drawn
def price_figure(
    table: pd.DataFrame, gradient: str, derivative_free: str, measured: Mapping[int, float] | None = None
) -> Figure | None:
    """The break-even price of a gradient between two solvers; None where there is none.

    `measured` has the price of a gradient by formula at numbers of variables, as `statistics.cost_model.clock`
    measures it.
    """
    found = break_even(table, gradient, derivative_free)
    found = found.assign(family=found["problem"].map(table.groupby("problem")["family"].first()))
    found = found[np.isfinite(found["price"]) & (found["price"] > 0)]
    if found.empty:
        return None
    series = _series(found)
    rows = found[(found[SERIES] == series).all(axis=1)].sort_values("dimension", kind="stable")
    keys = [
        key("break-even price, 95 % interval", color=PRICE, marker="o"),
        *([key("a gradient by formula, measured", color=FORMULA, linestyle="--")] if measured else []),
        key("automatic: at most about 5", color=AUTOMATIC, linestyle="-."),
        key("by differences: n", color=DIFFERENCES, linestyle=":"),
    ]
    notes = [
        f"{style.title(gradient)} against {style.title(derivative_free)}, gap {float(series['target']):g}",
        f"{series['family']} from {series['start']}",
        "below its break-even price a gradient pays",
        *(["triangle up: more than that; only gradients arrived"] * bool((rows["bound"] == MORE).any())),
        *(["triangle down: less than that"] * bool((rows["bound"] == LESS).any())),
    ]
    figure, ax = column.column_figure(keys, "number of variables n", "price of a gradient in values", notes)
    _prices(ax, rows)
    _costs(ax, rows["dimension"].to_numpy(float), measured or {})
    for which in "xy":
        column.log_axis(ax, which)
    label_sizes(ax, rows["dimension"])
    return figure


def _best(table: pd.DataFrame, costs: "pd.Series[float]") -> str | None:
    """The solver that arrives on most problems and targets, and of several the one that is cheapest on average."""
    if table.empty:
        return None
    times = running_time(table, costs[table.index])
    reached = times[np.isfinite(times["ert"]) & (times["ert"] > 0)].assign(cost=lambda rows: np.log(rows["ert"]))
    if reached.empty:
        return str(table["solver"].iloc[0])
    each = reached.groupby("solver", sort=False).agg(cases=("cost", "size"), cost=("cost", "mean"))
    return str(each.sort_values(["cases", "cost"], ascending=[False, True], kind="stable").index[0])


def _series(found: pd.DataFrame) -> "pd.Series[str]":
    """Of the start and target with most prices, and most that are no bounds, the one with the least target."""
    exact = found.assign(exact=found["bound"] == EXACT)
    counted = exact.groupby(SERIES, sort=False).agg(prices=("price", "size"), exact=("exact", "sum")).reset_index()
    best = counted.sort_values(["prices", "exact", "target"], ascending=[False, False, True], kind="stable")
    return best.iloc[0][SERIES]


def _prices(ax: Axes, rows: pd.DataFrame) -> None:
    exact = rows[rows["bound"] == EXACT]
    middle = exact.groupby("dimension")["price"].median()
    ax.plot(middle.index, middle, color=PRICE)
    bounded = exact[np.isfinite(exact["high"]) & (exact["low"] > 0)]
    if bounded["dimension"].is_unique:
        ax.fill_between(bounded["dimension"], bounded["low"], bounded["high"], color=PRICE, alpha=0.15, linewidth=0)
    sides = np.array([bounded["price"] - bounded["low"], bounded["high"] - bounded["price"]])
    ax.errorbar(bounded["dimension"], bounded["price"], sides, fmt="none", color=PRICE, linewidth=0.8, capsize=2)
    ax.plot(exact["dimension"], exact["price"], "o", color=PRICE)
    for bound, marker in ((MORE, "^"), (LESS, "v")):
        here = rows[rows["bound"] == bound]
        ax.plot(here["dimension"], here["price"], marker, color=PRICE, markerfacecolor="white", markersize=5)


def _costs(ax: Axes, n: np.ndarray, measured: Mapping[int, float]) -> None:
    ends = np.array([n.min() / 1.15, n.max() * 1.15])
    ax.plot(ends, ends, color=DIFFERENCES, linestyle=":")
    ax.plot(ends, [THEORY, THEORY], color=AUTOMATIC, linestyle="-.")
    at = sorted(size for size in measured if ends[0] <= size <= ends[1])
    ax.plot(at, [measured[size] for size in at], color=FORMULA, linestyle="--")
