"""Each problem in the registry keeps what a problem promises, one in a new file too."""

import pytest

from mdsbench import testing
from mdsbench.problems.problem import find
from mdsbench.registry.registry import PROBLEMS
from mdsbench.runs.execute import execute  # noqa: F401 - it registers everything

# Those that are made from a user's file are tested beside their formats, cutest among the referees.
FAMILIES = [name for name in PROBLEMS if "file" not in PROBLEMS.find(name).options and name != "cutest"]


@pytest.mark.parametrize("family", FAMILIES)
def test_each_registered_problem_keeps_every_promise(family: str) -> None:
    sized = "n" in PROBLEMS.find(family).options
    testing.check_problem(find(f"{family}-6" if sized else family))


# What a family's own options may be besides their defaults; `test_varied.py` has those of every problem.
CHOICES: dict[str, list[str | int]] = {
    "shape": ["disc", "strip"],
    "seed": [3],
    "precision": ["single"],
    "distances": ["computed"],
}


def changed(family: str) -> list[str]:
    """The family with each of its options changed."""
    options = PROBLEMS.find(family).options
    size = "n=6, " if "n" in options else ""
    return [f"{family}({size}{name}={value})" for name in options for value in CHOICES.get(name, [])]


@pytest.mark.parametrize("name", [name for family in FAMILIES for name in changed(family)])
def test_a_problem_with_another_option_keeps_every_promise(name: str) -> None:
    testing.check_problem(find(name))


def test_the_families_of_problems_are_known_here() -> None:
    assert {"cities", "places", "sphere", "rosenbrock"} <= set(FAMILIES)
