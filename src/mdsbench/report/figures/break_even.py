"""The figure of the break-even price of a gradient against the number of variables, and of what a gradient costs."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mdsbench.problems.problem import Array
from mdsbench.report import style
from mdsbench.report.figures import column
from mdsbench.report.figures.axes import key
from mdsbench.report.figures.sizes import label_sizes
from mdsbench.statistics.arrivals import derivatives_taken, gradients_taken
from mdsbench.statistics.break_even import EXACT, LESS, MORE, break_even
from mdsbench.statistics.running_time import running_time
from mdsbench.statistics.wording import listed

PRICE, FORMULA, AUTOMATIC, DIFFERENCES = "#0072B2", "#009E73", "#E69F00", "#D55E00"
THEORY = 5.0  # Griewank & Walther 2008: a gradient by automatic differentiation costs at most about 5 values
SERIES = ["family", "start", "target"]


def break_even_figure(table: pd.DataFrame, costs: "pd.Series[float]") -> Figure | None:
    """The price between the best solver with and the best without gradients; None without both."""
    pair = best_pair(table, costs)
    return price_figure(table, *pair) if pair else None


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
    crossed = crossings(rows, measured or {})
    keys += [key("crossing", color=style.INK, marker="x", linestyle="none")] * bool(crossed)
    notes += [f"crosses {name} at n = {listed(_rounded(sizes))}" for name, sizes in crossed.items()]
    figure, ax = column.column_figure(keys, "number of variables n", "price of a gradient in values", notes)
    draw_prices(ax, rows, PRICE)
    draw_costs(ax, rows["dimension"].to_numpy(float), measured or {})
    for name, sizes in crossed.items():
        ax.plot(sizes, _lines(measured or {})[name](np.array(sizes)), "x", color=style.INK, markersize=4, zorder=5)
    for which in "xy":
        column.log_axis(ax, which)
    label_sizes(ax, rows["dimension"])
    return figure


def best_pair(table: pd.DataFrame, costs: "pd.Series[float]") -> tuple[str, str] | None:
    """The best solver with gradients and the best without; None without both."""
    priced, taken = (count(table).groupby(table["solver"]).sum() for count in (gradients_taken, derivatives_taken))
    sides = [_best(table[table["solver"].isin(taken.index[chosen])], costs) for chosen in (priced > 0, taken == 0)]
    return (sides[0], sides[1]) if sides[0] and sides[1] else None


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


def crossings(rows: pd.DataFrame, measured: Mapping[int, float]) -> dict[str, list[float]]:
    """The numbers of variables at which the price crosses what a gradient costs, between sizes in logarithms.

    On one side of a crossing a gradient pays, on the other derivative-free search is cheaper. Bounds cross nothing.
    """
    prices = rows[rows["bound"] == EXACT].groupby("dimension")["price"].median()
    found = {}
    for name, line in _lines(measured).items():
        x = np.log(prices.index.to_numpy(float))
        above = np.log(prices.to_numpy(float)) - np.log(line(np.exp(x)))
        at = np.flatnonzero(above[:-1] * above[1:] < 0)
        share = above[at] / (above[at] - above[at + 1])
        if len(at):
            found[name] = [float(size) for size in np.exp(x[at] + share * (x[at + 1] - x[at]))]
    return found


def _lines(measured: Mapping[int, float]) -> dict[str, Callable[[Array], Array]]:
    """What a gradient costs by each way to compute it, as a function of the number of variables."""
    sizes = np.array(sorted(measured), float)
    formula = {
        "the formula": lambda n: np.exp(np.interp(np.log(n), np.log(sizes), np.log([measured[int(k)] for k in sizes])))
    }
    return {
        **(formula if measured else {}),
        "automatic": lambda n: np.full_like(n, THEORY),
        "differences": lambda n: n,
    }


def _rounded(sizes: list[float]) -> list[str]:
    return [f"{size:.2g}" if size < 100 else f"{round(size, -1):,.0f}" for size in sizes]


def draw_prices(ax: Axes, rows: pd.DataFrame, colour: str, line: Any = "-", *, band: bool = True) -> None:
    """Prices with their intervals, and bounds as triangles."""
    exact = rows[rows["bound"] == EXACT]
    middle = exact.groupby("dimension")["price"].median()
    ax.plot(middle.index, middle, color=colour, linestyle=line)
    bounded = exact[np.isfinite(exact["high"]) & (exact["low"] > 0)]
    if band and bounded["dimension"].is_unique:
        ax.fill_between(bounded["dimension"], bounded["low"], bounded["high"], color=colour, alpha=0.15, linewidth=0)
    sides = np.array([bounded["price"] - bounded["low"], bounded["high"] - bounded["price"]])
    ax.errorbar(bounded["dimension"], bounded["price"], sides, fmt="none", color=colour, linewidth=0.8, capsize=2)
    ax.plot(exact["dimension"], exact["price"], "o", color=colour)
    for bound, marker in ((MORE, "^"), (LESS, "v")):
        here = rows[rows["bound"] == bound]
        ax.plot(here["dimension"], here["price"], marker, color=colour, markerfacecolor="white", markersize=5)


def draw_costs(ax: Axes, n: Array, measured: Mapping[int, float]) -> None:
    """What a gradient costs by each way to compute it."""
    ends = np.array([n.min() / 1.15, n.max() * 1.15])
    ax.plot(ends, ends, color=DIFFERENCES, linestyle=":")
    ax.plot(ends, [THEORY, THEORY], color=AUTOMATIC, linestyle="-.")
    at = sorted(size for size in measured if ends[0] <= size <= ends[1])
    ax.plot(at, [measured[size] for size in at], color=FORMULA, linestyle="--")
