"""The figure of the cost against the number of variables."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from mdsbench.report import style
from mdsbench.report.figures.axes import fitted, key, legend_of, method_keys
from mdsbench.report.palette import Palette
from mdsbench.runs.run import Run
from mdsbench.statistics.cost_model import CALLS, Currency, Meter
from mdsbench.statistics.results import Quantile, Results, Tally, arrival


def figures(results: Results, currency: Currency) -> Iterator[tuple[str, Figure]]:
    """`scaling`, if there are several maps."""
    if len(results.sizes) > 1:
        yield "scaling", scaling(results, currency)


def scaling(results: Results, currency: Currency = CALLS) -> Figure:
    """Iterations, cost and seconds to within one per cent of the best known loss, against the dimension."""
    solvers, palette = results.solvers, Palette.of(results)
    keys = [*method_keys(solvers, palette), *_mark_keys()]
    columns, height_of_legend = fitted(keys, 12.8, 4)
    title = 0 if currency.counts_calls else 0.3
    below = 0.9 + 0.195 * len(solvers) + height_of_legend + title  # inches: counts of each solver, and the legend
    height = 4.48 + below + 0.42
    figure = Figure(figsize=(13, height))
    figure.subplots_adjust(left=0.07, right=0.99, bottom=below / height, top=1 - 0.42 / height, wspace=0.3)
    dimensions = [size.dimension for size in results.sizes]
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
            runs = [r for size in results.sizes for r in size.honest if r.cell.solver == solver and r.improvements]
            counted = [size.tallies[solver] for size in results.sizes if solver in size.tallies]
            _spreads(ax, counted, meter, beside, palette)
            _singles(
                ax,
                runs,
                meter,
                beside * apart**0.36,
                palette,
            )
            _counts(ax, counted, palette, below=22 + 14 * k)
        ax.set_xlabel("variables; random starts that got there", labelpad=14 * len(solvers) + 6)
        _dimensions(ax, dimensions)
        ax.set_xlim(dimensions[0] / margin, dimensions[-1] * margin)
    what = None if currency.counts_calls else f"cost: {currency.label(*dimensions)}"
    legend_of(figure, keys, columns, what)
    return figure


def _spreads(ax: Axes, counted: list[Tally], meter: Callable[[Run], Meter], beside: float, palette: Palette) -> None:
    """Median and quartiles over the random starts, failures included; open and pointing up where it is a failure."""
    middles: list[tuple[float, Quantile]] = []
    for tally in counted:
        colour, x = palette.colour(tally.solver), 2 * tally.map.points * beside
        cost = meter(tally.runs[0])
        low, middle, high = (tally.quantile(share, cost) for share in (0.25, 0.5, 0.75))
        ends = [quantile.cost for quantile in (low, middle, high) if quantile.reached]
        ax.plot([x] * len(ends), ends, color=colour, linewidth=1.6)
        _mark(ax, x, middle, "o", colour, open_ended=not high.reached)
        middles.append((x, middle))
    reached = [(x, middle.cost) for x, middle in middles if middle.reached]
    if reached:
        colour, line = palette.colour(counted[0].solver), palette.line(counted[0].solver)
        ax.plot(*zip(*reached, strict=True), color=colour, linestyle=line, linewidth=1.2, alpha=0.5, zorder=1)


def _singles(ax: Axes, runs: list[Run], meter: Callable[[Run], Meter], beside: float, palette: Palette) -> None:
    """The published start, with its larger budget."""
    for run in runs:
        moment = arrival(run)
        quantile = Quantile(meter(run)(moment or run.spent), moment is not None)
        _mark(ax, run.dimension * beside, quantile, "D", palette.colour(run.cell.solver), open_ended=moment is None)


def _counts(ax: Axes, counted: list[Tally], palette: Palette, below: float) -> None:
    """How many starts reached it, under each dimension, so many points below the axis."""
    for tally in counted:
        ax.annotate(
            f"{tally.reached} of {len(tally.runs)}", (2 * tally.map.points, 0), (0, -below), ha="center", va="top",
            xycoords=("data", "axes fraction"), textcoords="offset points",
            fontsize=style.SMALL_SIZE, color=palette.colour(tally.solver),
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
        key("random starts: median, quartiles", marker="o", **how),
        key("published start, larger budget", marker="D", **how),
        key("not reached with what was spent", marker="o", markerfacecolor="white", **how),
    ]
