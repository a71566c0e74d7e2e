"""The moving maps of runs, as many frames of each as a number of bytes allows."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mdsbench.oracle.account import Moment
from mdsbench.problems.problem import Array
from mdsbench.report.page.payload.charts import Chart
from mdsbench.report.page.payload.columns import column
from mdsbench.report.page.payload.motion import Motion, motion
from mdsbench.report.page.payload.sampling import Indices, spread
from mdsbench.report.page.payload.traces import NAMES, calls
from mdsbench.statistics.arrivals import accounted
from mdsbench.store.store import Store

LEAST, MOST = 8, 400  # frames of a run
BYTES = 1.6  # of text for a number, at first
ROOM = 0.97  # of the bytes that are there, where a first attempt took too many
REACH = 0.97  # the share of the positions that must be in sight


class Moving(NamedTuple):
    """A run to show: its row, the index of its map, and the turns of its trial and of its own, shape (2, 2)."""

    row: int
    map: int
    trial: Array
    own: Array


class Trajectories(NamedTuple):
    """What the page takes, the index of each run's trajectory or -1, and the reach of the runs of each map."""

    json: dict[str, Any]
    index: NDArray[np.int_]
    reaches: dict[int, list[Array]]


def trajectories(
    store: Store, runs: pd.DataFrame, moving: Sequence[Moving], charts: Sequence[Chart], most_bytes: float
) -> Trajectories:
    """The positions of these runs, in the order in which they are wanted, in at most so many bytes of base64."""
    keys = {str(runs["key"].iloc[one.row]): one for one in moving}
    accounts = {key: account for key, account in store.paths(keys) if len(account)}
    wanted = _affordable([key for key in keys if key in accounts], keys, charts, most_bytes)
    points = np.array([charts[keys[key].map].points for key in wanted])
    there = np.array([len(accounts[key]) for key in wanted])
    passes = runs["terms_per_pass"].to_numpy(float)
    counts = {key: _counts(accounts[key], passes[keys[key].row]) for key in wanted}
    chosen = _chosen(counts, shares(there, points, most_bytes / BYTES))
    packed, reaches = {}, {}
    for key, x in store.positions(wanted):
        one, chart = keys[key], charts[keys[key].map]
        if len(x) == len(accounts[key]) and x.shape[1] == 2 * chart.points:
            placed = chart.positions(x[chosen[key]], one.trial)
            packed[key] = placed.astype(np.float32)
            reaches.setdefault(one.map, []).append(_reach(placed, chart))
    motions = {key: _motion(packed[key], charts[keys[key].map]) for key in packed}
    size = sum(len(one.data) for one in motions.values())
    if size > most_bytes:
        again = _chosen(
            {key: counts[key][chosen[key]] for key in packed},
            shares(
                np.array([len(packed[key]) for key in packed]),
                np.array([charts[keys[key].map].points for key in packed]),
                ROOM * most_bytes * sum(place.size for place in packed.values()) / 2 / size * 2,
            ),
        )
        chosen = {key: chosen[key][again[key]] for key in packed}
        motions = {key: _motion(packed[key][again[key]], charts[keys[key].map]) for key in packed}
    return _as_json(runs, keys, motions, counts, chosen, {key: accounts[key][:, LOSS] for key in packed}, reaches)


LOSS = Moment._fields.index("loss")


def shares(there: NDArray[np.int_], points: NDArray[np.int_], numbers: float) -> NDArray[np.int_]:
    """How many frames of each run there is room for, if all frames together have at most so many numbers.

    A run gets frames in inverse proportion to the square root of its points, at least 8 and at most 400, as far as it
    has them. There may be too little room for the least.
    """
    if not len(there):
        return there
    least = np.minimum(there, LEAST)
    most = np.minimum(there, MOST)

    def frames(height: float) -> NDArray[np.int_]:
        asked = np.clip(np.floor(height / np.sqrt(points)), least, most)
        return np.asarray(asked, np.int_)

    low, high = 0.0, float((most * np.sqrt(points)).max()) + 1.0
    for _ in range(50):
        middle = (low + high) / 2
        fits = (2 * points * frames(middle)).sum() <= numbers
        low, high = (middle, high) if fits else (low, middle)
    return frames(low)


def _affordable(
    keys: Sequence[str], moving: Mapping[str, Moving], charts: Sequence[Chart], most_bytes: float
) -> list[str]:
    """The runs whose least frames there is room for: each map has an equal share, and two runs if all fit."""
    maps = {moving[key].map for key in keys}
    spent = dict.fromkeys(maps, 0.0)
    taken = dict.fromkeys(maps, 0)
    left = most_bytes / BYTES
    kept = []
    for key in keys:
        place = moving[key].map
        price = 2.0 * charts[place].points * LEAST
        if spent[place] + price <= most_bytes / BYTES / len(maps) or (taken[place] < 2 and price <= left / 2):
            spent[place] += price
            taken[place] += 1
            left -= price
            kept.append(key)
    return kept


def _counts(account: Array, passes: float) -> Array:
    """The counts of a page at the snapshots of a run, shape (snapshots, 9)."""
    table = pd.DataFrame(account, columns=list(Moment._fields))
    return accounted(table, np.full(len(table), passes))


def _chosen(counts: Mapping[str, Array], frames: NDArray[np.int_]) -> dict[str, Indices]:
    return {key: spread(calls(counts[key]), most) for key, most in zip(counts, frames.tolist(), strict=True)}


def _motion(placed: Array, chart: Chart) -> Motion:
    return motion(placed.astype(float), chart.middle, chart.extent)


def _reach(placed: Array, chart: Chart) -> Array:
    """How far from the middle most positions of a run are, shape (2,)."""
    away = np.abs(placed - chart.middle).reshape(-1, 2)
    known = away[np.isfinite(away).all(axis=1)]
    return np.quantile(known, REACH, axis=0) if len(known) else np.zeros(2)


def _as_json(
    runs: pd.DataFrame,
    moving: Mapping[str, Moving],
    motions: Mapping[str, Motion],
    counts: Mapping[str, Array],
    chosen: Mapping[str, Indices],
    losses: Mapping[str, Array],
    reaches: dict[int, list[Array]],
) -> Trajectories:
    index = np.full(len(runs), -1)
    shown = []
    for place, (key, packed) in enumerate(motions.items()):
        one = moving[key]
        index[one.row] = place
        own = one.trial.T @ one.own
        shown.append({"run": one.row, "map": one.map, "own": own.ravel().tolist(), **packed.as_json()})
    rows = np.concatenate([counts[key][chosen[key]] for key in motions]) if motions else np.empty((0, len(NAMES)))
    loss = np.concatenate([losses[key][chosen[key]] for key in motions]) if motions else np.empty(0)
    json = {
        **{name: column(values.astype(np.float32) if name == "seconds" else values)
           for name, values in zip(NAMES, rows.T, strict=True)},
        "loss": column(loss),
        "list": shown,
    }
    return Trajectories(json, index, reaches)
