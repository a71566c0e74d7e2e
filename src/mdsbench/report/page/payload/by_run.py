"""The data of a page run by run, so that two pages can be compared."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mdsbench.problems.problem import Array
from mdsbench.report.page.payload.traces import NAMES
from mdsbench.report.page.payload.unpacked import numbers, positions, strings

RunData = dict[str, Any]
NAMED = {"solver": "solvers", "problem": "problems", "start": "starts", "trial": "trials", "protocol": "protocols"}


def by_run(data: Mapping[str, Any]) -> dict[str, RunData]:
    """For each run, by its key, everything that the data say of it; raises ValueError for damaged data.

    `arrivals` has the fate and the counts at every target, shape (targets, 10). `trace` and `frames` have the counts
    and the loss at improvements and snapshots, shape (rows, 10). `positions` has those of the snapshots, and `quantum`
    is what they were rounded to.
    """
    keys = strings(data["runs"]["key"])
    found: dict[str, RunData] = {key: {} for key in keys}
    for name, values in _columns(data).items():
        for key, value in zip(keys, values, strict=True):
            found[key][name] = value
    arrivals = _table(data["arrivals"], ["fate", *NAMES]).reshape(len(keys), len(data["targets"]), -1)
    first = numbers(data["traces"]["first"]).astype(int)
    traces = np.split(_table(data["traces"], [*NAMES, "loss"]), first[1:-1]) if len(keys) else []
    for key, arrived, trace in zip(keys, arrivals, traces, strict=True):
        found[key].update(arrivals=arrived, trace=trace)
    listed = data["trajectories"]["list"]
    ends = np.cumsum([one["frames"] for one in listed]).astype(int)
    frames = np.split(_table(data["trajectories"], [*NAMES, "loss"]), ends[:-1]) if listed else []
    for one, counts in zip(listed, frames, strict=True):
        found[keys[one["run"]]].update(frames=counts, positions=positions(one), quantum=one["scale"])
    return found


def _columns(data: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The columns of `runs` but the key, with names in place of indices."""
    found: dict[str, list[Any]] = {}
    for name, packed in data["runs"].items():
        if name in NAMED:
            there = [one["name"] if isinstance(one, dict) else one for one in data[NAMED[name]]]
            found[name] = [there[int(k)] for k in numbers(packed)]
        elif name in ("ending", "message"):
            found[name] = strings(packed)
        elif name not in ("key", "trajectory"):
            found[name] = numbers(packed).tolist()
    return found


def _table(columns: Mapping[str, Any], names: list[str]) -> Array:
    """Columns side by side, shape (rows, names)."""
    return np.column_stack([numbers(columns[name]) for name in names])
