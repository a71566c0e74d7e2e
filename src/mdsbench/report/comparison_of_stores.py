"""The runs of two stores, or of two versions of a solver, compared in pairs."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from mdsbench.errors import Failure, UsageError
from mdsbench.oracle.account import Limits
from mdsbench.report.results_table import Section, drawn, plain
from mdsbench.statistics.arrivals import arrivals
from mdsbench.statistics.comparison import NOTHING, WORSE, compare
from mdsbench.statistics.cost_model import MEASURED
from mdsbench.statistics.question import Question
from mdsbench.statistics.wording import amount, gap_in_words, listed, plural, rounded
from mdsbench.store.frames import traces
from mdsbench.store.store import Store

COLUMNS = ("pairs", "arrived", "ERT", "ratio", "interval", "verdict")
LEFT_OUT = (0, 1, 4, 2)  # the columns in the order in which they are left out of a narrow terminal
LIMITS = [f"limit_{field.name}" for field in fields(Limits)]
ONE_SOLVER = "second against first"


class Side(NamedTuple):
    """One side of a comparison: a store, and the solver that is meant, or "" for all."""

    store: Path
    solver: str

    @classmethod
    def parse(cls, text: str) -> "Side":
        """The side of `STORE` or `STORE:SOLVER`, where a solver may have a colon of its own."""
        places = [k for k, letter in enumerate(text) if letter == ":" and Path(text[:k]).is_file()]
        if Path(text).is_file() or not places:
            return cls(Path(text), "")
        return cls(Path(text[: places[-1]]), text[places[-1] + 1 :])


class Comparison(NamedTuple):
    """The frame of `compare`, and in sentences what it leaves out and how the seconds compare."""

    rows: pd.DataFrame
    notes: list[str]


def compared(first: Side, second: Side, question: Question, margin: float) -> Comparison:
    """The second side against the first; raises UsageError if they have no cell in common."""
    if question.gradient == MEASURED:
        raise UsageError("a measured price differs between two measurements: give the price of a gradient as a number")
    if bool(first.solver) != bool(second.solver):
        raise UsageError("name a solver on both sides, or on none: STORE:SOLVER STORE:SOLVER")
    sides = [_read(side) for side in (first, second)]
    _share_floors([runs for runs, _ in sides])
    tables = [_table(runs, improvements, question) for runs, improvements in sides]
    if first.solver:
        tables = [_of_solver(table, side) for table, side in zip(tables, (first, second), strict=True)]
    costs = [question.costs(table, {}) for table in tables]
    rows = compare(tables[0], costs[0], tables[1], costs[1], margin=margin)
    if rows.empty:
        raise UsageError("the two sides have no cell in common: the same problem, solver, start, seed and limits")
    return Comparison(rows, [*_left_out(tables), *_seconds(tables)])


def verdict(rows: pd.DataFrame) -> str:
    """How many comparisons had which verdict, in one sentence."""
    counts = rows["verdict"].value_counts()
    return f"{plural(len(rows), 'comparison')}: {listed([f'{count} {name}' for name, count in counts.items()])}."


def worse(rows: pd.DataFrame) -> int:
    """How many comparisons show that the second side is worse."""
    return int((rows["verdict"] == WORSE).sum())


def rendered(found: Comparison, question: Question, margin: float, width: int) -> str:
    """The comparison as a table and sentences, in lines of that width."""
    sections: list[Section] = []
    for (problem, start, target), rows in found.rows.groupby(["problem", "start", "target"], sort=False):
        head = f"{problem}, {start}, gap {gap_in_words(float(str(target)))}"
        sections.append((head, [(str(row["solver"]), _cells(row)) for _, row in rows.iterrows()]))
    caption = [
        f"ERT: expected {question.unit} until a run arrives, restarts included, of A and of B; {question.label}",
        "ratio: B over A, from pairs of the same start and seed, with its interval at 95 %",
        f"same, no worse: shown to be within {100 * margin:g} %; verdicts are corrected for their number (Holm)",
    ]
    return "\n".join([*drawn(COLUMNS, sections, caption, width, LEFT_OUT), "", verdict(found.rows), *found.notes])


def records(found: Comparison, question: Question, margin: float) -> dict[str, Any]:
    """The comparison as strict JSON: what is not a finite number is null."""
    rows = [{str(name): plain(value) for name, value in row.items()} for row in found.rows.to_dict("records")]
    return {
        "cost": question.cost,
        "gradient_cost": question.gradient,
        "margin": margin,
        "comparisons": rows,
        "worse": worse(found.rows),
        "notes": found.notes,
    }


def _read(side: Side) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The runs of a side and their improvements; raises Failure if it has none."""
    with Store.read(side.store) as store:
        runs, improvements = traces(store)
    if runs.empty:
        raise Failure(f"{side.store} has no run yet: mdsbench run makes some")
    return runs, improvements


