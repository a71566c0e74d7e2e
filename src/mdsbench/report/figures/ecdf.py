"""The figure of the cumulative distribution of costs over all problems and targets."""

import pandas as pd
from matplotlib.figure import Figure

from mdsbench.report.figures import column
from mdsbench.statistics import profiles


@column.drawn
def ecdf(table: pd.DataFrame, costs: "pd.Series[float]") -> Figure | None:
    """Share of the cases that arrive within a cost per variable; None without an arrival that cost something."""
    block = profiles.largest_block(table)
    found = profiles.ecdf(block, costs / table["dimension"])
    if not (found["share"].any() and (found["cost"] > 0).any()):
        return None
    notes = ["a curve ends where its last run ended", *column.said(table, block)]
    cases = int(found["cases"].iloc[0])
    return column.share_figure(column.curves(found, "cost"), f"cost / n: {costs.name}", cases, table, notes)
