"""What memory is left, and what is said when more is wanted."""

import os
from pathlib import Path

import pytest

from mdsbench.errors import UsageError
from mdsbench.system import memory


def test_a_bound_on_the_process_is_a_bound_on_what_is_left() -> None:
    with memory.at_most(100):
        left = memory.available()
    if left is None:
        pytest.skip("this system does not say what is left")
    assert left <= 100 * 2**20


def test_the_container_and_the_machine_are_bounds_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    limit, machine, process = tmp_path / "memory.max", tmp_path / "meminfo", tmp_path / "statm"
    monkeypatch.setattr(memory, "_CONTAINER", (limit,))
    monkeypatch.setattr(memory, "_MEMINFO", machine)
    monkeypatch.setattr(memory, "_STATM", process)
    process.write_text("9 2 0 0 0 0 0\n")
    machine.write_text("MemTotal: 8000 kB\nMemAvailable: 4000 kB\n")
    assert memory.available() == 4000 * 1024
    limit.write_text("max\n")
    assert memory.available() == 4000 * 1024
    limit.write_text("1000000\n")
    assert memory.available() == 1_000_000 - 2 * os.sysconf("SC_PAGE_SIZE")
    with pytest.raises(UsageError, match=r"^all of it takes 3.0 GB of memory, and 0.0 GB are left: take less$"):
        memory.require(3_000_000_000, "all of it", "take less")
    memory.require(900_000, "some of it", "take less")