def _share_floors(both: Sequence[pd.DataFrame]) -> None:
    """Where no best known value exists, the least value that either side found stands in its place."""
    every = pd.concat([runs[["problem", "final_loss"]] for runs in both])
    least = every["final_loss"].astype(float).groupby(every["problem"]).min()
    for runs in both:
        runs["best_known"] = runs["best_known"].astype(float).fillna(runs["problem"].map(least))


def _table(runs: pd.DataFrame, improvements: pd.DataFrame, question: Question) -> pd.DataFrame:
    """The arrivals of a side; runs of one trial have the same limits."""
    table = arrivals(runs, improvements, question.targets)
    of_key = runs.set_index("key")
    limits = pd.Series(map(str, of_key[LIMITS].astype(float).itertuples(index=False, name=None)), of_key.index)
    return table.assign(
        trial=table["trial"] + " " + table["key"].map(limits), label=table["key"].map(of_key["version"])
    )


def _of_solver(table: pd.DataFrame, side: Side) -> pd.DataFrame:
    """The rows of the one solver and version that is meant; raises UsageError if that is none or several."""
    meant = table[table["solver"] == side.solver]
    if meant.empty:
        meant = table[table["label"] == side.solver]
    names = list(meant["solver"].unique())
    if len(names) != 1:
        what = f"{side.solver} stands for {listed(names)}" if names else f"there is no solver {side.solver}"
        raise UsageError(f"{side.store}: {what}; name one of {listed(sorted(table['solver'].unique()))}")
    return meant.assign(solver=ONE_SOLVER).reset_index(drop=True)


def _left_out(tables: Sequence[pd.DataFrame]) -> Iterator[str]:
    """Which solvers only one side has."""
    first, second = (set(table["solver"]) for table in tables)
    for names, side in ((first - second, "A"), (second - first, "B")):
        if names:
            yield f"Only {side} has {listed(sorted(names))}."


def _seconds(tables: Sequence[pd.DataFrame]) -> Iterator[str]:
    """How the seconds of runs in pairs compare; they decide nothing, because machines are noisy."""
    keys = ["problem", "solver", "trial", "target"]
    sides = [table.drop_duplicates(keys[:3])[[*keys, "seconds"]] for table in tables]
    both = sides[0].merge(sides[1], on=keys, suffixes=("", "_other"))
    timed = both[(both["seconds"] > 0) & (both["seconds_other"] > 0)]
    if len(timed):
        ratio = float(np.median(timed["seconds_other"] / timed["seconds"]))
        yield f"Seconds, which decide nothing: B takes {rounded(ratio)} times as long as A, the median of the pairs."


def _cells(row: "pd.Series") -> list[str]:
    ratio, low, high = (float(row[name]) for name in ("ratio", "low", "high"))
    known = 0 < low < high < np.inf
    ends = [amount(float(row[name])) if np.isfinite(row[name]) else "never" for name in ("ert", "other_ert")]
    return [
        str(row["pairs"]),
        f"{row['arrived']}, {row['other_arrived']}",
        "" if row["verdict"] == NOTHING else ", ".join(ends),
        rounded(ratio) if np.isfinite(ratio) and ratio > 0 else "",
        f"{rounded(low)}–{rounded(high)}" if known else "",
        str(row["verdict"]),
    ]
