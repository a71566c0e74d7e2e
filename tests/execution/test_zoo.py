"""Bad solvers end as they should, in time, and disturb nobody."""

from pathlib import Path
from time import monotonic

import pytest

from mdsbench.execution import pool
from mdsbench.oracle.account import Limits
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import attempt
from mdsbench.runs.run import Run, lost
from mdsbench.store.merge import difference

ZOO = Path(__file__).parents[1] / "zoo" / "solvers.py"
SECONDS = 1.0
LIMITS = Limits(calls=2000, seconds=SECONDS, megabytes=100)

ENDINGS = {
    "raises": ("error", "ZeroDivisionError: out of luck"),
    "not_a_number": ("diverged", "the last iterate holds something that is not a finite number"),
    "hangs_in_python": ("timeout", "ran on after its time limit of 1 s"),
    "hangs_in_c": ("timeout", "ran on after its time limit of 1 s"),
    "exits_well": ("killed", "exit code 0"),
    "exits_badly": ("killed", "exit code 3"),
    "asks_to_exit": ("error", "SystemExit: 3"),
    "crashes": ("killed", "signal 11"),
    "allocates": ("memory", "the memory limit of 100 MB is over"),
    "swallows": ("timeout", "ran on after its time limit of 1 s"),
    "prints": ("timeout", "ran on after its time limit of 1 s"),
}
GOOD = [
    Cell("cities-6", solver, f"uniform(seed={k})", LIMITS) for k in range(5) for solver in ("gd", "nelder-mead", "adam")
]


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    """The zoo among good solvers, by the solver's name or, for a good one, its key."""
    bad = [Cell("cities-6", f"{ZOO}:{name}", "published", LIMITS) for name in ENDINGS]
    mixed = [cell for pair in zip(bad, GOOD, strict=False) for cell in pair] + GOOD[len(bad) :]
    finished = pool.processes(attempt, mixed, workers=2)
    return {run.cell.key if run.cell in GOOD else run.cell.solver.partition(":")[2]: run for run in finished}


@pytest.mark.parametrize("name", ENDINGS)
def test_a_bad_solver_has_its_named_ending(runs: dict[str, Run], name: str) -> None:
    ending, words = ENDINGS[name]
    assert runs[name].ending == ending
    assert words in runs[name].message


def test_good_runs_are_those_of_a_campaign_without_the_zoo(runs: dict[str, Run]) -> None:
    alone = pool.processes(attempt, GOOD, workers=2)
    assert [difference(run, runs[run.cell.key]) for run in alone] == [""] * len(GOOD)


@pytest.mark.slow
def test_a_bad_solver_is_gone_within_its_limit_and_a_second() -> None:
    for name in ("hangs_in_python", "hangs_in_c", "swallows", "prints", "allocates"):
        cell = Cell("cities-6", f"{ZOO}:{name}", "published", LIMITS)
        crew = pool.Crew(attempt, 1, limit=pool.seconds_of, lost=lost)
        crew.add(cell)
        try:
            assert crew.step() == []  # until the worker says that it is ready
            began = monotonic()
            while not crew.step():
                pass
            assert monotonic() - began < SECONDS + 1
        finally:
            crew.dismiss()
