"""The figure of the data profile."""

import pandas as pd
from matplotlib.figure import Figure

from mdsbench.report.figures import column
from mdsbench.statistics import profiles


@column.drawn
def data_profile(table: pd.DataFrame, costs: "pd.Series[float]") -> Figure | None:
    """Share of the cases against the cost in simplex gradients; None without an arrival that cost something."""
    block = profiles.largest_block(table)
    found = profiles.data_profile(block, costs)
    at = found["simplex_gradients"]
    if not (found["share"].any() and (at > 0).any()):
        return None
    curves = column.curves(found, "simplex_gradients", right=1.3 * at.max())
    cases, notes = int(found["cases"].iloc[0]), column.said(table, block)
    return column.share_figure(curves, f"cost / (n + 1): {costs.name}", cases, table, notes)
