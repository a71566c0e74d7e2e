"""The figures of a report: loss against cost, cost against dimension, and the maps that came out of it."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from mdsbench.campaigns.reproduction import (
    AS_PUBLISHED,
    HONEST,
    RESTARTED_NELDER_MEAD,
    Outcome,
    charged_by_the_original,
)
from mdsbench.problems.problem import Array
from mdsbench.report import style
from mdsbench.report.figures.final_maps import final_maps
from mdsbench.report.films.motion import START
from mdsbench.report.films.scene import thousands
from mdsbench.report.page.findings import methods
from mdsbench.runs.execute import Run
from mdsbench.statistics.cost_model import CALLS, Currency, Meter
from mdsbench.statistics.tables import Quantile, Tally, arrival, published_start, sizes, tallies
from mdsbench.statistics.units import flops, loss_at, typical_error_km

POINTS_A_LINE = 400  # more than that nobody sees, and every one of them is text in the SVG
SVG = {"svg.hashsalt": "mdsbench", "svg.fonttype": "path"}  # the same bytes every time, the same shapes everywhere


def draw(outcomes: Sequence[Outcome], folder: Path, currency: Currency = CALLS) -> None:
    """Draw `loss-N` and `map-N` for each size, and `scaling` where there are several, each as .svg and .png."""
    rc: dict[Any, Any] = {**style.RC, **SVG}
    with mpl.rc_context(rc):
        for n in sizes(outcomes):
            _save(loss(outcomes, n, currency), folder / f"loss-{n}")
            _save(final_maps(outcomes, n, currency), folder / f"map-{n}")
        if len(sizes(outcomes)) > 1:
            _save(scaling(outcomes, currency), folder / "scaling")


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})
    figure.savefig(path.with_suffix(".png"), dpi=150, metadata={"Software": None})


def loss(outcomes: Sequence[Outcome], n: int, currency: Currency = CALLS) -> Figure:
    """Loss against cost for n cities: as the original charged it, where it did, beside the honest account."""
    published = published_start(outcomes, AS_PUBLISHED, n)
    everything = [outcome.run for outcome in outcomes if outcome.cities == n]
    figure = Figure(figsize=(13, 6) if published else (8, 6))
    axes = figure.subplots(1, 2 if published else 1, sharey=True, squeeze=False)[0]
    inches = figure.get_figwidth()
    figure.subplots_adjust(left=0.9 / inches, right=1 - 0.9 / inches, bottom=0.23, top=0.93, wspace=0.06)
    axes[0].set_ylabel("loss (stress)")
    axes[-1].set_yscale("log")
    axes[-1].set_ylim(everything[0].best_known / 9, 4 * max(run.start_loss for run in everything))
    if published:
        _as_published(axes[0], published, n)
    _honest(axes[-1], outcomes, n, currency)
    for ax in axes:
        ax.axhline(everything[0].best_known, color=style.BEST_KNOWN, linewidth=1.2, dashes=(5, 3), zorder=1)
        ax.grid(axis="y", linewidth=0.6)
    _kilometre_axis(axes[-1], n)
    axes[0].yaxis.set_minor_locator(NullLocator())
    return figure


def _as_published(ax: Axes, runs: list[Run], n: int) -> None:
    ax.set(title="As published: charged, and spent", xscale="log")
    ax.set_xlabel("the original's cost: million floating-point operations")
    for run in methods(runs):
        losses = np.array([moment.loss for moment, _ in run.path])
        spent = np.array([flops(moment.evaluations, moment.gradients, n) for moment, _ in run.path]) / 1e6
        charged, colour = spent, style.colour(run.cell.solver)
        if run.cell.solver == RESTARTED_NELDER_MEAD:
            charged = np.array([flops(evaluations, 0, n) for evaluations in charged_by_the_original(run)]) / 1e6
            _line(ax, spent, losses, flops(1, 0, n) / 1e6, color=colour, linewidth=2, alpha=0.4)
            _overcharge(ax, run, charged[-1], spent[-1])
        _line(ax, charged, losses, flops(1, 0, n) / 1e6, color=colour, linewidth=2.6)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda cost, _: f"{cost:,g}"))
    ax.xaxis.set_minor_locator(NullLocator())
    spent_key = _key("all that it spent", color=style.colour(RESTARTED_NELDER_MEAD), linewidth=2, alpha=0.4)
    _legend(ax, [*_method_keys(runs), spent_key], columns=2)


def _overcharge(ax: Axes, run: Run, charged: float, spent: float) -> None:
    """The way from what was charged to what was spent."""
    y, colour = run.best_known / 2.6, style.colour(run.cell.solver)
    ax.plot([charged, spent], [run.final_loss] * 2, "o", color=colour, markersize=6, zorder=3)
    ax.annotate("", (spent, y), (charged, y), arrowprops={"arrowstyle": "->", "color": colour, "linewidth": 1.6})
    text = f"{charged_by_the_original(run)[-1]:,} evaluations charged, {run.evaluations:,} spent"
    ax.text(spent, y / 1.3, text, ha="right", va="top", fontsize=style.SMALL_SIZE + 1, color=colour)


def _honest(ax: Axes, outcomes: Sequence[Outcome], n: int, currency: Currency) -> None:
    ax.set(title="Honest: every call charged", xscale="log")
    ax.set_xlabel(currency.label(2 * n))
    bold = methods(published_start(outcomes, HONEST, n))
    thin = [run for tally in tallies(outcomes) if tally.cities == n for run in tally.runs]
    start = START * min(1.0, currency.weight(2 * n))  # left of whatever has cost something
    for run in thin:
        _best_so_far(ax, run, currency.meter(run), start, linewidth=0.7, alpha=0.35, zorder=1.5)
    for run in bold[::-1]:
        _best_so_far(ax, run, currency.meter(run), start, linewidth=2.6)
    most = max(currency.cost(run, run.dimension) for run in (*bold, *thin))
    thousands(ax, [10.0**k for k in range(int(np.log10(most)) + 1)], start)
    keys = [_key("random starts", color=style.FAINT, linewidth=0.8)] if thin else []
    keys.append(_key("best known", color=style.BEST_KNOWN, linewidth=1.2, dashes=(5, 3)))
    _legend(ax, [*_method_keys(bold), *keys], columns=3)


def _best_so_far(ax: Axes, run: Run, cost: Meter, start: float, **how: Any) -> None:
    costs = np.array([*map(cost, run.improvements), cost(run)], dtype=float)
    losses = np.array([*(moment.loss for moment in run.improvements), run.final_loss])
    _line(ax, costs, losses, start, color=style.colour(run.cell.solver), drawstyle="steps-post", **how)


def _line(ax: Axes, costs: Array, losses: Array, start: float, **how: Any) -> None:
    """A curve thinned to what can be seen; what was free of charge is drawn at `start`."""
    shown = np.maximum(costs, start)
    grid = np.geomspace(shown[0], max(shown[-1], 1.01 * shown[0]), POINTS_A_LINE)
    seen = np.unique(np.r_[0, np.searchsorted(shown, grid, side="right") - 1, len(shown) - 1])
    ax.plot(shown[seen], losses[seen], **how)


def _key(label: str, **how: Any) -> Line2D:
    return Line2D([], [], label=label, **how)


def _method_keys(runs: list[Run]) -> list[Line2D]:
    solvers = dict.fromkeys(run.cell.solver for run in methods(runs))
    return [_key(style.title(solver), color=style.colour(solver), linewidth=2.6) for solver in solvers]


def _legend(ax: Axes, keys: list[Line2D], columns: int) -> None:
    ax.legend(
        handles=keys, loc="upper center", bbox_to_anchor=(0.5, -0.12), frameon=False, ncols=columns,
        columnspacing=1.4, handlelength=1.6, fontsize=style.SMALL_SIZE + 1,
    )  # fmt: skip


def _kilometre_axis(ax: Axes, n: int) -> None:
    """On the right, what the loss means: the root mean square error of the distances."""
    km = ax.secondary_yaxis("right", functions=(lambda f: typical_error_km(f, n), lambda e: loss_at(e, n)))
    km.yaxis.set_major_locator(FixedLocator([1, 10, 100, 1000]))
    km.yaxis.set_minor_locator(NullLocator())
    km.yaxis.set_major_formatter(FuncFormatter(lambda error, _: f"{error:,.0f}"))
    km.set_ylabel("typical error of a distance, km")


def scaling(outcomes: Sequence[Outcome], currency: Currency = CALLS) -> Figure:
    """Iterations, cost and seconds to within one per cent of the best known loss, against the dimension."""
    runs = methods([run for n in sizes(outcomes) for run in published_start(outcomes, HONEST, n)])
    solvers = list(dict.fromkeys(run.cell.solver for run in runs))
    keys = [*_method_keys(runs), *_mark_keys()]
    rows = -(-len(keys) // 3) + (not currency.counts_calls)  # of the legend
    below = 0.975 + 0.195 * len(solvers) + 0.27 * rows  # inches: counts of each solver, and the legend
    height = 4.48 + below + 0.42
    figure = Figure(figsize=(13, height))
    figure.subplots_adjust(left=0.07, right=0.99, bottom=below / height, top=1 - 0.42 / height, wspace=0.3)
    dimensions = [2 * n for n in sizes(outcomes)]
    apart = min(1.16, min(after / before for before, after in pairwise(dimensions)) ** (0.6 / len(solvers)))
    margin = max(1.35, apart ** (len(solvers) / 2 + 1))
    meters: dict[str, Callable[[Run], Meter]] = {
        "iterations": lambda _: lambda account: account.iterations,
        currency.name: currency.meter,
        "seconds": lambda _: lambda account: account.seconds,
    }
    for ax, (name, meter) in zip(figure.subplots(1, len(meters)), meters.items(), strict=True):
        ax.set(title=name.capitalize(), xscale="log", yscale="log")
        ax.set_ylabel(f"{name} to within 1 % of the best known loss")
        for k, solver in enumerate(solvers):
            beside = apart ** (k - (len(solvers) - 1) / 2)  # so that the methods do not cover each other
            counted = [tally for tally in tallies(outcomes) if tally.solver == solver]
            _spreads(ax, counted, meter, beside)
            _singles(ax, [run for run in runs if run.cell.solver == solver], meter, beside * apart**0.36)
            _counts(ax, counted, below=22 + 14 * k)
        ax.set_xlabel("variables; random starts that got there", labelpad=14 * len(solvers) + 6)
        _dimensions(ax, dimensions)
        ax.set_xlim(dimensions[0] / margin, dimensions[-1] * margin)
    what = None if currency.counts_calls else f"cost: {currency.label(*dimensions)}"
    figure.legend(handles=keys, loc="lower center", ncols=3, frameon=False, title=what)
    return figure


def _spreads(ax: Axes, counted: list[Tally], meter: Callable[[Run], Meter], beside: float) -> None:
    """Median and quartiles over the random starts, failures included; open and pointing up where it is a failure."""
    middles: list[tuple[float, Quantile]] = []
    for tally in counted:
        colour, x = style.colour(tally.solver), 2 * tally.cities * beside
        cost = meter(tally.runs[0])
        low, middle, high = (tally.quantile(share, cost) for share in (0.25, 0.5, 0.75))
        ends = [quantile.cost for quantile in (low, middle, high) if quantile.reached]
        ax.plot([x] * len(ends), ends, color=colour, linewidth=1.6)
        _mark(ax, x, middle, "o", colour, open_ended=not high.reached)
        middles.append((x, middle))
    reached = [(x, middle.cost) for x, middle in middles if middle.reached]
    if reached:
        ax.plot(*zip(*reached, strict=True), color=style.colour(counted[0].solver), linewidth=1, alpha=0.5, zorder=1)


def _singles(ax: Axes, runs: list[Run], meter: Callable[[Run], Meter], beside: float) -> None:
    """The published start, with its larger budget."""
    for run in runs:
        moment = arrival(run)
        quantile = Quantile(meter(run)(moment or run), moment is not None)
        _mark(ax, run.dimension * beside, quantile, "D", style.colour(run.cell.solver), open_ended=moment is None)


def _counts(ax: Axes, counted: list[Tally], below: float) -> None:
    """How many starts reached it, under each dimension, so many points below the axis."""
    for tally in counted:
        ax.annotate(
            f"{tally.reached} of {len(tally.runs)}", (2 * tally.cities, 0), (0, -below), ha="center", va="top",
            xycoords=("data", "axes fraction"), textcoords="offset points",
            fontsize=style.SMALL_SIZE, color=style.colour(tally.solver),
        )  # fmt: skip


def _mark(ax: Axes, x: float, quantile: Quantile, marker: str, colour: str, *, open_ended: bool) -> None:
    """A marker, open where the target was not reached; an arrow up says that there is more above it."""
    size = 8.0 if marker == "o" else 6.0
    fill = colour if quantile.reached else "white"
    ax.plot(x, quantile.cost, marker, color=colour, mfc=fill, markersize=size, markeredgewidth=1.6, zorder=3)
    if open_ended:
        ax.annotate(
            "", (x, quantile.cost), (0, 24), textcoords="offset points", zorder=2,
            arrowprops={"arrowstyle": "<-", "color": colour, "linewidth": 1.6, "shrinkA": 0, "shrinkB": 4},
        )  # fmt: skip


def _dimensions(ax: Axes, dimensions: list[int]) -> None:
    """Label the dimensions that there are, and the powers of ten on the other axis."""
    ax.xaxis.set_major_locator(FixedLocator([float(dimension) for dimension in dimensions]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda dimension, _: f"{dimension:.0f}"))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_locator(LogLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda cost, _: f"{cost:,.0f}" if cost >= 1 else f"{cost:g}"))
    ax.margins(y=0.12)
    ax.grid(axis="y", linewidth=0.6)


def _mark_keys() -> list[Line2D]:
    how = {"color": style.FAINT, "markersize": 7.0, "linestyle": "none"}
    return [
        _key("random starts: median, quartiles", marker="o", **how),
        _key("published start, larger budget", marker="D", **how),
        _key("not reached with what was spent", marker="o", markerfacecolor="white", **how),
    ]
