"""The number of cores that a process may use."""

import os
from pathlib import Path

import pytest

from mdsbench.system import machine
from mdsbench.system.machine import cores


@pytest.fixture
def group(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The control group `batch/job` of a machine with 16 cores, in a folder that stands for Linux's."""
    monkeypatch.setattr(machine, "_allowed", lambda: 16)
    monkeypatch.setattr(machine, "_GROUPS", tmp_path)
    monkeypatch.setattr(machine, "_OWN_GROUP", tmp_path / "own")
    (tmp_path / "own").write_text("4:memory:/elsewhere\n0::/batch/job\n")
    folder = tmp_path / "batch" / "job"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no processor affinity")
def test_the_affinity_of_the_process_counts_and_not_the_machine() -> None:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert cores() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_without_a_quota_every_allowed_core_counts(group: Path) -> None:
    assert cores() == 16
    (group / "cpu.max").write_text("max 100000\n")
    assert cores() == 16


@pytest.mark.parametrize(("quota", "expected"), [("50000", 1), ("200000", 2), ("250000", 3), ("9000000", 16)])
def test_a_quota_limits_the_cores_and_a_part_of_one_is_one(group: Path, quota: str, expected: int) -> None:
    (group / "cpu.max").write_text(f"{quota} 100000\n")
    assert cores() == expected


def test_the_quota_of_a_group_around_the_own_one_counts_too(group: Path) -> None:
    (group / "cpu.max").write_text("800000 100000\n")
    (group.parent / "cpu.max").write_text("400000 100000\n")
    assert cores() == 4


@pytest.mark.parametrize(("quota", "expected"), [("-1", 16), ("300000", 3)])
def test_the_quota_of_the_first_version_of_control_groups_counts(group: Path, quota: str, expected: int) -> None:
    folder = group.parents[1] / "cpu"
    folder.mkdir()
    (folder / "cpu.cfs_quota_us").write_text(quota)
    (folder / "cpu.cfs_period_us").write_text("100000")
    assert cores() == expected


def test_without_these_files_the_machine_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "_GROUPS", tmp_path / "none")
    monkeypatch.setattr(machine, "_OWN_GROUP", tmp_path / "none")
    assert 1 <= cores() <= (os.cpu_count() or 1)
