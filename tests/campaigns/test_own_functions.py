"""A user's function in a campaign: what does not fit is refused before the first run, and who is tried."""

from pathlib import Path

import pytest

from mdsbench.campaigns import recommendation
from mdsbench.campaigns.facts import Facts, why_not
from mdsbench.campaigns.plan import load
from mdsbench.cli.main import main
from mdsbench.errors import UsageError

FILE = """
import numpy as np

def loss(x):
    return float(x @ x)

def boxed(x):
    return float(x @ x)
boxed.bounds = [(1, 5)] * 3

def outside(x):
    return float(x @ x)
outside.bounds, outside.x0 = (0, 1), [2, 2]
"""
GRADIENT, VALUE = Facts("f", 3, 0.0, "value gradient"), Facts("f", 3, 0.0, "value")


@pytest.mark.parametrize(
    ("problem", "solver", "start", "said"),
    [
        ("loss", "newuoa", "uniform", "how many variables does loss have"),
        (
            "loss-3",
            "l-bfgs-b",
            "uniform",
            "asks for a gradient, which loss does not give: write l-bfgs-b[forward-difference]",
        ),
        ("loss-3", "trust-ncg", "uniform", "asks for Hessian-vector products, which loss does not give"),
        ("loss-3", "least-squares", "uniform", "asks for residuals and their Jacobian"),
        ("loss-3", "nelder-mead", "x0", "brings no start"),
        ("boxed", "bfgs[forward-difference]", "uniform", "has bounds, which bfgs does not keep"),
        ("boxed", "nelder-mead", "zeros", "the start zeros is outside of the bounds: variable 0 is 0"),
        ("outside", "nelder-mead", "uniform", "x0 is outside of the bounds: variable 0 is 2"),
    ],
)
def test_what_does_not_fit_is_refused_before_the_first_run(
    problem: str,
    solver: str,
    start: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("simulator.py").write_text(FILE)
    Path("c.toml").write_text(
        f'problems = ["simulator.py:{problem}"]\nsolvers = ["{solver}"]\nstarts = ["{start}"]\ncalls = 9\n'
    )
    assert main(["run", "c.toml"]) == 2
    printed = capsys.readouterr().err
    assert said in printed
    assert printed.count("\n") == 1
    assert not Path("c.sqlite").exists()


def test_a_gradient_of_a_problem_without_one_is_refused_before_the_first_run(tmp_path: Path) -> None:
    campaign = tmp_path / "c.toml"
    for solver in ("l-bfgs-b", "l-bfgs-b[forward-difference]"):
        campaign.write_text(f'problems = ["bbob-2"]\nsolvers = ["{solver}"]\nstarts = ["x0"]\ncalls = 9\n')
        if "[" in solver:
            assert len(load(str(campaign)).cells) == 1
        else:
            with pytest.raises(UsageError, match=r"which bbob-2 does not give: write l-bfgs-b\[forward-difference\]"):
                load(str(campaign))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("notes.py", "this is no Python\n", "SyntaxError"),
        ("notes.txt", "x", "notes.txt is no Python file"),
        ("gone.py", None, "there is no file gone.py"),
    ],
)
def test_a_file_that_is_no_python_is_named(
    name: str,
    text: str | None,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    if text:
        Path(name).write_text(text)
    assert main(["recommend", f"{name}:loss", "--dimension", "3"]) == 2
    printed = capsys.readouterr().err
    assert said in printed
    assert printed.count("\n") == 1


def test_a_function_with_values_only_is_tried_with_differences_too() -> None:
    found = recommendation.candidates(VALUE)
    assert {"nelder-mead", "cobyqa", "l-bfgs-b[forward-difference]"} <= set(found)
    assert "random-search" not in found
    assert not any(why_not(solver, VALUE) for solver in found)


def test_a_gradient_brings_more_candidates_and_bounds_leave_fewer() -> None:
    assert {"l-bfgs", "adam", "nelder-mead"} <= set(recommendation.candidates(GRADIENT))
    assert "smacof" not in recommendation.candidates(GRADIENT)
    boxed = recommendation.candidates(Facts("f", 3, 0.0, "value gradient", bounded=True, boxed=True))
    assert "l-bfgs-b" in boxed
    assert "adam" not in boxed


@pytest.mark.parametrize(
    ("starts", "boxed", "chosen"),
    [(5, False, "x0"), (1, True, "latin-hypercube(points=5)"), (1, False, "around-x0"), (0, False, "uniform")],
)
def test_runs_begin_at_the_functions_own_starts_if_it_brings_enough(starts: int, boxed: bool, chosen: str) -> None:
    assert recommendation._start(Facts("f", 3, 0.0, "value", boxed, boxed, starts), 5) == chosen


@pytest.mark.parametrize(
    ("problem", "budget", "starts", "said"),
    [
        ("f.py:loss", 2, 5, "--budget 2"),
        ("f.py:loss", 100, 1, "--starts 1"),
        ("f.py:loss(dimension=3)", 100, 5, "leave out --dimension"),
        ("sphere-3", 100, 5, "write sphere-N"),
    ],
)
def test_a_trial_that_makes_no_sense_is_refused(problem: str, budget: int, starts: int, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        recommendation.trial(problem, dimension=4, budget=budget, starts=starts)


@pytest.mark.slow
def test_a_solver_is_recommended_and_the_runs_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("simulator.py").write_text(FILE)
    words = ["recommend", "simulator.py:loss", "--dimension", "4", "--budget", "150", "--starts", "3"]
    words += ["--solver", "cobyqa", "--solver", "l-bfgs-b[forward-difference]", "--store", "kept.sqlite"]
    assert main(words) == 0
    said = capsys.readouterr().out
    for part in ("Take ", "The runner-up is ", "is worth", "counts as one gradient here"):
        assert part in " ".join(said.split())
    assert main([*words, "--json"]) == 0
    assert '"told_apart"' in capsys.readouterr().out


@pytest.mark.slow
def test_a_function_that_fails_is_told_before_the_campaign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("broken.py").write_text("def loss(x):\n    raise ValueError('the mesh is broken')\n")
    assert main(["recommend", "broken.py:loss", "--dimension", "3", "--store", "kept.sqlite"]) == 1
    assert "gives no value at its first start" in capsys.readouterr().err
    assert not Path("kept.sqlite").exists()
