"""Checkpoints of any solver, by record and replay.

A solver is a deterministic function of its seed and of what the problem answers. So a run is resumed without knowing
anything of its solver: every answer is written down when it is computed, and a run that begins again is given the
same answers, as long as it asks the same questions, for the price of reading them. It passes through the same iterates
and ends in the same result, bit for bit. What is cheap, such as the gradient of a few pairs, is computed again.

A file is one line that says whose answers they are, then records: the number of the question, the question (its kind
and a digest of where it was asked), the seconds that the answer took, the answer, and a checksum. A record goes to the
operating system as soon as the answers that wait took a second. So a kill loses a second of work, or one call.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from os import SEEK_CUR
from pathlib import Path
from struct import Struct
from time import perf_counter
from typing import Any, BinaryIO, Self
from zlib import crc32

import numpy as np

from mdsbench.oracle.endings import Ending
from mdsbench.problems.problem import Array, Problem
from mdsbench.runs.cell import Cell

LONG_PASS = 10_000_000  # pairs, whose every answer is written down at once
SHORT_PASS = 100_000  # pairs of a map, whose answers are too fast to be written down
SLOW = 0.001  # seconds: what is faster is computed again rather than written down
UNWRITTEN = 1.0  # seconds of answers that a kill may lose

_HEAD = Struct("<Q17sd")  # the number of the question, the question, the seconds
_KIND = 8  # where the kind of the question stands
_SEAL = Struct("<I")  # CRC-32 of what is before it
_VALUE, _GRADIENT, _GUTTMAN, _PRODUCT, _SLOPE = b"v", b"g", b"t", b"h", b"d"
_NUMBERS = {_VALUE: 0, _SLOPE: 1}  # that an answer has beside the value, if they are not one for each variable


@dataclass(frozen=True)
class Checkpoints:
    """The folder of a store's journals, one for each cell that is under way."""

    folder: Path

    @classmethod
    def beside(cls, store: Path) -> Self:
        """Those of a store."""
        return cls(store.absolute().with_name(f"{store.name}.checkpoints"))

    def path(self, key: str) -> Path:
        """The journal of the cell with that key."""
        return self.folder / f"{key}.journal"

    def keys(self) -> set[str]:
        """The cells that have one."""
        return {path.stem for path in self.folder.glob("*.journal")}

    def size(self, key: str) -> int:
        """The bytes that are kept of the run of that cell."""
        try:
            return self.path(key).stat().st_size
        except OSError:
            return 0

    def settle(self, key: str, ending: Ending) -> None:
        """The run of that cell is stored: forget its journal, unless the run may yet be tried again."""
        if not ending.failed:
            self.forget(key)

    def forget(self, key: str) -> None:
        """Remove the journal of a cell whose run is kept elsewhere by now, and the folder when it is empty."""
        with suppress(OSError):
            self.path(key).unlink(missing_ok=True)
            self.folder.rmdir()


