"""What solvers and problems promise, and checks of it.

`check_solver` and `check_problem` raise an AssertionError that lists all faults. `examine` and `examine_problem` yield
each promise with its fault. `describe_problem` says what a problem was found to be. `audit` says what a library claims
to have called beside what the oracle counted. The test suite checks everything that is registered.
"""

from mdsbench.testing.audit import audit
from mdsbench.testing.findings import describe_problem
from mdsbench.testing.problems import PROBLEM_CHECKS, check_problem, examine_problem
from mdsbench.testing.promises import Broken
from mdsbench.testing.solvers import CHECKS, advice, check_solver, examine

__all__ = [
    "CHECKS",
    "PROBLEM_CHECKS",
    "Broken",
    "advice",
    "audit",
    "check_problem",
    "check_solver",
    "describe_problem",
    "examine",
    "examine_problem",
]
