"""Is every row what was written? Its checksum is right, and each value has its type and range."""

import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mdsbench.store import rows
from mdsbench.store.database import CHECKED_WHOLE, Corrupt, said
from mdsbench.store.seal import SEALED, checksum

KEY = re.compile("[0-9a-f]{16}")
LINKS = {  # what a row names must be there
    "the cell of a run": "SELECT 1 FROM runs LEFT JOIN cells ON id = cell WHERE id IS NULL",
    "a cell of a campaign": "SELECT 1 FROM listed LEFT JOIN cells ON id = cell WHERE id IS NULL",
    "the environment of a run": "SELECT 1 FROM runs LEFT JOIN environments ON id = environment"
    " WHERE environment IS NOT NULL AND id IS NULL",
}
RECORDS_OF_RUNS = "SELECT 1 FROM runs LEFT JOIN records ON records.cell = runs.cell WHERE records.cell IS NULL"


def verify(connection: sqlite3.Connection, path: Path) -> None:
    """Raise Corrupt for the first row that is not as it was written. Records are verified when they are read."""
    with said(path):
        for table, columns in SEALED.items():
            found = {name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")}
            if not found >= {*columns, "checksum"}:
                raise Corrupt(path, f"its table {table} is not as it was made")
        for table in [table for table in CHECKS if table != "records"]:
            for row in connection.execute(f"SELECT {', '.join(SEALED[table])}, checksum FROM {table}"):
                fault = fault_of(table, row[:-1], row[-1])
                if fault:
                    raise Corrupt(path, f"in its table {table}: {fault}")
        links = dict(LINKS)
        if path.stat().st_size <= CHECKED_WHOLE:
            links["the record of a run"] = RECORDS_OF_RUNS
        for what, query in links.items():
            if connection.execute(f"{query} LIMIT 1").fetchone():
                raise Corrupt(path, f"{what} is missing")


def fault_of(table: str, row: tuple[Any, ...], seal: int | None, *, sealed: bool = True) -> str:
    """What is wrong with a row of the columns SEALED; empty if nothing is."""
    if sealed and seal != checksum(*row):
        return "a row has another checksum"
    try:
        CHECKS[table](dict(zip(SEALED[table], row, strict=True)))
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        return f"a row cannot be: {error}"
    return ""


def _typed(row: Mapping[str, Any], kind: type | tuple[type, ...], *names: str) -> None:
    for name in names:
        if not isinstance(row[name], kind):
            raise TypeError(f"{name} is of another type")


def _environment(row: Mapping[str, Any]) -> None:
    if not isinstance(json.loads(row["json"]), dict):
        raise TypeError("an environment is a table")


def _cell(row: Mapping[str, Any]) -> None:
    _typed(row, str, "key", "problem", "solver", "start")
    _typed(row, int, "id", "seed")
    if not KEY.fullmatch(row["key"]):
        raise ValueError("a key has 16 hexadecimal digits")
    rows.limits_of_json(row["limits"])
    rows.versions_of_json(row["versions"])


def _campaign(row: Mapping[str, Any]) -> None:
    _typed(row, str, "name", "text", "digest")
    _typed(row, (int, type(None)), "environment")
    _positive(row, 1, "jobs")


def _listed(row: Mapping[str, Any]) -> None:
    _typed(row, str, "campaign", "block")
    _typed(row, int, "cell", "place")


def _run(row: Mapping[str, Any]) -> None:
    _typed(row, str, "finished", "message")
    _typed(row, (int, type(None)), "environment")
    if row["ending"] not in rows.ENDINGS:
        raise ValueError("there is no such ending")
    _positive(row, 0, *rows.COUNTS)
    _typed(row, float, "seconds")
    _typed(row, (float, type(None)), *rows.LOSSES)


def _records(row: Mapping[str, Any]) -> None:
    _typed(row, int, "cell")
    _typed(row, bytes, *rows.RECORDS)


def _positive(row: Mapping[str, Any], least: int, *names: str) -> None:
    _typed(row, int, *names)
    for name in names:
        if row[name] < least:
            raise ValueError(f"{name} is below {least}")


CHECKS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "environments": _environment,
    "cells": _cell,
    "campaigns": _campaign,
    "listed": _listed,
    "runs": _run,
    "records": _records,
}
