"""The figures of an analysis: each is drawn from the table of arrivals and the costs, or left out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from mdsbench.errors import Failure
from mdsbench.report import style
from mdsbench.report.figures import column
from mdsbench.report.figures.anytime import anytime
from mdsbench.report.figures.break_even import break_even_figure
from mdsbench.report.figures.break_even_variants import break_even_variants
from mdsbench.report.figures.data_profile import data_profile
from mdsbench.report.figures.ecdf import ecdf
from mdsbench.report.figures.growth import growth_figure
from mdsbench.report.figures.ladder import ladder_figure
from mdsbench.report.figures.performance_profile import performance_profile
from mdsbench.report.figures.share import share_that_arrives
from mdsbench.report.figures.who_wins import against_differences, against_gradients
from mdsbench.statistics.anytime import Price
from mdsbench.statistics.arrivals import TARGETS, arrivals, cost
from mdsbench.statistics.cost_model import DIMENSION

Draw = Callable[[pd.DataFrame, "pd.Series[float]"], Figure | None]

FIGURES: Mapping[str, Draw] = {
    "performance-profile": performance_profile,
    "data-profile": data_profile,
    "ecdf": ecdf,
    "growth": growth_figure,
    "break-even": break_even_figure,
    "break-even-variants": break_even_variants,
    "share": share_that_arrives,
    "who-wins": against_gradients,
    "who-wins-by-values": against_differences,
    "ladder": ladder_figure,
}
"""The figures by the names of their files. Each function receives the table of `arrivals` and the cost of each row; it
returns a figure, or None where there is nothing to show."""


def write_figures(
    runs: pd.DataFrame,
    improvements: pd.DataFrame,
    folder: Path,
    *,
    gradient: float | str = 1.0,
    targets: Sequence[float] = TARGETS,
    formats: Sequence[str] = ("svg", "png"),
    price: Price | None = None,
) -> list[Path]:
    """Write every figure that has something to show; returns the paths of the files.

    Parameters
    ----------
    runs, improvements
        The tables of `mdsbench.store.frames.frames`.
    folder
        Made if it is missing. Files of the same names are replaced.
    gradient
        How many function values a gradient counts as: a number, or "dimension".
    targets
        Relative gaps, as `arrivals` takes them.
    formats
        Of "svg", "pdf" and "png".
    price
        Another cost of the rows of `arrivals` than function values at the price `gradient`, for example
        `lambda table: table["pairs"]`. The name of what it returns is the unit on the axes.

    Raises
    ------
    UsageError
        For a format or a target that makes no sense.
    Failure
        If the folder cannot be written to.
    """
    kinds = style.formats(formats)
    table = arrivals(runs, improvements, targets)
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, figure in _figures(runs, improvements, table, price or _price(gradient)):
            if figure:
                for kind in kinds:
                    written.append(folder / f"{name}.{kind}")
                    column.save(figure, written[-1])
    except OSError as error:
        raise Failure(f"cannot write to {folder}: {error.strerror}; choose another folder") from None
    return written


def _figures(
    runs: pd.DataFrame, improvements: pd.DataFrame, table: pd.DataFrame, price: Price
) -> Iterator[tuple[str, Figure | None]]:
    """The figures with their names, one after the other."""
    costs = price(table)
    for name, draw in FIGURES.items():
        yield name, draw(table, costs)
    yield "anytime", anytime(runs, improvements, price)


def _price(gradient: float | str) -> Price:
    """The cost in function values, named as an axis says it."""
    return lambda table: cost(table, gradient).rename(_unit(gradient))


def _unit(gradient: float | str) -> str:
    """What costs are counted in, as an axis says it."""
    if gradient == 1:
        return "function values and gradients"
    return f"function values, a gradient is {'n' if gradient == DIMENSION else f'{float(gradient):g}'}"
