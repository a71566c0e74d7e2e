"""The table of the solvers, for a page without scripts: how many arrive, and at which multiple of the least cost."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from mdsbench.statistics.overview import overview
from mdsbench.statistics.wording import amount, gap_in_words, plural, rounded, without_folders

MOST = 12  # groups that are told apart


class Row(NamedTuple):
    """A solver in a group of problems, as texts."""

    solver: str
    reached: str
    arrived: str
    cost: str
    best: str
    multiple: str


class Group(NamedTuple):
    """Problems of a family (None: all) from one start at one gap, also in words, with a row for each solver."""

    about: str
    rows: list[Row]
    family: str | None
    start: str
    target: float


def groups(times: pd.DataFrame) -> list[Group]:
    """The frame of `running_time` as groups, each with its best solvers first."""
    made = []
    for _, rows in overview(times, MOST).groupby(["group", "start", "target"], sort=False):
        first = rows.iloc[0]
        few, many = int(first["least"]), int(first["most"])
        count = plural(int(first["problems"]), "problem")
        sizes = plural(few, "variable") if few == many else f"{few:,} to {many:,} variables"
        name = "all families" if first["group"] == "all" else without_folders(str(first["group"]))
        about = f"{name}: {count} of {sizes}, start {first['start']}, gap {gap_in_words(first['target'])}"
        largest = _largest(times, first)
        family = None if first["group"] == "all" else str(first["group"])
        lines = [_row(row, largest) for _, row in rows.iterrows()]
        made.append(Group(about, lines, family, str(first["start"]), float(first["target"])))
    return made


def _largest(times: pd.DataFrame, group: "pd.Series") -> dict[str, float]:
    """The expected cost of each solver at the problem of a group with the most variables."""
    rows = times[(times["start"] == group["start"]) & (times["target"] == group["target"])]
    if group["group"] != "all":
        rows = rows[rows["family"] == group["group"]]
    rows = rows[rows["dimension"] == rows["dimension"].max()].drop_duplicates("solver", keep="last")
    return {str(solver): float(cost) for solver, cost in zip(rows["solver"], rows["ert"], strict=True)}


def _row(row: "pd.Series", largest: dict[str, float]) -> Row:
    multiple, cost = float(row["multiple"]), largest.get(str(row["solver"]), np.nan)
    return Row(
        str(row["solver"]),
        f"{row['reached']} of {row['problems']}",
        f"{row['arrived']:,} of {row['runs']:,}",
        amount(cost) if np.isfinite(cost) else "never" if np.isinf(cost) else "",
        str(row["best"]),
        rounded(multiple) if np.isfinite(multiple) else "" if row["reached"] else "never",
    )
