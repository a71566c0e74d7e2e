"""The answer to a question about runs: running times, what they say in sentences, and what must be known beside it."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from mdsbench.errors import UsageError
from mdsbench.oracle.endings import FAILED, Ending
from mdsbench.statistics.arrivals import arrivals
from mdsbench.statistics.question import CALLS, Question, chosen
from mdsbench.statistics.running_time import running_time
from mdsbench.statistics.verdict import Finding, verdict
from mdsbench.statistics.wording import listed, plural, without_folders

LEVEL = 0.95
SHOWN = 6  # names in a note


class Answer(NamedTuple):
    """What the runs say.

    `times` is the frame of `running_time` with the column `family`. `verdict`, `floors` and `notes` are sentences:
    `floors` say where no best known value exists, `notes` which versions, failures and gaps the numbers hide.
    """

    question: Question
    times: pd.DataFrame
    verdict: list[Finding]
    floors: list[str]
    notes: list[str]


def answer(
    runs: pd.DataFrame,
    improvements: pd.DataFrame,
    question: Question,
    *,
    prices: Mapping[str, float] | None = None,
    keys: Collection[str] | None = None,
    told: bool = True,
) -> Answer:
    """Answer a question from the tables of `mdsbench.store.frames.traces`.

    `prices` are the measured prices of a gradient by problem, which "measured" needs. `keys`, if given, are the runs
    that are compared; the others still tell which value is the least that was found. The verdict is left out if it is
    not to be `told`. Raises UsageError if no run is selected.
    """
    of_problems = runs[chosen(runs, question.problems, "problem", "problem_version")]
    compared = of_problems[chosen(of_problems, question.solvers, "solver", "version")]
    if keys is not None:
        compared = compared[compared["key"].isin(keys)]
    if not len(compared):
        raise UsageError("no run is left of this selection: choose fewer of --problem and --solver")
    table = arrivals(of_problems, improvements, question.targets)
    table = table[table["key"].isin(compared["key"])].reset_index(drop=True)
    costs = question.costs(table, dict(zip(runs["key"], runs["problem"].map(dict(prices or {})), strict=True)))
    times = running_time(table, costs, LEVEL)
    families = dict(zip(table["problem"], table["family"], strict=True))
    times.insert(1, "family", times["problem"].map(families))
    priced = question.cost == CALLS
    said = verdict(table, costs, times, unit=question.unit, priced=priced, level=LEVEL) if told else []
    return Answer(
        question,
        times,
        said,
        _floors(table),
        [*_repeated(compared), *_versions(compared), *_failures(compared), *_unaccounted(compared)],
    )


def _floors(table: pd.DataFrame) -> list[str]:
    """For which problems no best known value exists."""
    unknown = table[~table["floor_known"].astype(bool)].drop_duplicates("problem")
    if not len(unknown):
        return []
    told = [
        f"{name} ({floor:.6g})" if np.isfinite(floor) else f"{name} (no run found any)"
        for name, floor in zip(unknown["problem"], unknown["floor"], strict=True)
    ]
    place = "its place" if len(told) == 1 else "their place"
    return [f"No best known value: {_some(told)}. The least value that a run found stands in {place}."]


def _repeated(compared: pd.DataFrame) -> list[str]:
    """From which starts every run of a solver begins at the same point."""
    seeds = compared.groupby(["problem", "solver", "start"], sort=False)["seed"].nunique().reset_index()
    same = [str(start) for start in seeds.loc[seeds["seed"] > 1, "start"].unique()]
    if not same:
        return []
    text = "Every run of a solver begins at the same point from the start"
    return [f"{text} {_some(same)}: the runs of a solver that draws no random numbers are one run, repeated."]


def _versions(compared: pd.DataFrame) -> list[str]:
    """Which solvers and problems have runs of several versions."""
    notes = []
    for name, version in (("solver", "version"), ("problem", "problem_version")):
        several = compared.groupby(name, sort=False)[version].agg(lambda labels: list(dict.fromkeys(labels)))
        for which, labels in several[several.map(len) > 1].items():
            name = without_folders(str(which))
            notes.append(f"{name} has runs of several versions, which are counted apart: {_some(labels)}.")
    return notes


def _failures(compared: pd.DataFrame) -> list[str]:
    """Which solvers failed, how often and how; the runs count as never arriving."""
    failed = compared[compared["ending"].isin(FAILED)]
    notes = []
    for solver, runs in failed.groupby("solver", sort=False):
        of = plural(int((compared["solver"] == solver).sum()), "run")
        ends = listed([f"{count} {ending}" for ending, count in runs["ending"].value_counts().items()])
        name = without_folders(str(solver))
        notes.append(f"{name}: {len(runs)} of {of} failed ({ends}); they count as runs that never arrive.")
    return notes


def _unaccounted(compared: pd.DataFrame) -> list[str]:
    """Which solvers have runs whose process was killed, so that nobody knows what they had spent."""
    unknown = compared[compared["start_loss"].isna() & compared["ending"].isin((Ending.KILLED, Ending.TIMEOUT))]
    return [
        f"{without_folders(str(solver))}: what {plural(len(runs), 'run')} spent is unknown, because the process was"
        f" killed; the running time does not contain it and is too low."
        for solver, runs in unknown.groupby("solver", sort=False)
    ]


def _some(names: Sequence[str]) -> str:
    more = [f"{len(names) - SHOWN} more"] if len(names) > SHOWN else []
    return listed([*names[:SHOWN], *more])
