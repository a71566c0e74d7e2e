"""Outcomes as bytes without code: a worker may be a user's, so what it sends is data, and every number is checked.

The bytes are the length of a header, the header as JSON, and the arrays of a run as raw numbers. A run is decoded for
the cell that was asked for, whatever the worker ran. Records are the classes of a caller, see `record`.
"""

import json
from dataclasses import asdict, fields, is_dataclass
from itertools import compress
from math import isfinite
from struct import Struct
from typing import Any, TypeVar, get_type_hints

import numpy as np
from numpy.typing import NDArray

from mdsbench.oracle.account import Moment
from mdsbench.oracle.endings import Ending
from mdsbench.runs.cell import Cell
from mdsbench.runs.run import Run

MOST_WORDS = 10_000  # characters of a message
MOST_HEADER = 1 << 20  # bytes
MOST_COUNT = 2**63 - 1
MOST_VERSIONS = 1_000
COUNTS = [name not in ("seconds", "loss") for name in Moment._fields]  # whole numbers; the others are seconds and loss
WHOLE = sum(COUNTS)

_LENGTH = Struct("<I")
_ENDINGS = {str(ending): ending for ending in Ending}
_RECORDS: dict[str, type] = {}

Record = TypeVar("Record", bound=type)


class Garbled(ValueError):
    """What has arrived is no outcome."""


def record(kind: Record) -> Record:
    """Decorate a frozen dataclass of numbers and texts, so that functions in a worker can return it."""
    _RECORDS[kind.__name__] = kind
    return kind


def readable(text: object, most: int = MOST_WORDS) -> str:
    """The text without what no file can hold, and without its middle if it is long."""
    whole = str(text).encode("utf-8", "backslashreplace").decode()
    if len(whole) <= most:
        return whole
    head, tail = most * 2 // 3, most // 4
    return f"{whole[:head]}\n[... {len(whole) - head - tail} characters ...]\n{whole[-tail:]}"


def encode(outcome: object) -> bytes:
    """The bytes of an outcome. Raises TypeError, ValueError or OverflowError for one that has none."""
    if isinstance(outcome, Run):
        return _encode_run(outcome)
    if is_dataclass(outcome) and not isinstance(outcome, type) and type(outcome).__name__ in _RECORDS:
        return _with_header({"record": type(outcome).__name__, "fields": _plain(asdict(outcome))})
    return _with_header({"plain": _plain(outcome)})


def decode(payload: bytes, job: object) -> Any:
    """The outcome of a job, of which these are the bytes. Raises Garbled."""
    try:
        return _decoded(*_split(payload), job)
    except Garbled:
        raise
    except Exception as error:  # whatever is wrong with bytes that anybody may have written
        raise Garbled(type(error).__name__) from None


def _decoded(header: dict[str, Any], arrays: bytes, job: object) -> Any:
    if "run" in header and isinstance(job, Cell):
        return _decode_run(header["run"], arrays, job)
    if arrays or "run" in header:
        raise Garbled("it is a run, which is no answer")
    if "record" in header:
        return _decode_record(_RECORDS[header["record"]], header["fields"])
    return _unplain(header["plain"])


def _with_header(header: dict[str, Any], arrays: bytes = b"") -> bytes:
    text = json.dumps(header).encode("ascii")
    if len(text) > MOST_HEADER:
        raise ValueError("the outcome is too long")
    return _LENGTH.pack(len(text)) + text + arrays


def _split(payload: bytes) -> tuple[dict[str, Any], bytes]:
    (length,) = _LENGTH.unpack_from(payload)
    if length > min(MOST_HEADER, len(payload) - _LENGTH.size):
        raise Garbled("its length is wrong")
    end = _LENGTH.size + length
    header = json.loads(payload[_LENGTH.size : end])
    if not isinstance(header, dict):
        raise Garbled("its header is wrong")
    return header, payload[end:]


