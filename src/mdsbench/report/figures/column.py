"""The one style of the figures of an analysis: as wide as a column of a paper, with the legend below the axes."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from io import BytesIO
from pathlib import Path
from textwrap import wrap
from typing import Any, ParamSpec, TypeVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogFormatterSciNotation, LogLocator, NullFormatter

from mdsbench.problems.problem import Array
from mdsbench.report import style
from mdsbench.report.figures.axes import key
from mdsbench.report.palette import Palette
from mdsbench.statistics.wording import plural

WIDTH, PLOT = 3.4, 1.9  # inches: of a column, and the height of the axes
LEFT, RIGHT, TOP, BELOW = 0.57, 0.1, 0.1, 0.42  # inches from the axes to the edges, and down to the legend
LETTERS, SMALL, LINE = 8.0, 7.0, 0.125  # points; the height of a small line in inches
LETTERS_A_LINE = 62
LONGEST, LINES = 46, 3  # letters of a line in a legend, and lines of a name

RC = {
    **style.RC,
    "font.size": LETTERS,
    "axes.titlesize": LETTERS,
    "axes.labelsize": LETTERS,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 3.0,
    "ytick.major.size": 3.0,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "grid.linewidth": 0.4,
    "lines.linewidth": 1.2,
    "lines.markersize": 3.6,
}
DPI = 300  # of PNGs

P = ParamSpec("P")
R = TypeVar("R")


def drawing() -> AbstractContextManager[None]:
    """Figures that are made or saved in the block have this style."""
    return style.drawing(RC)


def drawn(make: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function that makes a figure: it has this style."""
    return style.drawing(RC)(make)


def column_figure(keys: Sequence[Line2D], x_label: str, y_label: str, notes: Sequence[str] = ()) -> tuple[Figure, Axes]:
    """An empty figure with one pair of axes; below them, outside, the legend, and below that lines of notes.

    The axes have one size. The figure is as high as its legend and its notes need, so that they cover nothing.
    """
    columns, legend = _fitted(keys)
    lines = [line for note in notes for line in wrap(style.plain(note, 4 * LETTERS_A_LINE), LETTERS_A_LINE)]
    below = BELOW + legend + LINE * len(lines) + 0.06
    height = TOP + PLOT + below
    figure = Figure(figsize=(WIDTH, height))
    ax = figure.add_axes(
        (LEFT / WIDTH, below / height, 1 - (LEFT + RIGHT) / WIDTH, PLOT / height), xlabel=x_label, ylabel=y_label
    )
    ax.grid(axis="y")
    ax.set_axisbelow(True)
    if keys:
        _legend(figure, keys, columns, (below - BELOW) / height)
    for k, line in enumerate(lines):
        figure.text(0.5, (LINE * (len(lines) - k) + 0.03) / height, style.words(line, LETTERS_A_LINE), ha="center",
                    va="top", fontsize=SMALL, color=style.FAINT)  # fmt: skip
    return figure, ax


def share_figure(
    curves: Mapping[str, tuple[Array, Array]], x_label: str, cases: int, table: pd.DataFrame, notes: Sequence[str] = ()
) -> Figure:
    """Shares of cases against a cost: for each solver the costs, which rise, and the shares; `table` is that of all.

    What lies at 0 is drawn at the left edge.
    """
    palette = Palette(table["solver"].astype(str))  # every figure has the same colours
    figure, ax = column_figure(
        solver_keys(list(curves), palette), x_label, f"share of {cases:,} runs and targets", notes
    )
    positive = np.concatenate([at[at > 0] for at, _ in curves.values()])
    left = positive.min() / (1.3 if positive.min() != 1 else 1.0)
    right = max(positive.max(), 1.3 * left)  # where all costs are equal
    for solver, (at, share) in curves.items():
        how: dict[str, Any] = {"color": palette.colour(solver), "linestyle": palette.line(solver)}
        ax.plot(np.maximum(at, left), share, drawstyle="steps-post", clip_on=False, solid_capstyle="butt", **how)
    log_axis(ax, "x")
    ax.set(xlim=(left, right), ylim=(0, 1))
    return figure