class Journal:
    """The answers that a problem has given to one run, and what they took.

    `clock` is that of the run: an answer that is read counts with the seconds that it took when it was computed.
    `longest` is the longest of them, in seconds. `on_answer()` is called after each answer.
    """

    def __init__(
        self,
        path: Path | None,
        key: str,
        notice: Callable[[str], None] = lambda _: None,
        *,
        slow: float = 0.0,
        unwritten: float = 0.0,
    ) -> None:
        """Continue the journal at `path` or begin it; None keeps nothing. `notice` receives what failed.

        Answers that took fewer than `slow` seconds are not kept. Others are written when those that wait took
        `unwritten` seconds; the file is made then.
        """
        self.longest = 0.0
        self.replayed = 0
        self.on_answer: Callable[[], None] = lambda: None
        self._path, self._notice = path, notice
        self._slow, self._unwritten = slow, unwritten
        self._title = b"" if path is None else _title(key)
        self._ahead = 0.0  # of the wall clock
        self._asked = 0  # questions so far
        self._dimension = 0
        self._next: tuple[int, bytes, float, bytes] | None = None  # of the record that is read next, with its answer
        self._waiting, self._waited = b"", 0.0  # records, and the seconds of their answers
        self._keeps = path is not None
        self._file: BinaryIO | None = None
        if path is not None and path.exists():
            with self._giving_up():
                self._open(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, fault: type[BaseException] | None, *_: object) -> None:
        if fault and self._waiting:
            with self._giving_up():
                self._write()
        if self._file:
            self._file.close()

    def clock(self) -> float:
        """Seconds since some moment, those of the answers that were read among them."""
        return perf_counter() + self._ahead

    def over(self, problem: Problem) -> Problem:
        """The problem, its answers from here where they are known."""
        self._dimension = problem.dimension
        if self._file:
            with self._giving_up():
                self._look_ahead()

        def value(x: Array) -> float:
            return self._answer(_VALUE, (x,), lambda: (problem.value(x), _NOTHING))[0]

        def pass_of(kind: bytes, function: Callable[[Array], tuple[float, Array]]) -> Any:
            return lambda x: self._answer(kind, (x,), lambda: function(x))

        def product(x: Array, v: Array) -> Array:
            assert problem.hessian_vector
            computed = problem.hessian_vector
            return self._answer(_PRODUCT, (x, v), lambda: (0.0, computed(x, v)))[1]

        def slope(x: Array, v: Array) -> tuple[float, float]:
            def compute() -> tuple[float, Array]:
                value, derivative = problem.slope(x, v)
                return value, np.array([derivative])

            value, (derivative,) = self._answer(_SLOPE, (x, v), compute)
            return value, float(derivative)

        def batch(x: Array, pairs: Any) -> Array:
            assert problem.batch_gradient
            gradient = problem.batch_gradient(x, pairs)
            self.on_answer()
            return gradient

        return replace(
            problem,
            value=value,
            value_and_gradient=pass_of(_GRADIENT, problem.value_and_gradient),
            guttman=problem.guttman and pass_of(_GUTTMAN, problem.guttman),
            hessian_vector=problem.hessian_vector and product,
            directional_derivative=slope,
            batch_gradient=problem.batch_gradient and batch,
        )

    def _answer(
        self, kind: bytes, where: tuple[Array, ...], compute: Callable[[], tuple[float, Array]]
    ) -> tuple[float, Array]:
        """A number and others: read, or computed and kept; on the clock it takes what computing it took."""
        self._asked += 1
        began = perf_counter()
        if self._next is not None and self._next[0] == self._asked:
            read = self._read(kind + _digest(where))
            if read:
                seconds, answer = read
                self._heard(seconds, perf_counter() - began)
                return answer
            began = perf_counter()
        answer = compute()
        seconds = perf_counter() - began
        if seconds >= self._slow:
            if self._keeps and self._next is None:  # else it was fast when the records that follow were written
                self._keep(kind + _digest(where), seconds, answer)
            self._heard(seconds, perf_counter() - began)
        return answer

    def _heard(self, seconds: float, taken: float) -> None:
        """An answer took so many seconds when it was computed, and so many now, with all that is done about it."""
        self.longest = max(self.longest, seconds)
        self._ahead += seconds - taken
        self.on_answer()

    def _open(self, path: Path) -> None:
        """Read what is there, or set it aside."""
        self._file = path.open("r+b", buffering=0)
        found = self._file.read(len(self._title))
        if found == self._title:
            return
        self._file.close()
        self._file = None
        if not self._title.startswith(found):  # else it was torn when it began
            aside = path.with_name(f"{path.name}.corrupt")
            path.replace(aside)
            self._notice(f"the checkpoint {path} is damaged or of another version: the run starts anew, see {aside}")

    def _look_ahead(self) -> None:
        """Read the next record, if there is a whole one."""
        assert self._file
        self._next = None
        head = self._file.read(_HEAD.size)
        size = _NUMBERS.get(head[_KIND : _KIND + 1], self._dimension)
        body, seal = self._file.read(8 + 8 * size), self._file.read(_SEAL.size)
        if seal == _SEAL.pack(crc32(body, crc32(head))):
            self._next = (*_HEAD.unpack(head), body)
        else:
            self._cut(head + body + seal, told=len(seal) == _SEAL.size)

    def _read(self, question: bytes) -> tuple[float, tuple[float, Array]] | None:
        """The seconds and the answer of the next record; None if it answers another question, as then do all later."""
        assert self._next
        _, asked, seconds, body = self._next
        with self._giving_up():
            if asked == question:
                self.replayed += 1
                numbers = np.frombuffer(body, "<f8")
                self._look_ahead()
                return seconds, (float(numbers[0]), numbers[1:].copy())
            self._next = None
            self._cut(bytes(_HEAD.size) + body + bytes(_SEAL.size), told=True)
        return None

    def _cut(self, read: bytes, *, told: bool) -> None:
        """Let the file end before what was just read; `told` where it is not just the end of the file."""
        assert self._file
        if told:
            self._notice(f"the checkpoint {self._path} is good up to call {self.replayed}: it goes on from there")
        self._file.seek(-len(read), SEEK_CUR)
        self._file.truncate()

    def _keep(self, question: bytes, seconds: float, answer: tuple[float, Array]) -> None:
        """Let a record wait to be written, and write all that wait if it is time."""
        head = _HEAD.pack(self._asked, question, seconds)
        body = np.concatenate([[answer[0]], answer[1]]).astype("<f8").tobytes()
        self._waiting += head + body + _SEAL.pack(crc32(body, crc32(head)))
        self._waited += seconds
        if self._waited >= self._unwritten:
            with self._giving_up():
                self._write()

    def _write(self) -> None:
        if self._file is None:
            assert self._path
            self._path.parent.mkdir(exist_ok=True)
            self._file = self._path.open("w+b", buffering=0)
            self._append(self._title)
        self._append(self._waiting)
        self._waiting, self._waited = b"", 0.0

    def _append(self, record: bytes) -> None:
        assert self._file
        if self._file.write(record) < len(record):
            raise OSError(None, "the disk is full")

    @contextmanager
    def _giving_up(self) -> Iterator[None]:
        """Go on without where the disk fails: what was written so far stays good up to the last whole record."""
        try:
            yield
        except OSError as error:
            if self._file:
                self._file.close()
            self._file, self._next, self._keeps, self._waiting = None, None, False, b""
            self._notice(f"no checkpoints in {self._path}: {error.strerror}; the run goes on without")


def journal_of(
    cell: Cell, problem: Problem, checkpoints: Checkpoints | None, notice: Callable[[str], None]
) -> Journal | None:
    """The journal of a cell's run; None if its calls are known to be fast, or nothing is to be kept of them.

    A pass over ten million pairs is long. How long the calls of a user's problem are, the journal finds out itself.
    """
    if problem.terms >= LONG_PASS:
        return Journal(checkpoints.path(cell.key) if checkpoints else None, cell.key, notice)
    if checkpoints is None or (problem.terms < SHORT_PASS and problem.ours):
        return None
    return Journal(checkpoints.path(cell.key), cell.key, notice, slow=SLOW, unwritten=UNWRITTEN)


_NOTHING = np.empty(0)


def _title(key: str) -> bytes:
    """Whose answers these are: the cell's, by the versions of what computes them."""
    return json.dumps({"journal": 2, "key": key, **_versions()}).encode() + b"\n"


@cache
def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("mdsbench", "numpy", "scipy", "numba")}


def _digest(where: tuple[Array, ...]) -> bytes:
    digest = blake2b(digest_size=16)
    for array in where:
        digest.update(np.ascontiguousarray(array, "<f8").data)
    return digest.digest()
