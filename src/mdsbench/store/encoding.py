"""Records as bytes: what a run wrote down along its way, in a tenth to a half of the room."""

import sys
import zlib

import numpy as np

from mdsbench.oracle.account import Moment
from mdsbench.problems.problem import Array
from mdsbench.runs.run import Run

SECONDS = Moment._fields.index("seconds")
LARGEST = 2.0**63  # counts are smaller
LATER = 2  # counts at the end of a moment, which are left out of a record in which they are 0


def pack(table: Array) -> bytes:
    """Doubles, shape (rows, columns), as bytes: column by column, equal bytes of neighbours together, deflated.

    Neighbours in a column resemble each other in sign, exponent and leading digits, which deflate finds only where
    they stand side by side.
    """
    columns = np.ascontiguousarray(table.T, dtype="<f8")
    return zlib.compress(columns.view(np.uint8).reshape(-1, 8).T.tobytes(), 1)


def unpack(packed: bytes, columns: int, most_rows: int) -> Array:
    """The table that was packed, shape (rows, columns); raises ValueError if it is damaged or has more rows."""
    most = 8 * columns * most_rows
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(packed, min(most + 1, sys.maxsize))
    except (zlib.error, MemoryError) as error:
        raise ValueError(f"a record cannot be inflated: {error}") from None
    if len(plain) > most or len(plain) % (8 * max(1, columns)) or not inflater.eof or inflater.unused_data:
        raise ValueError("a record is not as long as its run")
    planes = np.frombuffer(plain, np.uint8).reshape(8, -1)
    doubles = np.ascontiguousarray(planes.T).view("<f8")
    return doubles.reshape(columns, -1).T.astype(float) if columns else np.empty((most_rows, 0))


def table(moments: list[Moment]) -> tuple[bytes, bytes]:
    """The account at these moments and, apart from it because no two runs agree on them, the seconds."""
    rows = np.array(moments, dtype=float).reshape(-1, len(Moment._fields))
    counts = np.delete(rows, SECONDS, axis=1)
    return pack(counts if counts[:, -LATER:].any() else counts[:, :-LATER]), pack(rows[:, [SECONDS]])


def accounts(account: bytes, seconds: bytes, most: int) -> Array:
    """The rows of which `table` made these bytes; raises ValueError for damaged ones, or more than `most`.

    Shape (moments, 9), in the order of the fields of `Moment`.
    """
    clock = unpack(seconds, 1, most)
    columns = len(Moment._fields) - 1
    numbers = unpack(account, 1, columns * most)
    if numbers.size == (columns - LATER) * len(clock):
        counts = np.pad(numbers.reshape(columns - LATER, -1).T, ((0, 0), (0, LATER)))
    elif numbers.size == columns * len(clock):
        counts = numbers.reshape(columns, -1).T
    else:
        raise ValueError("a record is not as long as its run")
    if not np.isfinite(np.delete(counts, SECONDS, axis=1)).all():
        raise ValueError("a record holds a count that is not a finite number")
    return np.concatenate([counts[:, :SECONDS], clock, counts[:, SECONDS:]], axis=1)


def moments(account: bytes, seconds: bytes, most: int) -> list[Moment]:
    """The moments of which `table` made these bytes; raises ValueError for damaged ones, or more than `most`."""
    columns = [
        _column(name, numbers) for name, numbers in zip(Moment._fields, accounts(account, seconds, most).T, strict=True)
    ]
    return list(map(Moment._make, zip(*columns, strict=True)))


def _column(name: str, numbers: Array) -> list[int] | list[float]:
    """A column of an account as Python's numbers: counts as integers."""
    if name in ("seconds", "loss"):
        return list(numbers.tolist())
    if (np.abs(numbers) >= LARGEST).any():
        raise ValueError("a record holds a count that is too large")
    return list(numbers.astype(np.int64).tolist())


def thin(run: Run, snapshots: int) -> Run:
    """The run with at most so many entries of its path, evenly spread over the logarithm of the iterations."""
    if len(run.path) > snapshots:
        last = run.path[-1][0].iterations
        wanted: Array = np.geomspace(1, last + 1, snapshots) - 1 if snapshots else np.empty(0)
        iterations = [moment.iterations for moment, _ in run.path]
        kept = sorted(set(np.searchsorted(iterations, wanted).tolist()))
        run.path[:] = [run.path[k] for k in kept]
    return run
