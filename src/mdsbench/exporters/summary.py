"""The files that list every run of a reproduction: `summary.json` and `runs.csv`."""

import json
from math import isfinite
from pathlib import Path
from typing import Any

import pandas as pd

from mdsbench.exporters.tables import to_csv
from mdsbench.statistics.results import Results


def write_summary(results: Results, path: Path) -> None:
    """One object per run, strict JSON: what is not a finite number is null."""
    records = [{key: _finite(value) for key, value in outcome.record().items()} for outcome in results.outcomes]
    path.write_text(json.dumps(records, indent=1, allow_nan=False, ensure_ascii=False) + "\n", encoding="utf-8")


def write_runs(results: Results, path: Path) -> None:
    """One line per run; counts are whole numbers, and empty if there is nothing to count."""
    frame = pd.DataFrame([outcome.record() for outcome in results.outcomes])
    counts = [name for name in frame if str(name).startswith(("iterations", "evaluations", "gradients"))]
    to_csv(frame.astype(dict.fromkeys(counts, "Int64")), path)


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value
