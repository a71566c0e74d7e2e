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


# What the options of a family may be besides their defaults; an option that is not here makes no variant.
VARIANTS: dict[str, list[str | float]] = {
    "loss": ["absolute"],
    "missing": [0.3],
    "noise": [0.01],
    "quantum": [0.001],
    "shape": ["disc", "strip"],
    "seed": [3],
    "precision": ["single"],
    "distances": ["computed"],
}


def variants(family: str) -> list[str]:
    """The family with each of its options changed, and with every pair of disturbances that it has."""
    options = PROBLEMS.find(family).options
    size = "n=6, " if "n" in options else ""
    changed = [f"{name}={value}" for name in options for value in VARIANTS.get(name, [])]
    pairs = [f"{name}={VARIANTS[name][0]}" for name in ("missing", "noise", "quantum") if name in options]
    both = [f"{one}, {other}" for k, one in enumerate(pairs) for other in pairs[k + 1 :]]
    return [f"{family}({size}{said})" for said in [*changed, *both]]


@pytest.mark.parametrize("name", [name for family in FAMILIES for name in variants(family)])
def test_each_variant_keeps_every_promise(name: str) -> None:
    testing.check_problem(find(name))


def test_the_families_of_problems_are_known_here() -> None:
    assert {"cities", "places", "sphere", "rosenbrock"} <= set(FAMILIES)
