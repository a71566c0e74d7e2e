"""Contestants in separate processes that take turns, so that many can be compared and only one works at a time.

Libraries keep pools of threads. In a shared process, the threads of one library would spin while another is measured.
Therefore each contestant has a process with two threads on two pinned cores. It reads a line from its standard input:
the name of a file with a scene, or an empty line, which requests a turn. It answers with a line of JSON.
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
    """A contestant that is ready: a function that takes a turn and returns JSON data, and the name of its form."""

    turn: Callable[[], Any]
    form: str = ""


class Contestant:
    """The process of a contestant. The caller closes it, for example with `contextlib.closing`."""

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
        """Read the scene, a file of arrays, and warm up. Returns the name of the contestant's form."""
        return str(self._ask(str(scene)))

    def turn(self) -> Any:
        """Take a turn and return its result."""
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
            raise SystemExit(f"{self.name} exited without an answer; its last output is above")
        return json.loads(answer)


def pin() -> None:
    """Keep this process, and those that it starts, to the first two of its cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])


def answer(contestants: Mapping[str, Callable[..., Entered]]) -> None:
    """Run the contestant that the command line names, until the standard input ends.

    A contestant takes the arrays of a scene as keywords, warms up, and returns its turn and form.
    """
    enter = contestants[sys.argv[1]]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # output of a library is not an answer
    entered: Entered | None = None
    for line in sys.stdin:
        if line.strip():
            entered = None  # its memory is free before the next takes its own
            with np.load(line.strip()) as scene:
                entered = enter(**scene)
            print(json.dumps(entered.form), file=answers, flush=True)
        else:
            assert entered is not None
            print(json.dumps(entered.turn()), file=answers, flush=True)
