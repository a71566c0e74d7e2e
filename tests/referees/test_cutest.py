"""CUTEst in the translation of S2MPJ: an independent implementation of some of our functions, and its own problems."""

import numpy as np
import pytest

from mdsbench import minimize, testing
from mdsbench.problems import starts
from mdsbench.problems.cutest import load
from mdsbench.problems.data_files import read_json
from mdsbench.problems.problem import find

# S2MPJ's HELIX, KOWOSB and OSBORNEB differ at the start from what Moré and Wild publish, and are left out.
SAME = {
    "ROSENBR": "more-wild-7",
    "POWELLSG_4": "more-wild-11",
    "BARD": "more-wild-15",
    "MEYER3": "more-wild-18",
    "BOX3": "more-wild-25",
    "JENSMP": "more-wild-26",
    "BROWNDEN": "more-wild-27",
    "BROWNAL": "more-wild-35",
    "OSBORNEA": "more-wild-36",
    "BDQRTIC": "more-wild-40",
    "WATSON": "watson-12",
    "CHEBYQAD": "chebyquad-10",
    "MOREBV": "discrete-boundary-value-10",
    "BROYDN3DLS": "broyden-tridiagonal-5",
    "VARDIM": "variably-dimensioned-10",
}


@pytest.mark.parametrize(("theirs", "ours"), [*SAME.items()])
def test_values_and_gradients_of_our_functions_are_those_of_s2mpj(theirs: str, ours: str) -> None:
    other, problem = load(theirs), find(ours)
    assert other.dimension == problem.dimension
    start = starts.x0(problem)
    for scale in (0.0, 0.05, 0.2):
        x = start + scale * np.maximum(np.abs(start), 0.1) * np.random.default_rng(1).normal(size=len(start))
        value, gradient = problem.value_and_gradient(x)
        expected_value, expected = other.value_and_gradient(x)
        assert value == pytest.approx(expected_value, rel=1e-10)
        np.testing.assert_allclose(gradient, expected, rtol=1e-8, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("name", [*read_json("cutest.json")["verified"]][::24])
def test_verified_problems_keep_what_a_problem_promises(name: str) -> None:
    problem = find(f"cutest(name={name})")
    assert problem.dimension == read_json("cutest.json")["verified"][name]
    testing.check_problem(problem)


def test_a_problem_is_minimised_from_its_start() -> None:
    result = minimize("l-bfgs-b", "cutest(name=BEALE)", starts.x0(find("cutest(name=BEALE)")), budget=200)
    assert result.fun < 1e-8
    np.testing.assert_allclose(result.x, [3, 0.5], atol=1e-3)
