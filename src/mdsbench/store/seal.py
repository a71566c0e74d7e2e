"""The checksum of every row, and the columns that it covers."""

import json
import sqlite3
from typing import Any
from zlib import crc32

SEALED = {
    "environments": ("id", "json"),
    "cells": ("id", "key", "problem", "solver", "start", "seed", "limits", "versions"),
    "campaigns": ("name", "text", "digest", "environment", "jobs"),
    "listed": ("campaign", "cell", "block", "place"),
    "runs": (
        *("cell", "environment", "finished", "ending", "message"),
        *("iterations", "evaluations", "gradients", "hessian_vectors", "terms", "terms_per_pass", "looks"),
        *("seconds", "dimension", "start_loss", "final_loss", "best_known"),
        *("comparisons", "directional_derivatives"),
    ),
    "records": (
        *("cell", "final_x", "improvements", "improvement_seconds"),
        *("path", "path_seconds", "positions"),
    ),
}


def checksum(*values: Any) -> int:
    """CRC-32 of a row as SQLite returns it, the same in every version of Python."""
    plain = [[len(value), crc32(value)] if isinstance(value, bytes) else value for value in values]
    return crc32(json.dumps(plain).encode())


def register(connection: sqlite3.Connection) -> None:
    """Make `checksum` a function of the connection's SQL."""
    connection.create_function("checksum", -1, checksum, deterministic=True)


def sealing(table: str) -> str:
    """The SQL that seals the rows of a table that are not sealed yet."""
    return f"UPDATE {table} SET checksum = checksum({', '.join(SEALED[table])}) WHERE checksum IS NULL"
