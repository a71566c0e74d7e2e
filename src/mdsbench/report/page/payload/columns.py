"""Columns of numbers and texts as JSON: byte planes, deflated, in base64."""

import base64
import json
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[Any]
Column = dict[str, Any]

TYPES = {"u1": np.uint8, "u2": np.uint16, "i4": np.int32, "f4": np.float32, "f8": np.float64}


def column(values: ArrayLike) -> Column:
    """Numbers in the smallest type that holds each of them exactly; NaN, infinities and -0.0 stay what they are."""
    numbers = np.asarray(values).ravel()
    return _packed(numbers, next(name for name, kind in TYPES.items() if _holds(kind, numbers)))


def words(texts: Sequence[str]) -> dict[str, Any]:
    """Texts of which many are equal: each once, and a column of their indices."""
    listed = list(dict.fromkeys(texts))
    place = {text: k for k, text in enumerate(listed)}
    return {"words": listed, "at": column([place[text] for text in texts])}


def texts(strings: Sequence[str]) -> dict[str, str]:
    """Texts that differ: a JSON array, deflated."""
    return {"json": base64_of(deflated(json.dumps(list(strings)).encode()))}


def planes(numbers: Numbers) -> bytes:
    """Numbers byte by byte: the first byte of each, then the second of each, from the least significant."""
    little = np.ascontiguousarray(numbers.ravel(), numbers.dtype.newbyteorder("<"))
    return little.view(np.uint8).reshape(len(little), -1).T.tobytes() if len(little) else b""


def deflated(data: bytes) -> bytes:
    """Raw deflate (RFC 1951), which a browser inflates as "deflate-raw"."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def base64_of(data: bytes) -> str:
    """Bytes as text."""
    return base64.b64encode(data).decode()


def _holds(kind: type, numbers: Numbers) -> bool:
    with np.errstate(all="ignore"):
        back = numbers.astype(kind).astype(numbers.dtype)
    same = (back == numbers) | ((back != back) & (numbers != numbers))
    whole = numbers.dtype.kind != "f" or np.issubdtype(kind, np.floating)
    return bool(same.all() and (whole or not np.signbit(numbers[numbers == 0]).any()))


def _packed(numbers: Numbers, kind: str) -> Column:
    data = planes(numbers.astype(TYPES[kind]))
    return {"type": kind, "length": len(numbers), "data": base64_of(deflated(data))}
