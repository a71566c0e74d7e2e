"""What a library says that it has called, beside what the oracle counted."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import OptimizeResult

from mdsbench import testing
from mdsbench.cli.main import main
from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.oracle.claims import Claims, claims_of
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.runs.run import Run
from mdsbench.testing.audit import in_words


@pytest.fixture(scope="module")
def finished() -> Run:
    """A run that took 892 values, as 81 gradients by differences of ten variables do with one value before."""
    run = execute(Cell("sphere-2", "nelder-mead", "published", Limits(calls=5)))
    return replace(run, spent=run.spent._replace(evaluations=892))


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        (Claims("optimagic", 81), "optimagic's result says 81 values, the oracle counted 892 values"),
        (Claims("SciPy", 892), "SciPy's result says 892 values, as the oracle counted"),
        (Claims("", 892, 0), "its result says 892 values and 0 gradients, as the oracle counted"),
        (
            Claims("SciPy", 892, 81),
            "SciPy's result says 892 values and 81 gradients, the oracle counted 892 values and 0 gradients",
        ),
        (None, ""),
    ],
)
def test_both_counts_are_said(finished: Run, claims: Claims | None, said: str) -> None:
    assert in_words(replace(finished, claims=claims)) == said


def test_one_pass_for_value_and_gradient_may_be_said_as_both(finished: Run) -> None:
    passes = replace(finished, spent=finished.spent._replace(evaluations=0, gradients=33))
    assert in_words(replace(passes, claims=Claims("SciPy", 33, 33))).endswith("as the oracle counted")
    assert in_words(replace(passes, claims=Claims("SciPy", 33, 32))).endswith(
        "the oracle counted 0 values and 33 gradients"
    )


class Broken:
    @property
    def nfev(self) -> int:
        raise RuntimeError


@pytest.mark.parametrize(
    ("result", "claims"),
    [
        (OptimizeResult(nfev=3, njev=np.int64(2), nhev=1), Claims("SciPy", 3, 2, 1)),
        (SimpleNamespace(n_fun_evals=3, n_jac_evals=None), Claims("types", 3)),
        ({"nfev": 3}, Claims("", 3)),
        ({"nfev": True, "njev": 2.5, "nhev": -1}, None),
        ((1, 2), None),
        (np.zeros(2), None),
        (None, None),
        (Broken(), None),
    ],
)
def test_numbers_are_found_in_results(result: Any, claims: Claims | None) -> None:
    assert claims_of(result) == claims


@pytest.mark.parametrize(
    ("solver", "library"),
    [
        ("nelder-mead", "SciPy"),
        ("l-bfgs-b", "SciPy"),
        ("newton-cg", "SciPy"),
        ("newuoa", "NLopt"),
        pytest.param("cma-es", "cma", marks=pytest.mark.slow),
    ],
)
def test_libraries_that_are_wrapped_say_what_was_counted(solver: str, library: str) -> None:
    run = execute(Cell("sphere-2", solver, "published", Limits(calls=4000)))
    assert run.claims is not None
    assert run.claims.library == library
    assert in_words(run).endswith("as the oracle counted")


def test_a_gradient_source_costs_what_the_library_does_not_see() -> None:
    run = execute(Cell("sphere-2", "l-bfgs-b[forward-difference]", "published", Limits(calls=4000)))
    assert run.claims is not None
    assert run.spent.evaluations == 3 * (run.claims.values or 0)


def test_a_run_that_ends_by_its_budget_has_no_result() -> None:
    assert execute(Cell("cities-6", "nelder-mead", "published", Limits(calls=20))).claims is None


@pytest.fixture
def mine(tmp_path: Path) -> str:
    file = tmp_path / "mine.py"
    file.write_text(
        "from scipy.optimize import minimize\n\n\ndef solve(fun, x0):\n    return minimize(fun, x0, method='BFGS')\n"
    )
    return f"{file}:solve"


def test_a_callable_that_returns_a_result_is_audited(mine: str) -> None:
    run = execute(Cell("sphere-2", mine, "published", Limits(calls=4000)))
    values = run.spent.evaluations
    said = f"SciPy's result says {values} values and {values // 3} gradients"
    assert in_words(run) == f"{said}, the oracle counted {values} values and 0 gradients"


@pytest.mark.slow
def test_check_solver_says_the_audit_in_one_line(mine: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check-solver", mine])
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("audit: ")]
    assert line.startswith("audit: SciPy's result says ")
    assert line.endswith(" values and 0 gradients")


@pytest.mark.slow
def test_without_a_result_there_is_no_audit() -> None:
    assert testing.audit("gd") == ""
    with pytest.raises(UsageError):
        testing.audit("no-such-solver")
