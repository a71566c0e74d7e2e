"""The moving maps of runs, as many frames of each as a number of bytes allows."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mdsbench.oracle.account import Moment
from mdsbench.problems.problem import Array
from mdsbench.report.page.payload import room
from mdsbench.report.page.payload.charts import Chart
from mdsbench.report.page.payload.columns import column
from mdsbench.report.page.payload.motion import Motion, motion
from mdsbench.report.page.payload.sampling import spread
from mdsbench.report.page.payload.traces import NAMES, calls
from mdsbench.statistics.arrivals import accounted
from mdsbench.store.store import Store

BYTES = 1.45  # of base64 for a number, at first
TRIES = 4  # to fit into the room
SPARE = 0.97  # of the room, where an attempt took too much
REACH = 0.97  # the share of the positions that must be in sight


class Moving(NamedTuple):
    """A run to show: its row, the index of its map, and the turns of its trial and of its own, shape (2, 2)."""

    row: int
    map: int
    trial: Array
    own: Array


class Shown(NamedTuple):
    """The snapshots of a run that are in the page: their positions, counts, shape (frames, 9), and losses."""

    run: Moving
    motion: Motion
    counts: Array
    loss: Array

    def at_most(self, frames: int) -> "Shown":
        """So many of the frames, the first and the last among them."""
        kept = spread(calls(self.counts), frames)
        return Shown(self.run, self.motion.at(kept), self.counts[kept], self.loss[kept])


class Trajectories(NamedTuple):
    """What the page takes, the place of each run's trajectory in it or -1, and the reach of the runs of each map."""

    json: dict[str, Any]
    places: NDArray[np.int_]
    reaches: dict[int, list[Array]]


def trajectories(
    store: Store, runs: pd.DataFrame, moving: Sequence[Moving], charts: Sequence[Chart], most_bytes: float
) -> Trajectories:
    """The positions of these runs, most wanted first, in about so many bytes of JSON."""
    found, reaches = _read(store, runs, moving, charts, most_bytes / BYTES)
    numbers = sum(len(one.loss) * (one.motion.numbers.shape[1] + room.COUNTS) for one in found)
    for _ in range(TRIES):
        packed = _as_json(found)
        size = _size(packed)
        if size <= most_bytes:
            break
        numbers = int(SPARE * numbers * most_bytes / size)
        there = np.array([len(one.loss) for one in found])
        most = room.shares(there, np.array([charts[one.run.map].points for one in found]), numbers)
        found = [one.at_most(frames) for one, frames in zip(found, most.tolist(), strict=True)]
    places = np.full(len(runs), -1)
    places[[one.run.row for one in found]] = np.arange(len(found))
    return Trajectories(packed, places, reaches)


def _read(
    store: Store, runs: pd.DataFrame, moving: Sequence[Moving], charts: Sequence[Chart], numbers: float
) -> tuple[list[Shown], dict[int, list[Array]]]:
    """The snapshots of those runs that there is room for, at most so many numbers, and the reach of each."""
    listed = {str(runs["key"].iloc[one.row]): one for one in moving}
    accounts = {key: account for key, account in store.paths(listed) if len(account)}
    keys = [key for key in listed if key in accounts]  # in the order in which they are wanted
    there = np.array([len(accounts[key]) for key in keys], int)
    points = np.array([charts[listed[key].map].points for key in keys], int)
    kept = room.affordable([listed[key].map for key in keys], room.least(there, points).tolist(), numbers)
    frames = dict(zip([keys[k] for k in kept], room.shares(there[kept], points[kept], numbers).tolist(), strict=True))
    counts = _counts({key: accounts[key] for key in frames}, runs, listed)
    shown, reaches = [], dict[int, list[Array]]()
    for key, x in store.positions(frames):
        one, chart = listed[key], charts[listed[key].map]
        if x.shape != (len(accounts[key]), 2 * chart.points):
            continue
        at = spread(calls(counts[key]), frames[key])
        placed = chart.positions(x[at], one.trial)
        reaches.setdefault(one.map, []).append(_reach(placed, chart))
        loss = accounts[key][at, Moment._fields.index("loss")]
        shown.append(Shown(one, motion(placed, chart.middle, chart.extent), counts[key][at], loss))
    return shown, reaches


def _counts(accounts: Mapping[str, Array], runs: pd.DataFrame, moving: Mapping[str, Moving]) -> dict[str, Array]:
    """The counts of a page at the snapshots of each run, shape (snapshots, 9)."""
    if not accounts:
        return {}
    lengths = [len(account) for account in accounts.values()]
    table = pd.DataFrame(np.concatenate(list(accounts.values())), columns=list(Moment._fields))
    passes = runs["terms_per_pass"].to_numpy(float)[[moving[key].row for key in accounts]]
    counts = accounted(table, np.repeat(passes, lengths))
    return dict(zip(accounts, np.split(counts, np.cumsum(lengths)[:-1]), strict=True))


def _reach(placed: Array, chart: Chart) -> Array:
    """How far from the middle most positions of a run are, shape (2,), in every eighth frame."""
    away = np.abs(placed[::8] - chart.middle).reshape(-1, 2)
    known = away[np.isfinite(away).all(axis=1)]
    return np.quantile(known, REACH, axis=0) if len(known) else np.zeros(2)


def _as_json(shown: Sequence[Shown]) -> dict[str, Any]:
    """As the page takes it: the columns of all trajectories, and each one's positions."""
    counts = np.concatenate([np.empty((0, len(NAMES))), *(one.counts for one in shown)])
    columns = dict(zip(NAMES, counts.T, strict=True))
    columns["seconds"] = columns["seconds"].astype(np.float32)
    return {
        **{name: column(values) for name, values in columns.items()},
        "loss": column(np.concatenate([np.empty(0), *(one.loss for one in shown)])),
        "list": [
            {
                "run": one.run.row,
                "map": one.run.map,
                "own": (one.run.trial.T @ one.run.own).ravel().tolist(),
                **one.motion.as_json(),
            }
            for one in shown
        ],
    }


def _size(packed: Mapping[str, Any]) -> int:
    """About how many bytes of JSON these are."""
    columns = sum(len(part["data"]) for name, part in packed.items() if name != "list")
    return columns + sum(len(one["data"]) + 250 for one in packed["list"])
