"""A process that does one thing whenever it is its turn, so that many can be compared and no two work at once.

Libraries keep pools of threads: in one process those of one would spin while another is measured. So each contestant
has a process, with two threads on two pinned cores, and waits for a line on its standard input: the name of a file
with a scene, or an empty line, which is a turn. It answers with a line of JSON.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

THREADS = 2
VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class Entered(NamedTuple):
    """A contestant that is ready: what a turn does, its result fit for JSON, and a remark."""

    turn: Callable[[], Any]
    remark: str = ""


class Contestant:
    """A process that answers; to be closed, as a context does."""

    def __init__(self, python: Path, script: Path, name: str) -> None:
        self._process = subprocess.Popen(
            [python, script, name],
            env=os.environ | dict.fromkeys(VARIABLES, str(THREADS)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.name = name

    def prepare(self, scene: Path) -> str:
        """Read the scene, a file of arrays, and warm up; the answer is a remark for the reader."""
        return str(self._ask(str(scene)))

    def turn(self) -> Any:
        """Take a turn, and say what came of it."""
        return self._ask("")

    def close(self) -> None:
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait()

    def _ask(self, line: str) -> Any:
        to, back = self._process.stdin, self._process.stdout
        assert to is not None
        assert back is not None
        print(line, file=to, flush=True)
        answer = back.readline()
        if not answer:
            raise SystemExit(f"{self.name} ended without an answer; what it last said stands above")
        return json.loads(answer)


def pin() -> None:
    """Keep this process, and those that it starts, to the first two of its cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])


def answer(contestants: Mapping[str, Callable[..., Entered]]) -> None:
    """Be the contestant that the command line names, until nobody asks any more.

    A contestant takes the arrays of a scene as keywords, warms up, and returns what it does when it is its turn.
    """
    enter = contestants[sys.argv[1]]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    entered: Entered | None = None
    for line in sys.stdin:
        if line.strip():
            entered = None  # its memory is free before the next takes its own
            with np.load(line.strip()) as scene:
                entered = enter(**scene)
            print(json.dumps(entered.remark), file=answers, flush=True)
        else:
            assert entered is not None
            print(json.dumps(entered.turn()), file=answers, flush=True)
