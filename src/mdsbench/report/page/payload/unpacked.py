"""The numbers and texts of a page's data, as they were before they were packed."""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from mdsbench.problems.problem import Array
from mdsbench.report.page.payload.columns import TYPES
from mdsbench.report.page.payload.motion import NOWHERE


def inflated(text: str) -> bytes:
    """What was deflated and written as base64; raises ValueError for what was not."""
    try:
        return zlib.decompress(base64.b64decode(text, validate=True), -15)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(f"the data are damaged: {error}") from None


def numbers(column: Mapping[str, Any]) -> Array:
    """A column as doubles; raises ValueError for a damaged one."""
    kind = np.dtype(TYPES[column["type"]]).newbyteorder("<")
    planes = np.frombuffer(inflated(column["data"]), np.uint8).reshape(kind.itemsize, -1)
    found: Array = np.frombuffer(planes.T.tobytes(), kind).astype(float)
    if len(found) != column["length"]:
        raise ValueError("a column is not as long as it says")
    return found


def strings(packed: Mapping[str, Any]) -> list[str]:
    """A column of texts; raises ValueError for a damaged one."""
    if "json" in packed:
        return list(json.loads(inflated(packed["json"])))
    return [packed["words"][int(k)] for k in numbers(packed["at"])]


def positions(trajectory: Mapping[str, Any]) -> Array:
    """The positions of a trajectory, shape (frames, points, 2); those that are not finite are NaN."""
    low, high = np.frombuffer(inflated(trajectory["data"]), np.uint8).reshape(2, -1).astype(int)
    folded = low + 256 * high
    steps = np.where(folded % 2, -(folded + 1) // 2, folded // 2).reshape(trajectory["frames"], -1)
    whole = (np.cumsum(steps, axis=0) + 32768) % 65536 - 32768
    placed = np.where(whole == NOWHERE, np.nan, whole * trajectory["scale"])
    found: Array = placed.reshape(trajectory["frames"], trajectory["points"], 2) + trajectory["offset"]
    return found
