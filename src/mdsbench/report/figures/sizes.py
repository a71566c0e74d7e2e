"""The axis of the number of variables, labelled at the sizes that occur."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator


def label_sizes(ax: Axes, sizes: "pd.Series[int]", most: int = 6) -> None:
    """Label the logarithmic x axis at the sizes, or at some of them if they are many."""
    values = np.unique(sizes)
    chosen = values[np.unique(np.linspace(0, len(values) - 1, min(most, len(values))).round().astype(int))]
    ax.xaxis.set_major_locator(FixedLocator(chosen.tolist()))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda at, _: f"{at:,g}"))
    ax.set_xlim(values[0] / 1.25, values[-1] * 1.25)
