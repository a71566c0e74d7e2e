"""The speed of the compiled stress: one value with its gradient, compared with C and with the limit of the arithmetic.

    python benchmarks/peers/kernels.py

It needs Linux, gcc and two idle cores, takes two minutes, and prints a table. speed.py runs it and puts the table into
docs/performance.md. stress.c is the same form in C, compiled with -O3 -march=native -ffast-math, on as many threads
(arcs by the vector arcsine of glibc). The limit is a loop that computes only one square root and one division per pair,
with all threads, on numbers in the nearest cache. All ways take turns. A ratio is the median over the rounds.
"""

import ctypes
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numba import get_num_threads
from numpy.typing import NDArray

from mdsbench.mds.compiled import PRECISIONS, Stress
from mdsbench.mds.distances import GreatCircles, Stored

Array = NDArray[Any]
Way = Callable[[Array], tuple[float, Array]]

HERE = Path(__file__).resolve().parent
GCC = ["gcc", "-O3", "-march=native", "-ffast-math", "-fopenmp", "-shared", "-fPIC"]
ROUNDS, ROUND = 21, 0.03  # per round, each way has about this many seconds, or one call
FEW = 5  # rounds, if a call takes a second

# Floors for distances stored in double precision, set before the first measurement: the least shares of mdsbench's
# time that C and the arithmetic take, the latter for at least LIMIT_FROM points.
C_FLOOR, LIMIT_FLOOR, LIMIT_FROM = 1 / 1.15, 0.75, 2000
CASES = [
    *(("stored", n, precision) for n in (500, 2000, 5000) for precision in PRECISIONS),
    *(("computed", n, precision) for n in (5000, 50_250) for precision in PRECISIONS),
]


class Row(NamedTuple):
    """One value with its gradient: its seconds with mdsbench, and the shares of them that C and the limit take.

    `targets` are "stored" or "computed" distances. `limit` is None if it was not measured.
    """

    points: int
    targets: str
    precision: str
    seconds: float
    c: float
    limit: float | None