def _plain(value: object) -> Any:
    """What JSON can hold; a tuple is told from a list."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return readable(value, MOST_HEADER // 12)
    if isinstance(value, list | tuple):
        return {type(value).__name__: [_plain(inner) for inner in value]}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {key: _plain(inner) for key, inner in value.items()}}
    raise TypeError(f"{type(value).__name__} cannot be sent from a worker process")


def _unplain(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == "dict":
        return {key: _unplain(each) for key, each in inner.items()}
    return {"list": list, "tuple": tuple}[kind](_unplain(each) for each in inner)


def _decode_record(kind: type, plain: Any) -> Any:
    given, hints = _unplain(plain), get_type_hints(kind)
    names = {field.name for field in fields(kind)}
    if given.keys() != names or any(type(given[name]) is not hints[name] for name in names):
        raise Garbled(f"it is no {kind.__name__}")
    return kind(**given)


def _encode_run(run: Run) -> bytes:
    path = [moment for moment, _ in run.path]
    positions = [np.asarray(x, "<f8").reshape(run.dimension) for _, x in run.path]
    header = {
        "ending": str(run.ending),
        "message": readable(run.message),
        "spent": _numbers(run.spent),
        "dimension": int(run.dimension),
        "terms_per_pass": int(run.terms_per_pass),
        "start_loss": float(run.start_loss),
        "best_known": float(run.best_known),
        "looks": int(run.looks),
        "versions": run.cell.versions,
        "improvements": len(run.improvements),
        "path": len(path),
        "final": len(run.final_x),
    }
    tables = [table for moments in (run.improvements, path) for table in _tables(moments)]
    arrays = [*tables, *positions, np.asarray(run.final_x, "<f8")]
    return _with_header({"run": header}, b"".join(np.ascontiguousarray(array).tobytes() for array in arrays))


def _numbers(moment: Moment) -> list[int | float]:
    return [int(number) if count else float(number) for number, count in zip(moment, COUNTS, strict=True)]


def _tables(moments: list[Moment]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The whole numbers of the moments, and the others."""
    counts = np.array([list(compress(moment, COUNTS)) for moment in moments], "<i8").reshape(-1, WHOLE)
    return counts, np.array([(moment.seconds, moment.loss) for moment in moments], "<f8").reshape(-1, 2)


def _decode_run(header: dict[str, Any], content: bytes, cell: Cell) -> Run:
    dimension, improvements, path, final = (_count(header[k]) for k in ("dimension", "improvements", "path", "final"))
    if final not in (0, dimension) or len(content) != 8 * (
        len(COUNTS) * (improvements + path) + dimension * path + final
    ):
        raise Garbled("its arrays do not fit")
    reader = _Reader(content)
    improved, on_path = reader.moments(improvements), reader.moments(path)
    positions = reader.doubles(path * dimension).reshape(path, dimension)
    return Run(
        cell=cell.of_versions(_versions(header["versions"])),
        ending=_ENDINGS[header["ending"]],
        message=_text(header["message"]),
        spent=_moment(header["spent"]),
        dimension=dimension,
        terms_per_pass=_count(header["terms_per_pass"]),
        start_loss=_double(header["start_loss"]),
        best_known=_double(header["best_known"]),
        final_x=reader.doubles(final),
        improvements=improved,
        path=list(zip(on_path, positions, strict=True)),
        looks=_count(header["looks"]),
    )


class _Reader:
    """Arrays, one after the other."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def doubles(self, number: int) -> NDArray[np.float64]:
        return self._take(number, "<f8").astype(float)

    def moments(self, number: int) -> list[Moment]:
        counts = self._take(WHOLE * number, "<i8").reshape(number, WHOLE)
        others = self._take(2 * number, "<f8").reshape(number, 2)
        if (counts < 0).any() or not np.isfinite(others[:, 0]).all():
            raise Garbled("its account is wrong")
        return [_joined(row, *more) for row, more in zip(counts.tolist(), others.tolist(), strict=True)]

    def _take(self, number: int, kind: str) -> NDArray[Any]:
        found = np.frombuffer(self._content, kind, number, self._at)
        self._at += 8 * number
        return found


def _joined(counts: list[int], seconds: float, loss: float) -> Moment:
    """A moment of its whole numbers and the two others."""
    before = Moment._fields.index("seconds")
    return Moment._make([*counts[:before], seconds, loss, *counts[before:]])


def _moment(numbers: Any) -> Moment:
    """The account at the end: a run can have spent nothing, but not less."""
    if not isinstance(numbers, list) or len(numbers) != len(COUNTS):
        raise Garbled("its account is wrong")
    account = Moment._make(_count(n) if count else _double(n) for n, count in zip(numbers, COUNTS, strict=True))
    if not isfinite(account.seconds) or account.seconds < 0:
        raise Garbled("its account is wrong")
    return account


def _count(number: Any) -> int:
    if type(number) is not int or not 0 <= number <= MOST_COUNT:
        raise Garbled("a count is wrong")
    return number


def _double(number: Any) -> float:
    if type(number) not in (int, float):
        raise Garbled("a number is wrong")
    return float(number)


def _versions(versions: Any) -> list[int]:
    """The versions of the code that ran: a user's file may have been edited since the cell was made."""
    if not isinstance(versions, list) or len(versions) > MOST_VERSIONS:
        raise Garbled("the versions are wrong")
    return [_count(version) for version in versions]


def _text(text: Any) -> str:
    if not isinstance(text, str):
        raise Garbled("a text is wrong")
    return readable(text)
