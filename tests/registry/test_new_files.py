"""A solver or a problem in a new file of the package is found without an edit elsewhere."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mdsbench

SOLVER = '''
from mdsbench.registry.decorators import solver


@solver("newcomer", uses="gradient", reference="this test")
def newcomer(oracle, x, rng):
    """Gradient descent."""
    while True:
        x = x - 0.01 * oracle.gradient(x)
        yield x
'''
PROBLEM = '''
import numpy as np

from mdsbench.problems.problem import Problem
from mdsbench.registry.decorators import problem


@problem("newcomer", reference="this test")
def newcomer():
    """A bowl."""
    return Problem(
        name="newcomer",
        dimension=2,
        value=lambda x: float(x @ x),
        value_and_gradient=lambda x: (float(x @ x), 3.0 * x),
        best_known=0.0,
        provenance="by definition",
    )
'''


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package, to put a file into."""
    copy = tmp_path / "mdsbench"
    shutil.copytree(Path(mdsbench.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def command(package: Path, *line: str) -> subprocess.CompletedProcess[str]:
    """The command line of the copy."""
    environment = {**os.environ, "PYTHONPATH": str(package.parent)}
    return subprocess.run(
        [sys.executable, "-m", "mdsbench", *line],
        cwd=package.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_solver_in_a_new_file_is_listed(package: Path) -> None:
    (package / "solvers" / "newcomer.py").write_text(SOLVER)
    assert "newcomer" in command(package, "list", "solvers").stdout


@pytest.mark.slow
def test_a_problem_in_a_new_file_is_found_and_its_gradient_that_is_wrong_by_a_half_is_seen(package: Path) -> None:
    (package / "problems" / "newcomer.py").write_text(PROBLEM)
    checked = command(package, "check-problem", "newcomer")
    assert checked.returncode == 1, checked.stderr
    assert "differs from central differences by" in checked.stdout + checked.stderr
