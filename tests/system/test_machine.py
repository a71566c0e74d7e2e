"""What this process may use of its machine."""

import os
from pathlib import Path

import pytest

from mdsbench.system import machine


@pytest.mark.parametrize(
    ("content", "most"),
    [("max 100000", 8), ("150000 100000", 2), ("50000 100000", 1), ("rubbish", 8), ("-1 100000", 8)],
)
def test_the_cores_are_those_that_this_process_may_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, most: int
) -> None:
    quota = tmp_path / "cpu.max"
    quota.write_text(content)
    monkeypatch.setattr(machine, "_QUOTAS", (quota,))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert machine.cores() == most
