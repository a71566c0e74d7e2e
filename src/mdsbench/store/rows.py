"""A run as rows of tables and back."""

import json
from math import nan
from typing import Any

import numpy as np

from mdsbench.oracle.account import Limits, Moment
from mdsbench.oracle.endings import Ending
from mdsbench.runs.cell import Cell, limits_json
from mdsbench.runs.run import Run
from mdsbench.store import encoding

CELL = ("problem", "solver", "start", "seed", "limits", "versions")
ACCOUNT = Moment._fields[:-1]  # the loss of the account is the column final_loss
RUN = ("ending", "message", *ACCOUNT, "dimension", "terms_per_pass", "start_loss", "final_loss", "best_known")
RECORDS = ("final_x", "improvements", "improvement_seconds", "path", "path_seconds", "positions")
LONGEST_MESSAGE = 10_000


def _marks(count: int) -> str:
    return ", ".join("?" * count)


INSERT_CELL = f"INSERT OR IGNORE INTO cells(key, {', '.join(CELL)}) VALUES ({_marks(1 + len(CELL))})"
INSERT_RUN = (
    f"INSERT OR REPLACE INTO runs(cell, environment, finished, {', '.join(RUN)}) VALUES ({_marks(3 + len(RUN))})"
)
INSERT_RECORDS = f"INSERT OR REPLACE INTO records(cell, {', '.join(RECORDS)}) VALUES ({_marks(1 + len(RECORDS))})"

SELECT_EVERYTHING = (
    f"SELECT key, environment, finished, {', '.join([*RUN, *RECORDS])} FROM runs JOIN cells ON id = runs.cell"
    " JOIN records ON records.cell = runs.cell"
)


def cell_row(cell: Cell) -> tuple[Any, ...]:
    """The columns CELL."""
    return (cell.problem, cell.solver, cell.start, cell.seed, limits_json(cell.limits), str(cell.versions))


def run_row(run: Run) -> list[Any]:
    """The columns RUN."""
    values = {**vars(run), **run.spent._asdict(), "final_loss": run.final_loss, "ending": str(run.ending)}
    values["message"] = run.message[-LONGEST_MESSAGE:]
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


def run_of_row(row: tuple[Any, ...]) -> Run:
    """The run whose columns these are: CELL, RUN and RECORDS."""
    cell = dict(zip(CELL, row, strict=False))
    columns = zip(RUN, row[len(CELL) :], strict=False)
    run: dict[str, Any] = {name: nan if value is None else value for name, value in columns}  # SQLite has no NaN
    spent = Moment(**{name: run.pop(name) for name in ACCOUNT}, loss=run.pop("final_loss"))
    packed = dict(zip(RECORDS, row[len(CELL) + len(RUN) :], strict=True))
    final_x = encoding.unpack(packed["final_x"], 1)[:, 0]
    path = encoding.moments(packed["path"], packed["path_seconds"])
    positions = list(encoding.unpack(packed["positions"], len(final_x))) if path else []
    return Run(
        cell=Cell(cell["problem"], cell["solver"], cell["start"], Limits(**json.loads(cell["limits"])), cell["seed"]),
        **{**run, "ending": Ending[run["ending"].upper()]},
        spent=spent,
        final_x=final_x,
        improvements=encoding.moments(packed["improvements"], packed["improvement_seconds"]),
        path=list(zip(path, positions, strict=True)),
    )
