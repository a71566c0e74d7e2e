"""A store as pandas frames, in one call."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from mdsbench.oracle.account import Limits, Moment
from mdsbench.oracle.endings import FAILED
from mdsbench.store.labels import labels, versions_of_row
from mdsbench.store.store import Store


class Frames(NamedTuple):
    """Three tables that share the column `key`: a row a run, a row an improvement, a row a snapshot."""

    runs: pd.DataFrame
    improvements: pd.DataFrame
    path: pd.DataFrame


def frames(path: Path | str) -> Frames:
    """Everything in a store."""
    with Store.read(Path(path)) as store:
        return everything(store)


def everything(store: Store) -> Frames:
    """The three tables of an open store."""
    improvements: list[tuple[Any, ...]] = []
    snapshots: list[tuple[Any, ...]] = []
    for key, run in store.items():
        improvements.extend((key, *moment) for moment in run.improvements)
        snapshots.extend((key, *moment, x) for moment, x in run.path)
    columns = ["key", *Moment._fields]
    return Frames(
        runs(store), pd.DataFrame(improvements, columns=columns), pd.DataFrame(snapshots, columns=[*columns, "x"])
    )


def runs(store: Store) -> pd.DataFrame:
    """A row a run: its cell with every limit, its ending, whether that is a failure, its account and losses.

    The columns `version`, `problem_version` and `start_version` are short labels of the versions of the solver, the
    problem and the start, such as `mine.py:s@3f2a`.
    """
    columns, rows = store.read_runs()
    frame = pd.DataFrame(rows, columns=columns)
    limits = {text: json.loads(text) for text in frame["limits"].unique()}
    for place, name in enumerate((field.name for field in fields(Limits)), columns.index("limits")):
        bounds = {text: limit.get(name) for text, limit in limits.items()}
        frame.insert(place, f"limit_{name}", frame["limits"].map(bounds))
    frame.insert(list(frame.columns).index("ending") + 1, "failed", frame["ending"].isin(FAILED))
    names = zip(*(frame[column] for column in ("problem", "solver", "start", "versions")), strict=True)
    found = [versions_of_row(*row) for row in names]
    named = labels(version for cell in found for version in cell)
    for kind, column in (("solver", "version"), ("problem", "problem_version"), ("start", "start_version")):
        told = [named[getattr(cell, kind)] for cell in found]
        frame[column] = pd.Series(told, frame.index, dtype=frame["solver"].dtype)
    return frame.drop(columns="limits")
