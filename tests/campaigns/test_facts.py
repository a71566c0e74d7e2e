"""What a plan learns of a problem, without building a user's problem in the driver."""

from math import isnan
from pathlib import Path

import pytest

from kill import live_workers
from mdsbench.campaigns import facts
from mdsbench.campaigns.facts import Facts
from mdsbench.errors import UsageError
from mdsbench.problems.problem import find

ZOO = Path(__file__).parents[1] / "zoo" / "problems.py"


def test_the_facts_of_a_registered_problem_are_its_own() -> None:
    task = find("cities-6")
    assert facts.facts("cities-6") == Facts("cities-6", 12, task.best_known)
    assert isnan(facts.facts("cities-6(noise=0.1)").best_known) is isnan(find("cities-6(noise=0.1)").best_known)


def test_a_users_problem_is_built_elsewhere() -> None:
    assert facts.facts(f"{ZOO}:good") == Facts("good", 2, 0.0, "value gradient")
    assert facts.facts(f"{ZOO}:exits").dimension == 2


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("exits_at_once", "cannot be built: the worker process ended with exit code 0"),
        ("hangs_at_once", "cannot be built: it was not ready after 0.5 s"),
        ("raises_at_once", "cannot be built: ZeroDivisionError"),
        ("no_such", "has no 'no_such'"),
    ],
)
def test_a_problem_that_cannot_be_built_is_a_usage_error_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    monkeypatch.setattr(facts, "SECONDS", 0.5)
    with pytest.raises(UsageError) as caught:
        facts.facts(f"{ZOO}:{name}")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert live_workers() == []
