"""The audit: what a library's result says that it has called, beside what the oracle counted."""

from mdsbench.errors import UsageError
from mdsbench.oracle.claims import Claims
from mdsbench.registry.registry import SOLVERS
from mdsbench.registry.spec import parse
from mdsbench.runs.run import Run
from mdsbench.statistics.wording import listed, plural
from mdsbench.testing import promises
from mdsbench.testing.promises import Broken
from mdsbench.testing.solvers import run

CALLS = 24_000  # so that most solvers return by themselves, with a result
KINDS = {"values": "value", "gradients": "gradient", "products": "Hessian-vector product"}


def audit(solver: str, *, seconds: float = 60.0) -> str:
    """What the result of the solver's library says beside what the oracle counted, in one sentence.

    It is empty if the solver's run on six cities ends without a result, or the result says no number of evaluations.
    The run is in another process, which is ended after so many `seconds`. Raises UsageError if there is no such solver.
    """
    SOLVERS.bind(parse(solver))
    if promises.is_only_here(SOLVERS, parse(solver).name):
        return _audit(solver)
    try:
        return promises.ask(_audit, solver, seconds)
    except UsageError:  # the run did not end in time: a promise says so
        return ""


def _audit(solver: str) -> str:
    try:
        return in_words(run(solver, calls=CALLS))
    except (Broken, UsageError):  # a promise says so
        return ""


def in_words(finished: Run) -> str:
    """The claims of a run's library beside the account of the oracle; empty if there are none."""
    claims, spent = finished.claims, finished.spent
    if claims is None:
        return ""
    said = {kind: getattr(claims, kind) for kind in KINDS if getattr(claims, kind) is not None}
    counted = {"values": spent.evaluations, "gradients": spent.gradients, "products": spent.hessian_vectors}
    whose = f"{claims.library}'s" if claims.library else "its"
    if agree(claims, counted):
        return f"{whose} result says {_numbers(said)}, as the oracle counted"
    told = {kind: number for kind, number in counted.items() if number or kind in said}
    return f"{whose} result says {_numbers(said)}, the oracle counted {_numbers(told)}"


def agree(claims: Claims, counted: dict[str, int]) -> bool:
    """Whether what a library says is what was counted. A pass for a gradient yields the value too: both may be said."""
    said = {kind: getattr(claims, kind) or 0 for kind in KINDS}
    if not counted["values"] and said["values"] == said["gradients"]:
        said["values"] = 0
    return said == counted


def _numbers(numbers: dict[str, int]) -> str:
    return listed([plural(number, KINDS[kind]) for kind, number in numbers.items()])
