"""The figure of the performance profile, with a warning where it ranks two solvers otherwise than their own profile."""

import pandas as pd
from matplotlib.figure import Figure

from mdsbench.report import style
from mdsbench.report.figures import column
from mdsbench.statistics import profiles

LONGEST = 24  # letters of a solver's name in a note


@column.drawn
def performance_profile(table: pd.DataFrame, costs: "pd.Series[float]") -> Figure | None:
    """Share of the cases against the multiple of the least cost; None without two solvers or without an arrival."""
    block = profiles.largest_block(table)
    found = profiles.performance_profile(block, costs)
    if found["solver"].nunique() < 2 or not found["share"].any():
        return None
    curves = column.curves(found, "factor", right=max(10.0, 1.3 * found["factor"].max()))
    notes = [*_warning(profiles.reversals(block, costs)), *column.said(table, block)]
    cases = int(found["cases"].iloc[0])
    return column.share_figure(curves, f"cost / least cost: {costs.name}", cases, table, notes)


def _warning(reversals: pd.DataFrame) -> list[str]:
    """What Gould and Scott warn of, with the clearest pair."""
    if not len(reversals):
        return []
    first = reversals.iloc[0]
    solver, other = (style.plain(style.title(first[name]), LONGEST) for name in ("solver", "other"))
    more = f"; {len(reversals) - 1} more such pairs" if len(reversals) > 2 else "; one more such pair"
    return [
        f"Pairs may rank otherwise (Gould & Scott 2016): of the two alone, {solver} is above {other} at "
        f"{first['factor']:.2g} by {100 * first['alone']:.2g} %{more if len(reversals) > 1 else ''}"
    ]
