"""Standard streams that are closed, full, or of another encoding."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mdsbench.cli import streams

COMMAND = f"'{sys.executable}' -m mdsbench"


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    surroundings = {**os.environ, **environment}
    return subprocess.run(["sh", "-c", command], capture_output=True, check=False, env=surroundings)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_cannot_be_written_is_a_failure_in_one_line(unbuffered: str) -> None:
    result = shell(f"{COMMAND} --version >/dev/full", PYTHONUNBUFFERED=unbuffered)
    assert result.returncode == 1
    assert result.stderr.count(b"\n") == 1
    assert b"No space left on device" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_line_that_nobody_can_read_changes_no_exit_code() -> None:
    assert shell(f"{COMMAND} paint 2>/dev/full").returncode == 2
    assert shell(f"{COMMAND} paint 2>&-").returncode == 2


def test_a_closed_output_is_said_before_any_work() -> None:
    result = shell(f"{COMMAND} list >&-")
    assert result.returncode == 1
    assert result.stderr == b"mdsbench: standard output is closed: send it to a file or to /dev/null\n"


def test_no_file_takes_the_number_of_a_closed_stream() -> None:
    code = "import os; from mdsbench.cli import streams; streams.prepare(); print(os.open('/dev/null', os.O_RDONLY))"
    assert shell(f"'{sys.executable}' -c \"{code}\" <&- 2>&-").stdout == b"3\n"


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_tables_and_json_in_another_encoding(encoding: str) -> None:
    for command in ("list solvers", "check-problem sphere-2"):
        result = shell(f"{COMMAND} {command}", PYTHONIOENCODING=encoding)
        assert (result.returncode, result.stderr) == (0, b"")
        assert result.stdout.decode(encoding)
    result = shell(f"{COMMAND} list --json", PYTHONIOENCODING=encoding)
    assert json.loads(result.stdout)["solvers"]


def test_an_encoding_is_one_of_unicode_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stream:
        encoding = ""

    monkeypatch.setattr(sys, "stdout", Stream())
    for encoding, said in (("utf-8", True), ("UTF8", True), ("utf-16", True), ("cp1252", False), ("ascii", False)):
        Stream.encoding = encoding
        assert streams.is_unicode() is said
