"""A run as rows of tables and back."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import isnan, nan
from typing import Any

import numpy as np

from mdsbench.oracle.account import Limits, Moment
from mdsbench.oracle.endings import Ending
from mdsbench.problems.problem import Array
from mdsbench.runs.cell import Cell, limits_json
from mdsbench.runs.run import Run
from mdsbench.store import encoding
from mdsbench.store.seal import checksum

CELL = ("problem", "solver", "start", "seed", "limits", "versions")
LATER = ("comparisons", "directional_derivatives")
ACCOUNT = tuple(name for name in Moment._fields if name not in ("loss", *LATER))  # its loss is the column final_loss
LOSSES = ("start_loss", "final_loss", "best_known")
RUN = ("ending", "message", *ACCOUNT, "dimension", "terms_per_pass", *LOSSES, "looks", *LATER)
RECORDS = ("final_x", "improvements", "improvement_seconds", "path", "path_seconds", "positions")
COUNTS = (*(name for name in ACCOUNT if name != "seconds"), "dimension", "terms_per_pass", "looks", *LATER)
ENDINGS = {str(ending): ending for ending in Ending}
LONGEST_MESSAGE = 10_000
SPARE_MOMENTS = 1_000  # that a record may have beyond one for each call and each iterate


def _marks(count: int) -> str:
    return ", ".join("?" * count)


INSERT_CELL = f"INSERT OR IGNORE INTO cells(key, {', '.join(CELL)}) VALUES ({_marks(1 + len(CELL))})"
INSERT_RUN = (
    f"INSERT OR REPLACE INTO runs(cell, environment, finished, {', '.join(RUN)}) VALUES ({_marks(3 + len(RUN))})"
)
INSERT_RECORDS = (
    f"INSERT OR REPLACE INTO records(cell, {', '.join(RECORDS)}, checksum) VALUES ({_marks(2 + len(RECORDS))})"
)

SELECT_RUNS = (
    f"SELECT runs.cell, environment, finished, key, records.checksum, {', '.join([*CELL, *RUN, *RECORDS])} FROM runs"
    " JOIN cells ON id = runs.cell JOIN records ON records.cell = runs.cell"
)
SELECT_RECORDS = (
    "SELECT runs.cell, key, records.checksum,"
    " iterations + evaluations + gradients + hessian_vectors + directional_derivatives + looks, dimension,"
    f" {', '.join(RECORDS)} FROM runs JOIN cells ON id = runs.cell JOIN records ON records.cell = runs.cell"
)
SELECT_EVERYTHING = f"{SELECT_RUNS} ORDER BY runs.cell"


def split(row: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any], tuple[bytes, ...]]:
    """The columns CELL, RUN and RECORDS apart."""
    return row[: len(CELL)], row[len(CELL) : -len(RECORDS)], tuple(row[-len(RECORDS) :])


def storable(text: str) -> str:
    r"""The text with escapes for what SQLite cannot keep: NUL as \x00, half a surrogate pair as \udc80."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def cell_row(cell: Cell) -> tuple[Any, ...]:
    """The columns CELL."""
    names = (storable(name) for name in (cell.problem, cell.solver, cell.start))
    return (*names, int(cell.seed), limits_json(cell.limits), str(list(cell.versions)))


def run_row(run: Run) -> list[Any]:
    """The columns RUN."""
    values: dict[str, Any] = {**vars(run), **run.spent._asdict(), "final_loss": run.final_loss}
    values |= {name: int(values[name]) for name in COUNTS}
    values |= {name: float(values[name]) for name in ("seconds", *LOSSES)}
    values |= {name: None for name in LOSSES if isnan(values[name])}  # SQLite has no NaN
    values["ending"] = str(run.ending)
    values["message"] = storable(run.message[-LONGEST_MESSAGE:])
    return [values[name] for name in RUN]


