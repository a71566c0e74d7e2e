"""The sizes of textbook problems, before anything is allocated."""

import pytest

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.problems import starts
from mdsbench.problems.problem import find
from mdsbench.runs.cell import Cell
from mdsbench.system import memory


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sphere-0", "sphere-0: the number of variables goes from 1 to 1,000,000,000"),
        ("sphere(n=-3)", "goes from 1 to"),
        ("sphere-99999999999", "goes from 1 to"),
        (f"sphere-{2**70}", "is too large"),
        ("sphere-" + "9" * 4301, "is too large"),
        ("rosenbrock-1", "goes from 2 to"),
        ("cities-99999", "goes from 4 to 34"),
        ("places-0", "goes from 4 to"),
        ("places(n=-4)", "goes from 4 to"),
    ],
)
def test_a_size_that_cannot_be_is_said_with_the_range(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        find(name)


def test_a_size_that_does_not_fit_into_memory_is_refused_before_it_is_allocated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available", lambda: 10**6)
    assert find("sphere-1000").dimension == 1000
    with pytest.raises(UsageError, match="a run on rosenbrock-100000 takes"):
        find("rosenbrock-100000")


@pytest.mark.parametrize("name", ["sphere(n=0)", "sphere(n=-3)", "places(n=0)"])
def test_a_cell_keeps_a_size_that_cannot_be(name: str) -> None:
    assert Cell(name, "gd", "zeros", Limits()).problem == name


def test_landmarks_that_do_not_fit_into_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: 2_000)
    assert starts.landmarks(find("cities-6"), number=4).shape == (12,)
    with pytest.raises(UsageError, match="a table of the distances from 34 to 34 points takes"):
        starts.landmarks(find("cities-34"), number=500)


def test_a_seed_is_not_negative() -> None:
    with pytest.raises(UsageError, match="seed=-1: a seed is a whole number from 0 on"):
        starts.uniform(find("sphere-2"), seed=-1)
