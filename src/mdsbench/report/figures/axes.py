"""What several figures share: legends, and the axis that shows the loss in kilometres."""

from collections.abc import Iterable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from mdsbench.problems.problem import MapInfo
from mdsbench.report import style
from mdsbench.statistics.units import loss_at, typical_error


def key(label: str, **how: Any) -> Line2D:
    return Line2D([], [], label=label, **how)


def method_keys(solvers: Iterable[str]) -> list[Line2D]:
    return [key(style.title(solver), color=style.colour(solver), linewidth=2.6) for solver in dict.fromkeys(solvers)]


def legend(ax: Axes, keys: list[Line2D], columns: int) -> None:
    ax.legend(
        handles=keys, loc="upper center", bbox_to_anchor=(0.5, -0.12), frameon=False, ncols=columns,
        columnspacing=1.4, handlelength=1.6, fontsize=style.SMALL_SIZE + 1,
    )  # fmt: skip


def kilometre_axis(ax: Axes, places: MapInfo) -> None:
    """On the right, what the loss means: the root mean square error of the distances."""
    km = ax.secondary_yaxis("right", functions=(lambda f: typical_error(f, places), lambda e: loss_at(e, places)))
    km.yaxis.set_major_locator(FixedLocator([1, 10, 100, 1000]))
    km.yaxis.set_minor_locator(NullLocator())
    km.yaxis.set_major_formatter(FuncFormatter(lambda error, _: f"{error:,.0f}"))
    km.set_ylabel("typical error of a distance, km")
