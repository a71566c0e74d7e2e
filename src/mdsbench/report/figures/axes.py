"""What several figures share: legends, and the axis that shows the loss in kilometres."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from mdsbench.problems.problem import MapInfo
from mdsbench.report import style
from mdsbench.report.palette import Palette
from mdsbench.statistics.units import loss_at, typical_error

LEGEND: dict[str, Any] = {
    "frameon": False,
    "columnspacing": 1.4,
    "handlelength": 2.2,
}
FEW, ROUNDED = 10, 1.04  # keys in large letters; what rounding to pixels adds to a height at most


def _how(keys: list[Line2D], columns: int) -> dict[str, Any]:
    """The arguments of a legend; many methods have smaller letters."""
    return {**LEGEND, "handles": keys, "ncols": columns, "fontsize": style.SMALL_SIZE + (1 if len(keys) <= FEW else -1)}


def key(label: str, **how: Any) -> Line2D:
    """An entry of a legend, which keeps its name apart."""
    return Line2D([], [], label="name", gid=label, **how)


def method_keys(solvers: Iterable[str], palette: Palette) -> list[Line2D]:
    return [
        key(style.title(solver), color=palette.colour(solver), linestyle=palette.line(solver), linewidth=2.6)
        for solver in dict.fromkeys(solvers)
    ]


class Fitted(NamedTuple):
    """How a legend fits: its columns, and its height in inches."""

    columns: int
    height: float


def fitted(keys: list[Line2D], inches: float, most: int) -> Fitted:
    """A legend with these keys in at most so many columns, as many as fit into a width, but at least one."""
    figure = Figure()
    for columns in range(min(most, len(keys)), 0, -1):
        box = _named(figure.legend(**_how(keys, columns)), keys).get_window_extent()
        if box.width <= inches * figure.dpi:
            break
    return Fitted(columns, ROUNDED * float(box.height) / figure.dpi)


def legend(ax: Axes, keys: list[Line2D], columns: int, below: float) -> None:
    """A legend so many inches below the axes."""
    height = ax.figure.get_figheight() * ax.get_position().height  # type: ignore[union-attr]
    drawn = ax.legend(loc="upper center", bbox_to_anchor=(0.5, -below / height), borderaxespad=0, **_how(keys, columns))
    _named(drawn, keys)


def legend_of(figure: Figure, keys: list[Line2D], columns: int, title: str | None) -> None:
    """A legend at the bottom of a figure."""
    _named(figure.legend(loc="lower center", title=title, **_how(keys, columns)), keys)


def _named(drawn: Legend, keys: list[Line2D]) -> Legend:
    """The same legend with the names as they are: Matplotlib leaves out those that begin with an underscore."""
    for text, each in zip(drawn.get_texts(), keys, strict=True):
        text.set_text(style.words(each.get_gid() or ""))
    return drawn


def kilometre_axis(ax: Axes, places: MapInfo) -> None:
    """On the right, what the loss means: the root mean square error of the distances."""
    km = ax.secondary_yaxis("right", functions=(lambda f: typical_error(f, places), lambda e: loss_at(e, places)))
    km.yaxis.set_major_locator(FixedLocator([1, 10, 100, 1000]))
    km.yaxis.set_minor_locator(NullLocator())
    km.yaxis.set_major_formatter(FuncFormatter(lambda error, _: f"{error:,.0f}"))
    km.set_ylabel("typical error of a distance, km")
