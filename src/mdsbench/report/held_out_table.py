"""The scores of trained models on what they have not seen, for the terminal."""

import pandas as pd

from mdsbench.report.results_table import Section, drawn
from mdsbench.store.held_out import COLUMNS

CAPTION = (
    "median (least–greatest) of the runs, where the loss was lowest; the test is on observations left out of the loss"
)


def rendered(scores: pd.DataFrame, width: int = 80) -> str:
    """A section for each problem, a line for each solver, the least loss first."""
    names = [str(column) for column in scores.columns if column not in COLUMNS]
    sections: list[Section] = []
    for name, rows in scores.groupby("problem", sort=False):
        kept = rows.dropna(axis=1, how="all")
        by_solver = sorted(kept.groupby("solver"), key=lambda pair: float(pair[1]["final_loss"].median()))
        lines = [
            (str(solver), [str(len(runs)), *(_spread(runs, column) for column in ("final_loss", *names))])
            for solver, runs in by_solver
        ]
        sections.append((f"{name}, {rows['dimension'].iloc[0]:,} parameters", lines))
    return "\n".join(drawn(("runs", "loss", *names), sections, [CAPTION], width, (0,)))


def _spread(runs: pd.DataFrame, column: str) -> str:
    """The median and, of several runs, the least and the greatest."""
    if column not in runs:
        return ""
    numbers = runs[column]
    middle = f"{numbers.median():.3g}"
    return middle if len(numbers) == 1 else f"{middle} ({numbers.min():.3g}–{numbers.max():.3g})"