def blobs(run: Run) -> tuple[bytes, ...]:
    """The columns RECORDS."""
    positions = np.array([x for _, x in run.path], dtype=float).reshape(len(run.path), len(run.final_x))
    return (
        encoding.pack(run.final_x[:, None]),
        *encoding.table(run.improvements),
        *encoding.table([moment for moment, _ in run.path]),
        encoding.pack(positions),
    )


def sealed_records(cell: int, packed: tuple[bytes, ...]) -> list[Any]:
    """The row of the table `records`."""
    return [cell, *packed, checksum(cell, *packed)]


def run_of_row(key: str, row: tuple[Any, ...]) -> Run:
    """The run under that key whose columns these are: CELL, RUN and RECORDS. Raises ValueError for what is no run."""
    values = dict(zip(RUN, row[len(CELL) :], strict=False))
    run: dict[str, Any] = {name: nan if value is None else value for name, value in values.items()}
    spent = Moment(**{name: run.pop(name) for name in (*ACCOUNT, *LATER)}, loss=run.pop("final_loss"))
    packed = dict(zip(RECORDS, row[len(CELL) + len(RUN) :], strict=True))
    most = spent.iterations + spent.calls + run["looks"] + SPARE_MOMENTS
    final_x = encoding.unpack(packed["final_x"], 1, run["dimension"])[:, 0]
    path = encoding.moments(packed["path"], packed["path_seconds"], most)
    positions = list(encoding.unpack(packed["positions"], len(final_x), len(path))) if path else []
    return Run(
        cell=cell_of_row(key, *row[: len(CELL)]),
        **{**run, "ending": ENDINGS[run["ending"]]},
        spent=spent,
        final_x=final_x,
        improvements=encoding.moments(packed["improvements"], packed["improvement_seconds"], most),
        path=list(zip(path, positions, strict=True)),
    )


def improvements(packed: Mapping[str, bytes], calls: int) -> Array:
    """The improvements of a run with so many calls and iterates; raises ValueError for what are none."""
    return encoding.accounts(packed["improvements"], packed["improvement_seconds"], int(calls) + SPARE_MOMENTS)


def path(packed: Mapping[str, bytes], calls: int) -> Array:
    """The account at each snapshot of a run with so many calls and iterates; raises ValueError for what are none."""
    return encoding.accounts(packed["path"], packed["path_seconds"], int(calls) + SPARE_MOMENTS)


def positions(packed: Mapping[str, bytes], calls: int, dimension: int) -> Array:
    """The position at each snapshot, shape (snapshots, dimension); raises ValueError for what are none."""
    if not dimension:
        return np.empty((0, 0))
    return encoding.unpack(packed["positions"], dimension, int(calls) + SPARE_MOMENTS)


def result(packed: Mapping[str, bytes], dimension: int) -> Array:
    """The best position that a run found, shape (dimension,); raises ValueError for what is none."""
    return encoding.unpack(packed["final_x"], 1, dimension)[:, 0]


def cell_of_row(key: str, problem: str, solver: str, start: str, seed: int, limits: str, versions: str) -> Cell:
    """The cell under that key whose columns CELL these are."""
    bounds, numbers = limits_of_json(limits), versions_of_json(versions)
    return Cell.as_stored(problem, solver, start, bounds, seed, key=key, versions=numbers)


@lru_cache(10_000)
def limits_of_json(text: str) -> Limits:
    """The limits that `limits_json` wrote; raises ValueError for what are no limits."""
    found = json.loads(text)
    if not isinstance(found, dict) or not all(type(bound) in (int, float) for bound in found.values()):
        raise ValueError("limits are no table of numbers")
    try:
        return Limits(**found)
    except TypeError:
        raise ValueError("a limit has no name that is known") from None


@lru_cache(10_000)
def versions_of_json(text: str) -> tuple[int, ...]:
    """The versions of a cell; raises ValueError for what is no list of whole numbers."""
    found = json.loads(text)
    if not isinstance(found, list) or not all(type(number) is int for number in found):
        raise ValueError("versions are no list of whole numbers")
    return tuple(found)