class Yardstick:
    """stress.c, compiled for one precision."""

    def __init__(self, precision: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            library = Path(folder) / "stress.so"
            real = "double" if precision == "double" else "float"
            subprocess.run([*GCC, f"-DREAL={real}", HERE / "stress.c", "-o", library, "-lm"], check=True)
            self._c = ctypes.CDLL(str(library))
        pointer, number, whole = ctypes.c_void_p, ctypes.c_double, ctypes.c_long
        self._c.value_and_gradient.argtypes = [whole, pointer, pointer, pointer, number, pointer, ctypes.c_int]
        self._c.value_and_gradient.restype = self._c.root_and_division.restype = number
        self._c.root_and_division.argtypes = [whole, ctypes.c_int]
        self._real = PRECISIONS[precision]

    def value_and_gradient(
        self, targets: Stored | GreatCircles, threads: int
    ) -> Callable[[Array], tuple[float, Array]]:
        """The counterpart in C of `Stress(targets).value_and_gradient`."""
        kept = isinstance(targets, Stored)
        held = np.ascontiguousarray(targets.D if isinstance(targets, Stored) else targets.directions, self._real)
        radius = 0.0 if isinstance(targets, Stored) else targets.radius

        def call(x: Array) -> tuple[float, Array]:
            gradient = np.empty(len(x))
            D, V = (held.ctypes.data, None) if kept else (None, held.ctypes.data)
            value = self._c.value_and_gradient(len(x) // 2, x.ctypes.data, D, V, radius, gradient.ctypes.data, threads)
            return value, gradient

        return call

    def limit(self, pairs: int, threads: int) -> float:
        """Seconds for one root and one division per pair."""
        seconds: float = self._c.root_and_division(pairs, threads)
        return abs(seconds)


def scene(kind: str, n: int) -> Stored | GreatCircles:
    """Random targets of a kind; the places are distributed as on a map of Europe."""
    rng = np.random.default_rng(0)
    if kind == "stored":
        return Stored(rng.uniform(0.1, 1.5, n * (n - 1) // 2))
    return GreatCircles(rng.uniform(35, 70, n), rng.uniform(-10, 50, n), unit_km=5000.0)


def rows() -> list[Row]:
    """All rows of the table. Before the timing, all ways are checked to give the same value and gradient."""
    yardsticks = {precision: Yardstick(precision) for precision in PRECISIONS}
    measured = []
    for kind, n, precision in CASES:
        measured.append(_row(kind, n, precision, yardsticks[precision]))
        print(f"{kind} {n} {precision}: done", file=sys.stderr)
    return measured


def _row(kind: str, n: int, precision: str, yardstick: Yardstick) -> Row:
    targets, threads, pairs = scene(kind, n), get_num_threads(), n * (n - 1) // 2
    x = np.random.default_rng(1).uniform(size=2 * n)
    stress = Stress(targets, precision)
    stress.prepare()
    ways: dict[str, Callable[[Array], Any]] = {
        "ours": stress.value_and_gradient,
        "c": yardstick.value_and_gradient(targets, threads),
    }
    _check_that_all_agree(ways, x, 1e-9 if precision == "double" else 1e-3)
    if precision == "double":
        ways["limit"] = lambda _: yardstick.limit(pairs, threads)
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(FEW if n > 10_000 else ROUNDS):
        for way, call in ways.items():
            times[way].append(_seconds(call, x))
    ratio = {way: median(other / ours for other, ours in zip(times[way], times["ours"], strict=True)) for way in times}
    seconds = median(times["ours"])
    return Row(n, kind, precision, seconds, ratio["c"], ratio.get("limit"))


def _check_that_all_agree(ways: dict[str, Way], x: Array, tolerance: float) -> None:
    value, gradient = ways["ours"](x)
    for way, call in ways.items():
        other, slope = call(x)
        assert abs(other / value - 1.0) < tolerance, f"{way} has another value"
        assert np.abs(slope - gradient).max() < tolerance * np.abs(gradient).max(), f"{way} has another gradient"


def _seconds(call: Callable[[Array], Any], x: Array) -> float:
    """The mean over several calls, after one that is not counted because it starts the threads."""
    begin = perf_counter()
    call(x)
    calls = max(1, int(ROUND / (perf_counter() - begin)))
    begin = perf_counter()
    for _ in range(calls):
        call(x)
    return (perf_counter() - begin) / calls


def table(measured: list[Row]) -> str:
    """The rows in Markdown, with a mark for each floor: whether it is reached."""
    lines = [
        "| points | distances | precision | time | ns per pair | C takes | the arithmetic takes |",
        "|---:|---|---|---:|---:|---:|---:|",
    ]
    for row in measured:
        floors = row.targets == "stored" and row.precision == "double"
        c = f"{row.c:.2f} ×" + _mark(row.c, C_FLOOR if floors else None)
        limit = row.limit and f"{row.limit:.0%}" + _mark(
            row.limit, LIMIT_FLOOR if floors and row.points >= LIMIT_FROM else None
        )
        ns = 1e9 * row.seconds / (row.points * (row.points - 1) / 2)
        lines.append(
            f"| {row.points:,} | {row.targets} | {row.precision} | {_in_words(row.seconds)} | {ns:.2f} "
            f"| {c} | {limit or ''} |"
        )
    return "\n".join(lines)


def _mark(found: float, floor: float | None) -> str:
    if floor is None:
        return ""
    return f" {'✓' if found >= floor else '✗'} {floor:.2f}"


def _in_words(seconds: float) -> str:
    for unit, name in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= unit:
            return f"{seconds / unit:.2f} {name}"
    return f"{seconds / 1e-6:.1f} µs"


if __name__ == "__main__":
    print(table(rows()))