def curves(found: pd.DataFrame, at: str, right: float | None = None) -> dict[str, tuple[Array, Array]]:
    """The curves of a table with the columns `solver`, `at` and `share`, by solver, up to the right edge if given."""
    made = {}
    for solver, curve in found.groupby("solver", sort=False):
        x, y = curve[at].to_numpy(float), curve["share"].to_numpy(float)
        made[str(solver)] = (x, y) if right is None else (np.append(x, right), np.append(y, y[-1]))
    return made


def said(table: pd.DataFrame, block: pd.DataFrame) -> list[str]:
    """What to say of the rows of a table that a figure shows: what it leaves out, and whose best value is unknown."""
    every, some = (
        (rows["solver"].nunique(), len(rows[["problem", "trial"]].drop_duplicates())) for rows in (table, block)
    )
    if every == some:
        return floors(block)
    solvers = f"{some[0]} of {every[0]}" if some[0] < every[0] else f"all {every[0]}"
    return [f"only what can be compared: {solvers} solvers, {some[1]:,} of {every[1]:,} starts", *floors(block)]


def floors(table: pd.DataFrame) -> list[str]:
    """What to say where the best known values of problems are missing."""
    known = table.groupby("problem", sort=False)["floor_known"].all()
    missing = int((~known).sum())
    if not missing:
        return []
    return [f"no f* is known on {missing} of {plural(len(known), 'problem')}: the least value found"]


def solver_keys(solvers: Sequence[str], palette: Palette) -> list[Line2D]:
    """The entries of a legend for solvers."""
    return [
        key(style.title(solver), color=palette.colour(solver), linestyle=palette.line(solver), linewidth=1.6)
        for solver in solvers
    ]


def log_axis(ax: Axes, which: str) -> None:
    """Make the axis "x" or "y" logarithmic, labelled at powers of ten; those of x are numbers where that is short."""
    ax.set(**{f"{which}scale": "log"})
    axis = ax.xaxis if which == "x" else ax.yaxis
    powers = LogFormatterSciNotation()
    powers.set_axis(axis)
    axis.set_major_locator(LogLocator(numticks=7))
    axis.set_major_formatter(
        FuncFormatter(lambda at, _: f"{at:,g}" if which == "x" and 1e-3 < at < 1e5 else powers(at))
    )
    axis.set_minor_formatter(NullFormatter())


def save(figure: Figure, path: Path) -> None:
    """Write a figure in the format that the name of the file ends with: the same bytes each time."""
    buffer = BytesIO()
    kind = path.suffix[1:]
    with drawing():
        figure.savefig(buffer, format=kind, dpi=DPI, **style.FORMATS[kind])
    path.write_bytes(buffer.getvalue())


def _fitted(keys: Sequence[Line2D]) -> tuple[int, float]:
    """In how many columns a legend fits into the width, and its height in inches."""
    if not keys:
        return 1, 0.0
    figure = Figure(figsize=(WIDTH, 1.0))
    for columns in range(min(3, len(keys)), 0, -1):
        box = _legend(figure, keys, columns, 1.0).get_window_extent()
        if box.width <= (WIDTH - 0.06) * figure.dpi:
            break
    return columns, 1.04 * float(box.height) / figure.dpi


def _legend(figure: Figure, keys: Sequence[Line2D], columns: int, top: float) -> Legend:
    """A legend whose upper edge is at `top`, with names as they are: Matplotlib omits a leading underscore."""
    made = figure.legend(
        handles=list(keys), ncols=columns, loc="upper center", bbox_to_anchor=(0.5, top), borderaxespad=0.0,
        borderpad=0.2, frameon=False, handlelength=1.8, columnspacing=1.2, labelspacing=0.3, fontsize=SMALL,
    )  # fmt: skip
    for text, each in zip(made.get_texts(), keys, strict=True):
        text.set_text(_whole(each.get_gid() or ""))
    return made


def _whole(name: str) -> str:
    """A name in as many lines as it needs; only the middle of one that is longer than a paragraph is left out."""
    half = LINES * LONGEST // 2
    name = style.plain(name if len(name) <= 2 * half else f"{name[: half - 1]}…{name[-half:]}", 2 * half)
    return "\n".join(style.words(line, LONGEST) for line in wrap(name, LONGEST, break_on_hyphens=False))
