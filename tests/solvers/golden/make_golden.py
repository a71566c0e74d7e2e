"""Write the golden traces: fifty steps of torch's optimisers, of scikit-learn's smacof and of SciPy's Nelder-Mead.

    pip install -e '.[golden]' && python tests/golden/make_golden.py

The gradients are mdsbench's own, so that two traces differ in nothing but the update. Each file holds the solver of
ours that goes the same way, the versions of the packages, and the positions x_0 ... x_50, in double precision.
"""

import json
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import torch
from scipy.optimize import minimize
from scipy.spatial.distance import squareform
from sklearn.manifold import smacof

from mdsbench.problems import europe, problem, starts
from mdsbench.problems.problem import Array

FOLDER = Path(__file__).parent
PROBLEM, START, STEPS = "cities-6", "published", 50

# file: our solver, torch's optimiser
OPTIMISERS: dict[str, tuple[str, Callable[[list[torch.Tensor]], torch.optim.Optimizer]]] = {
    "gd": ("gd(step=0.02)", lambda x: torch.optim.SGD(x, lr=0.02)),
    "momentum": (
        "momentum(beta=0.9, step=0.01)",
        lambda x: torch.optim.SGD(x, lr=0.01, momentum=0.9),
    ),
    "nesterov": (
        "nesterov(beta=0.9, step=0.01)",
        lambda x: torch.optim.SGD(x, lr=0.01, momentum=0.9, nesterov=True),
    ),
    "adagrad": ("adagrad(step=0.1)", lambda x: torch.optim.Adagrad(x, lr=0.1)),
    "rmsprop": ("rmsprop(rho=0.99, step=0.01)", lambda x: torch.optim.RMSprop(x, lr=0.01, alpha=0.99)),
    "adadelta": ("adadelta(rho=0.9, step=1)", lambda x: torch.optim.Adadelta(x, lr=1.0, rho=0.9, eps=1e-6)),
    "adam": ("adam(step=0.05)", lambda x: torch.optim.Adam(x, lr=0.05)),
}


def torch_trace(make: Callable[[list[torch.Tensor]], torch.optim.Optimizer]) -> list[Array]:
    """The positions before each step and after the last."""
    task = problem.find(PROBLEM)
    x = torch.tensor(starts.published(task), requires_grad=True)
    optimiser, trace = make([x]), [x.detach().numpy().copy()]
    for _ in range(STEPS):
        x.grad = torch.from_numpy(task.value_and_gradient(x.detach().numpy())[1])
        optimiser.step()
        trace.append(x.detach().numpy().copy())
    return trace


def smacof_trace() -> list[Array]:
    """The centred start, and where each move from the last position leads."""
    task = problem.find(PROBLEM)
    D = squareform(europe.distances_km(6) / europe.unit_km(6))
    X = starts.published(task).reshape(-1, 2)
    trace = [X - X.mean(axis=0)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one iteration does not converge
        for _ in range(STEPS):
            X, _ = smacof(D, init=trace[-1], n_init=1, max_iter=1, eps=0.0, normalized_stress=False)
            trace.append(X)
    return [X.ravel() for X in trace]


def nelder_mead_trace() -> list[Array]:
    """The start, and the best vertex after each iteration of SciPy's method, which receives values."""
    task = problem.find(PROBLEM)
    trace = [starts.published(task)]
    minimize(task.value, trace[0], method="Nelder-Mead", callback=lambda x: trace.append(x.copy()))
    return trace[: STEPS + 1]


def write(name: str, solver: str, package: str, trace: list[Array]) -> None:
    """One file."""
    versions = {distribution: version(distribution) for distribution in (package, "numpy")}
    content = {"solver": solver, "problem": PROBLEM, "start": START, "versions": versions}
    rows = ",\n  ".join(json.dumps(list(map(float, x))) for x in trace)
    text = json.dumps(content, indent=1)[:-2] + f',\n "trace": [\n  {rows}\n ]\n}}\n'
    (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for name, (solver, make) in OPTIMISERS.items():
        write(name, solver, "torch", torch_trace(make))
    write("smacof", "smacof", "scikit-learn", smacof_trace())
    write("comparison-nelder-mead", "comparison-nelder-mead", "scipy", nelder_mead_trace())
