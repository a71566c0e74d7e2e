"""The figures of a page for readers without scripts: few, in the page itself."""

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd
from markupsafe import Markup

from mdsbench.report.analysis import FIGURES
from mdsbench.report.figures.markup import markup

CAPTIONS = {
    "ecdf": "Who arrives, and at which cost: the share of all runs and gaps that a solver has reached.",
    "growth": "How the cost grows with the number of variables.",
    "break-even": "The price at which a gradient stops to pay, against the number of variables.",
    "performance-profile": "On which share of the problems a solver is within a factor of the cheapest one.",
}
AT_ONE_GAP = ("growth", "break-even")  # fits with intervals, which take long
GAP = 1e-2  # of the verdict and the table too; the scripts of the page show the others
MOST = 3


class Still(NamedTuple):
    """A figure that does not move, with its caption."""

    svg: Markup
    caption: str


def stills(table: pd.DataFrame, costs: "pd.Series[float]") -> Iterator[Still]:
    """The first figures of `CAPTIONS` that have something to show, of the table of `arrivals` and its costs."""
    at_gap = table["target"] == GAP
    one_gap = table[at_gap].reset_index(drop=True), costs[at_gap].reset_index(drop=True)
    drawn = 0
    for name, caption in CAPTIONS.items():
        if drawn < MOST and (figure := FIGURES[name](*(one_gap if name in AT_ONE_GAP else (table, costs)))):
            drawn += 1
            yield Still(markup(figure, name, caption), caption)
