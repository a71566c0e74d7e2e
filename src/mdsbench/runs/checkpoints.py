"""Checkpoints of any solver, by record and replay.

A solver is a deterministic function of its seed and of what the problem answers. So a run is resumed without knowing
anything of its solver: every answer is written down when it is computed, and a run that begins again is given the
same answers, as long as it asks the same questions, for the price of reading them. It passes through the same iterates
and ends in the same result, bit for bit. What is cheap, the gradient of a few pairs, is computed again.

A file is one line that says whose answers they are, then records: the question (its kind and a digest of where it was
asked), the seconds that the answer took, the answer, and a checksum. Each goes to the operating system at once, so that
a kill loses one call at most.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from struct import Struct
from time import perf_counter
from typing import Any, BinaryIO, Self
from zlib import crc32

import numpy as np

from mdsbench.problems.problem import Array, Problem

LONG_PASS = 10_000_000  # pairs: what is faster is run again rather than written down

_HEAD = Struct("<17sd")  # the question, the seconds
_SEAL = Struct("<I")  # CRC-32 of what is before it
_VALUE, _GRADIENT, _GUTTMAN, _PRODUCT = b"v", b"g", b"t", b"h"


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

    def __init__(self, path: Path | None, key: str, notice: Callable[[str], None] = lambda _: None) -> None:
        """Continue the journal at `path` or begin it; None keeps nothing. `notice` receives what failed."""
        self.longest = 0.0
        self.replayed = 0
        self.on_answer: Callable[[], None] = lambda: None
        self._path, self._notice = path, notice
        self._ahead = 0.0  # of the wall clock
        self._file: BinaryIO | None = None
        self._reading = False
        if path is not None:
            try:
                self._open(path, _title(key))
            except OSError as error:
                self._give_up(error)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def clock(self) -> float:
        """Seconds since some moment, those of the answers that were read among them."""
        return perf_counter() + self._ahead

    def over(self, problem: Problem) -> Problem:
        """The problem, its answers from here where they are known."""
        n = problem.dimension

        def value(x: Array) -> float:
            return self._answer(_VALUE, (x,), 0, lambda: (problem.value(x), _NOTHING))[0]

        def pass_of(kind: bytes, function: Callable[[Array], tuple[float, Array]]) -> Any:
            return lambda x: self._answer(kind, (x,), n, lambda: function(x))

        def product(x: Array, v: Array) -> Array:
            assert problem.hessian_vector
            computed = problem.hessian_vector
            return self._answer(_PRODUCT, (x, v), n, lambda: (0.0, computed(x, v)))[1]

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
            batch_gradient=problem.batch_gradient and batch,
        )

    def _answer(
        self, kind: bytes, where: tuple[Array, ...], size: int, compute: Callable[[], tuple[float, Array]]
    ) -> tuple[float, Array]:
        """A number and `size` more: read, or computed and written; on the clock it takes what computing it took."""
        began = perf_counter()
        question = kind + _digest(where)
        seconds, answer = self._read(question, size)
        if answer is None:
            asked = perf_counter()
            answer = compute()
            seconds = perf_counter() - asked
            self._write(question, seconds, answer)
        self.longest = max(self.longest, seconds)
        self._ahead += seconds - (perf_counter() - began)
        self.on_answer()
        return answer

    def _open(self, path: Path, title: bytes) -> None:
        path.parent.mkdir(exist_ok=True)
        if path.exists():
            self._file = path.open("r+b", buffering=0)
            found = self._file.read(len(title))
            if found == title:
                self._reading = True
                return
            self._file.close()
            if not title.startswith(found):  # else it was torn when it began
                aside = path.with_name(f"{path.name}.corrupt")
                path.replace(aside)
                self._notice(
                    f"the checkpoint {path} is damaged or of another version: the run starts anew, see {aside}"
                )
        self._file = path.open("w+b", buffering=0)
        self._append(title)

    def _read(self, question: bytes, size: int) -> tuple[float, tuple[float, Array] | None]:
        """The seconds and the answer that come next, None where there is none to this question: nor any later one."""
        if not (self._file and self._reading):
            return 0.0, None
        try:
            start = self._file.tell()
            head, body, seal = (self._file.read(length) for length in (_HEAD.size, 8 + 8 * size, _SEAL.size))
            asked, seconds = _HEAD.unpack(head) if len(head) == _HEAD.size else (question, 0.0)
            if asked == question and seal == _SEAL.pack(crc32(body, crc32(head))):
                self.replayed += 1
                numbers = np.frombuffer(body, "<f8")
                return seconds, (float(numbers[0]), numbers[1:].copy())
            if asked != question or len(seal) == _SEAL.size:  # not just the end of the file, whole or torn
                self._notice(f"the checkpoint {self._path} is good up to call {self.replayed}: it goes on from there")
            self._reading = False
            self._file.seek(start)
            self._file.truncate()
        except OSError as error:
            self._give_up(error)
        return 0.0, None

    def _write(self, question: bytes, seconds: float, answer: tuple[float, Array]) -> None:
        if self._file is None:
            return
        head = _HEAD.pack(question, seconds)
        body = np.concatenate([[answer[0]], answer[1]]).astype("<f8").tobytes()
        try:
            self._append(head + body + _SEAL.pack(crc32(body, crc32(head))))
        except OSError as error:
            self._give_up(error)

    def _append(self, record: bytes) -> None:
        assert self._file
        if self._file.write(record) < len(record):
            raise OSError(None, "the disk is full")

    def _give_up(self, error: OSError) -> None:
        """Go on without: what was written so far stays good up to the last whole record."""
        if self._file:
            self._file.close()
        self._file, self._reading = None, False
        self._notice(f"no checkpoints in {self._path}: {error.strerror}; the run goes on without")


_NOTHING = np.empty(0)


def _title(key: str) -> bytes:
    """Whose answers these are: the cell's, by the versions of what computes them."""
    versions = {name: version(name) for name in ("mdsbench", "numpy", "scipy", "numba")}
    return json.dumps({"journal": 1, "key": key, **versions}).encode() + b"\n"


def _digest(where: tuple[Array, ...]) -> bytes:
    digest = blake2b(digest_size=16)
    for array in where:
        digest.update(np.ascontiguousarray(array, "<f8").data)
    return digest.digest()
