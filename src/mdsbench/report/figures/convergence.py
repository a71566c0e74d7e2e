"""The figure of the loss against cost, one for each map."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from mdsbench.problems.problem import Array
from mdsbench.report import style
from mdsbench.report.figures.axes import fitted, key, kilometre_axis, legend, method_keys
from mdsbench.report.films.motion import START
from mdsbench.report.palette import Palette
from mdsbench.runs.run import Run
from mdsbench.statistics.cost_model import CALLS, Currency, Meter
from mdsbench.statistics.results import RESTARTED_NELDER_MEAD, Results, Size, charged_by_the_original
from mdsbench.statistics.units import flops

UNDER = 0.72  # inches from the axes down to the legend
POINTS_A_LINE = 400  # more cannot be seen, and each of them is text in the SVG


def figures(results: Results, currency: Currency) -> Iterator[tuple[str, Figure]]:
    """`loss-N` for each map of N points."""
    palette = Palette.of(results)
    for size in results.sizes:
        yield f"loss-{size.map.points}", loss(size, palette, currency)


def loss(size: Size, palette: Palette, currency: Currency = CALLS) -> Figure:
    """Loss against cost on one map: as the original charged it, where it did, beside the honest account."""
    published, everything = size.as_published, [run for run in size.runs if run.improvements]
    inches, panels = (13.0, 2) if published else (8.0, 1)
    keys = [_honest_keys(size, palette), *([_published_keys(published, palette)] if published else [])]
    room = (inches - 1.8) / panels
    legends = [fitted(each, room, 3) for each in keys]
    below = UNDER + max(each.height for each in legends) + 0.1
    height = 4.2 + below + 0.42
    figure = Figure(figsize=(inches, height))
    axes = figure.subplots(1, panels, sharey=True, squeeze=False)[0]
    figure.subplots_adjust(
        left=0.9 / inches, right=1 - 0.9 / inches, bottom=below / height, top=1 - 0.42 / height, wspace=0.06
    )
    axes[0].set_ylabel("loss (stress)")
    axes[-1].set_yscale("log")
    axes[-1].set_ylim(everything[0].best_known / 9, 4 * max(run.start_loss for run in everything))
    if published:
        _as_published(axes[0], published, size.map.points, palette)
    _honest(axes[-1], size, currency, palette)
    for ax, each, (columns, _) in zip(axes[::-1], keys, legends, strict=True):
        legend(ax, each, columns, below=UNDER)
    for ax in axes:
        ax.axhline(everything[0].best_known, color=style.BEST_KNOWN, linewidth=1.2, dashes=(5, 3), zorder=1)
        ax.grid(axis="y", linewidth=0.6)
    kilometre_axis(axes[-1], size.map)
    axes[0].yaxis.set_minor_locator(NullLocator())
    return figure


def _as_published(ax: Axes, runs: list[Run], points: int, palette: Palette) -> None:
    ax.set(title="As published: charged, and spent", xscale="log")
    ax.set_xlabel("the original's cost: million floating-point operations")
    for run in runs:
        losses = np.array([moment.loss for moment, _ in run.path])
        spent = np.array([flops(moment.evaluations, moment.gradients, points) for moment, _ in run.path]) / 1e6
        charged, colour = spent, palette.colour(run.cell.solver)
        if run.cell.solver == RESTARTED_NELDER_MEAD:
            charged = np.array([flops(evaluations, 0, points) for evaluations in charged_by_the_original(run)]) / 1e6
            _line(ax, spent, losses, flops(1, 0, points) / 1e6, color=colour, linewidth=2, alpha=0.4)
            _overcharge(ax, run, charged[-1], spent[-1], colour)
        _line(ax, charged, losses, flops(1, 0, points) / 1e6, color=colour, linewidth=2.6)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda cost, _: f"{cost:,g}"))
    ax.xaxis.set_minor_locator(NullLocator())


def _published_keys(runs: list[Run], palette: Palette) -> list[Line2D]:
    solvers = [run.cell.solver for run in runs]
    keys = method_keys(solvers, palette)
    if RESTARTED_NELDER_MEAD in solvers:
        keys.append(key("all that it spent", color=palette.colour(RESTARTED_NELDER_MEAD), linewidth=2, alpha=0.4))
    return keys


def _overcharge(ax: Axes, run: Run, charged: float, spent: float, colour: str) -> None:
    """The way from what was charged to what was spent."""
    y = run.best_known / 2.6
    ax.plot([charged, spent], [run.final_loss] * 2, "o", color=colour, markersize=6, zorder=3)
    ax.annotate("", (spent, y), (charged, y), arrowprops={"arrowstyle": "->", "color": colour, "linewidth": 1.6})
    text = f"{charged_by_the_original(run)[-1]:,} evaluations charged, {run.spent.evaluations:,} spent"
    ax.text(spent, y / 1.3, text, ha="right", va="top", fontsize=style.SMALL_SIZE + 1, color=colour)


def _honest(ax: Axes, size: Size, currency: Currency, palette: Palette) -> None:
    ax.set(title="Honest: every call charged", xscale="log")
    ax.set_xlabel(currency.label(size.dimension))
    bold = [run for run in size.honest if run.improvements]
    thin = [run for tally in size.tallies.values() for run in tally.runs if run.improvements]
    start = START * min(1.0, currency.weight(size.dimension))  # left of whatever has cost something
    for run in thin:
        _best_so_far(ax, run, currency.meter(run), start, palette, linewidth=0.7, alpha=0.35, zorder=1.5)
    for run in bold[::-1]:
        _best_so_far(
            ax, run, currency.meter(run), start, palette, linestyle=palette.line(run.cell.solver), linewidth=2.6
        )
    most = max(currency.total(run) for run in (*bold, *thin))
    thousands(ax, [10.0**k for k in range(int(np.log10(most)) + 1)], start)


def _honest_keys(size: Size, palette: Palette) -> list[Line2D]:
    keys = method_keys((run.cell.solver for run in size.honest if run.improvements), palette)
    if any(run.improvements for tally in size.tallies.values() for run in tally.runs):
        keys.append(key("random starts", color=style.FAINT, linewidth=0.8))
    return [*keys, key("best known", color=style.BEST_KNOWN, linewidth=1.2, dashes=(5, 3))]


def _best_so_far(ax: Axes, run: Run, cost: Meter, start: float, palette: Palette, **how: Any) -> None:
    costs = np.array([*map(cost, run.improvements), cost(run.spent)], dtype=float)
    losses = np.array([*(moment.loss for moment in run.improvements), run.final_loss])
    _line(ax, costs, losses, start, color=palette.colour(run.cell.solver), drawstyle="steps-post", **how)


def _line(ax: Axes, costs: Array, losses: Array, start: float, **how: Any) -> None:
    """A curve thinned to what can be seen; what was free of charge is drawn at `start`."""
    shown = np.maximum(costs, start)
    grid = np.geomspace(shown[0], max(shown[-1], 1.01 * shown[0]), POINTS_A_LINE)
    seen = np.unique(np.r_[0, np.searchsorted(shown, grid, side="right") - 1, len(shown) - 1])
    ax.plot(shown[seen], losses[seen], **how)


def thousands(ax: Axes, decades: Sequence[float], start: float) -> None:
    """Label a logarithmic axis of calls: the start, which is at no logarithm, and powers of ten in full."""
    ax.xaxis.set_major_locator(FixedLocator([start, *decades]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda cost, _: "start" if cost == start else f"{cost:,.0f}"))
