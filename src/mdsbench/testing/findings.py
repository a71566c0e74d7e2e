"""What a problem was found to be, in sentences: what it gives, how long a call takes, how noisy it is."""

import numpy as np

from mdsbench.problems.problem import Array, Problem, find
from mdsbench.problems.starts import published
from mdsbench.statistics.wording import listed, plural
from mdsbench.testing import promises
from mdsbench.testing.problems import REPEATS, clocked, measured_noise

TRIALS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)  # steps of differences, in the size of x


def describe_problem(name: str, *, seconds: float = 60.0) -> list[str]:
    """What a problem was found to be, in sentences, from a process of its own; raises UsageError if it cannot be asked.

    The times are of this machine.
    """
    return promises.ask(_described, name, seconds).splitlines()


def _described(name: str) -> str:
    task = find(name)
    task.prepare()
    with np.errstate(all="ignore"):
        return "\n".join(sentences(task))


def sentences(task: Problem) -> list[str]:
    """What a problem is, from calls at its published start."""
    x = published(task)
    said = [_gives(task), _times(task, x), _spread(task, x)]
    if task.has_gradient:
        said.append(_gradient(task, x))
    return said


def _gives(task: Problem) -> str:
    """What it gives, and on which domain."""
    given = {
        "values": True,
        "gradients": task.has_gradient,
        "Hessian-vector products": task.hessian_vector is not None,
        "residuals": task.residuals is not None,
        "gradients of mini-batches": task.batch_gradient is not None,
    }
    domain = "" if task.bounds is None else " within bounds"
    what = listed([word for word, there in given.items() if there])
    return f"It is a function of {plural(task.dimension, 'variable')}{domain} and gives {what}."


def _times(task: Problem, x: Array) -> str:
    value = clocked(task.value, x)
    if not task.has_gradient:
        return f"A value takes {_seconds(value)}."
    gradient = clocked(task.value_and_gradient, x)
    return (
        f"A value takes {_seconds(value)}, a gradient {_seconds(gradient)}, as long as {gradient / value:.1f} values."
    )


def _seconds(time: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if time >= size:
            return f"{time / size:.3g} {unit}"
    return f"{time / 1e-6:.2g} µs"


def _spread(task: Problem, x: Array) -> str:
    spread = measured_noise(task, x)
    noise = task.noise if task.repeats else 0.0
    if not spread:
        extra = f", though it declares noise={noise:g}" if noise else ""
        return f"Its values at one x are the same in {REPEATS} calls{extra}."
    also = f"; it declares {noise:g}" if noise else ", which it does not declare"
    return f"Its values at one x have the standard deviation {spread:.2g} in {REPEATS} calls{also}."


def _gradient(task: Problem, x: Array) -> str:
    """How near the gradient is to central differences along it, with the step for which they are nearest."""
    gradient = task.value_and_gradient(x)[1]
    length = float(np.linalg.norm(gradient))
    if not 0 < length < np.inf:
        return f"The length of its gradient at the start is {length:g}, so that it is not compared there."
    size = max(1.0, float(np.abs(x).max()))

    def error(step: float) -> float:
        ends = [x + step * size * gradient / length, x - step * size * gradient / length]
        if task.bounds is not None:
            ends = [np.clip(end, *task.bounds) for end in ends]
        slope = float(gradient @ (ends[0] - ends[1]))
        return float(abs(task.value(ends[0]) - task.value(ends[1]) - slope) / abs(slope)) if slope else np.nan

    errors = {step: error(step) for step in TRIALS}
    best = min(errors, key=lambda step: (np.isnan(errors[step]), errors[step]))
    return (
        f"Along its gradient, central differences with the best step, {best * size:g}, differ from it by "
        f"{errors[best]:.1e} of its length."
    )
