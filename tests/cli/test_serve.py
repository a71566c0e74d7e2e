"""`mdsbench serve` as a process: it answers, and Ctrl-C ends it."""

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from mdsbench.cli.main import main


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "small.toml").write_text('problems = ["sphere-2"]\nsolvers = ["gd"]\ncalls = 9\n')
    assert main(["run", str(tmp_path / "small.toml"), "--serial", "--store", str(tmp_path / "small.sqlite")]) == 0
    return tmp_path / "small.sqlite"


@pytest.mark.slow
def test_it_serves_until_it_is_interrupted(store: Path) -> None:
    command = [sys.executable, "-m", "mdsbench", "serve", "small.sqlite", "--port", "0"]
    process = subprocess.Popen(
        command, cwd=store.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert process.stdout
    found = re.match(r"(http://127\.0\.0\.1:\d+/) shows small\.sqlite; Ctrl-C ends it", process.stdout.readline())
    assert found
    with urllib.request.urlopen(found[1], timeout=20) as answer:
        assert b"<h1><bdi>small</bdi></h1>" in answer.read()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


def test_what_makes_no_sense_is_one_line(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", str(tmp_path / "none.sqlite")]) == 2
    assert main(["serve", str(store), "--campaign", "other"]) == 2
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["serve", str(store), "--port", str(taken.getsockname()[1])]) == 1
    said = capsys.readouterr().err.splitlines()[-3:]
    assert "none.sqlite" in said[0]
    assert "has no campaign other; it has: small" in said[1]
    assert "is in use; take another one with --port" in said[2]
    with pytest.raises(SystemExit):
        main(["serve", str(store), "--port", "70000"])
    assert "takes 0 to 65,535" in capsys.readouterr().err
