"""Names that make no sense are one line, at once."""

import random

import pytest

import nasty
from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.problems import problem
from mdsbench.registry.registry import SOLVERS, STARTS
from mdsbench.registry.spec import parse
from mdsbench.runs.cell import Cell

PROBLEMS = (
    "sphere-2",
    "rosenbrock(n=3)",
    "cities-6",
    "cities(n=6, loss=absolute)",
    "cities-15(missing=0.2)",
    "places-9",
)
NAMES = (
    *("gd", "gd(step=1/L)", "adam[central-difference](step=0.05)", "gd(step=armijo(c=0.1))", "multistart(solver=gd)"),
    *("adam[spsa(pairs=4)]", "nelder-mead(adaptive=true)", 'gd(step="1/L")', "bfgs[forward-difference]"),
)
START = ("uniform", "uniform(seed=3)", "small(scale=0.1, seed=2)", "landmarks(number=5)", "torgerson", "zeros")
COUNT = 500


@pytest.mark.slow
def test_a_name_is_read_or_refused_in_one_line() -> None:
    rng = random.Random(0)
    outcomes = {True: 0, False: 0}
    for _ in range(COUNT):
        names = [nasty.words(rng, valid) for valid in (PROBLEMS, NAMES, START)]
        with nasty.no_hang(repr(names)):
            outcomes[all([understood(*names)])] += 1
    assert min(outcomes.values()) > COUNT // 20


def understood(task: str, solver: str, start: str) -> bool:
    """Whether all three names make sense; whoever asks is told in one short line if they do not."""
    steps = (
        lambda: SOLVERS.bind(parse(solver)),
        lambda: STARTS.bind(parse(start)),
        lambda: problem.find(task),
        lambda: Cell(task, solver, start, Limits(calls=1)).key,
    )
    said: list[str] = []
    for step in steps:
        try:
            step()
        except UsageError as error:
            said.append(str(error))
    for text in (task, solver, start):
        try:
            spec = parse(text)
        except UsageError:
            continue
        assert str(parse(str(spec))) == str(spec)
    assert all(len(reason) < 30_000 for reason in said)
    return not said
