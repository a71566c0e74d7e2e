"""A store as pandas frames, in one call."""

import json
from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from mdsbench.oracle.account import Limits, Moment
from mdsbench.oracle.endings import FAILED
from mdsbench.problems.problem import Array
from mdsbench.store.labels import labels, versions_of_row
from mdsbench.store.store import Store


class Frames(NamedTuple):
    """Three tables that share the column `key`: a row a run, a row an improvement, a row a snapshot."""

    runs: pd.DataFrame
    improvements: pd.DataFrame
    path: pd.DataFrame


class Traces(NamedTuple):
    """The tables that statistics are computed from: a row a run, a row an improvement; both have the column `key`."""

    runs: pd.DataFrame
    improvements: pd.DataFrame


def frames(path: Path | str) -> Frames:
    """Everything in a store."""
    with Store.read(Path(path)) as store:
        return everything(store)


def everything(store: Store) -> Frames:
    """The three tables of an open store."""
    snapshots = [(key, *moment, x) for key, run in store.items() for moment, x in run.path]
    return Frames(*traces(store), pd.DataFrame(snapshots, columns=["key", *Moment._fields, "x"]))


def traces(store: Store) -> Traces:
    """The runs of an open store with their improvements, without the positions: many times faster than everything.

    While a campaign writes to the store, the tables have the runs that were finished when this was called.
    """
    listed = runs(store)
    keys: list[str] = []
    accounts: list[Array] = []
    for key, account in store.improvements():
        keys.append(key)
        accounts.append(account)
    lengths = [len(account) for account in accounts]
    rows = np.concatenate(accounts) if accounts else np.empty((0, len(Moment._fields)))
    repeated = np.repeat(np.arange(len(keys)), lengths)
    columns = {"key": pd.Series(keys, dtype=listed["key"].dtype).take(repeated).reset_index(drop=True)}
    for name, numbers in zip(Moment._fields, rows.T, strict=True):
        whole = name not in ("seconds", "loss")
        columns[name] = pd.Series(numbers.astype(np.int64) if whole else numbers)
    return Traces(listed, pd.DataFrame(columns))


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
