"""How fast the value and the gradient of the perceptron are beside torch's, on two threads: the table of training.md.

    python benchmarks/peers/models.py --python PYTHON

It needs Linux, two idle cores, and a Python that has mdsbench and torch (the extra `autodiff`); by default that which
runs the script. It takes two minutes and replaces its table in docs/training.md. With --quick it takes one round and
only prints the table. Each contestant has a process of its own (turns.py), and they take turns in every round. A ratio
is the median over the rounds of the seconds of a contestant by those of mdsbench in the same round.

Everything is in double precision. torch has its own tensors of the images, made before the clock runs. In one form it
also has its own parameters and keeps its gradient; in the other both are NumPy's, which a solver in NumPy has.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import page
import turns
from numpy.typing import NDArray
from turns import Entered

Array = NDArray[np.float64]
Call = Callable[[], tuple[Any, Any]]

PAGE = page.ROOT / "docs" / "training.md"
HIDDEN = (6, 67, 667)  # units: 460, 5,035 and 50,035 parameters
ROUNDS, TURN = 21, 0.2  # seconds that calls are repeated for
CONTESTANTS = {
    "mdsbench": "mdsbench",
    "torch": "torch, autograd",
    "torch_numpy": "torch, autograd, from and to NumPy",
    "numpy": "NumPy",
}


def mdsbench(hidden: Array, x: Array) -> Entered:
    """The compiled kernel."""
    from mdsbench.problems.problem import find

    task = find(f"perceptron-{int(hidden)}")
    task.prepare()
    return _repeated(lambda: task.value_and_gradient(x), x, hidden)


def numpy(hidden: Array, x: Array) -> Entered:
    """The formulas that define the kernel."""
    from mdsbench.models import perceptron
    from mdsbench.problems.digits import PENALTY, digits

    found = digits()
    return _repeated(lambda: perceptron.value_and_gradient(x, found.X, found.y, 10, PENALTY), x, hidden)


def torch(hidden: Array, x: Array) -> Entered:
    """Reverse mode, from and to torch's own tensors."""
    import torch as library

    function = _of_torch(int(hidden))
    leaf = library.tensor(x, requires_grad=True)

    def call() -> tuple[Any, Any]:
        loss = function(leaf)
        (gradient,) = library.autograd.grad(loss, leaf)
        return loss.item(), gradient

    return _repeated(call, x, hidden)


def torch_numpy(hidden: Array, x: Array) -> Entered:
    """Reverse mode, from and to NumPy's arrays."""
    import torch as library

    function = _of_torch(int(hidden))

    def call() -> tuple[Any, Any]:
        leaf = library.from_numpy(x).requires_grad_()
        loss = function(leaf)
        (gradient,) = library.autograd.grad(loss, leaf)
        return loss.item(), gradient.numpy()

    return _repeated(call, x, hidden)


def _of_torch(hidden: int) -> Callable[[Any], Any]:
    """The perceptron in torch's operations, with the images as tensors."""
    import torch as library
    from torch.nn.functional import cross_entropy, linear

    from mdsbench.problems.digits import PENALTY, digits

    library.set_num_threads(turns.THREADS)
    found = digits()
    X, y = library.tensor(found.X), library.tensor(found.y)

    def value(x: Any) -> Any:
        W, b, V, c = library.split(x, [64 * hidden, hidden, 10 * hidden, 10])
        A = library.tanh(library.addmm(b, X, W.view(64, hidden)))
        return cross_entropy(linear(A, V.view(10, hidden), c), y) + 0.5 * PENALTY * x @ x

    return value


def _repeated(call: Call, x: Array, hidden: Array) -> Entered:
    """What a turn is: the seconds of a call, after a check of its result."""
    from mdsbench.models import perceptron
    from mdsbench.problems.digits import PENALTY, digits

    wanted = perceptron.value_and_gradient(x, digits().X, digits().y, 10, PENALTY)
    found = call()
    assert abs(float(found[0]) / wanted[0] - 1) < 1e-10, f"another value with {hidden} units"
    assert np.abs(np.asarray(found[1]) - wanted[1]).max() < 1e-10 * np.abs(wanted[1]).max(), "another gradient"

    def turn() -> float:
        call()  # it wakes the threads
        calls, begin = 0, perf_counter()
        while perf_counter() - begin < TURN:
            call()
            calls += 1
        return (perf_counter() - begin) / calls

    return Entered(turn)


def measured(python: Path, rounds: int) -> str:
    """The table."""
    rows = []
    for hidden in HIDDEN:
        n = 75 * hidden + 10
        with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
            scene = Path(folder) / "scene.npz"
            np.savez(scene, hidden=hidden, x=0.1 * np.random.default_rng(hidden).normal(size=n))
            entered = {
                name: stack.enter_context(closing(turns.Contestant(python, Path(__file__), name)))
                for name in CONTESTANTS
            }
            for contestant in entered.values():
                contestant.prepare(scene)
            times: dict[str, list[float]] = {name: [] for name in entered}
            for _ in range(rounds):
                for name, contestant in entered.items():
                    times[name].append(contestant.turn())
        print(f"{n:,} parameters: done", file=sys.stderr)
        for name, label in CONTESTANTS.items():
            ratios = [other / ours for other, ours in zip(times[name], times["mdsbench"], strict=True)]
            spread = f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})" if name != "mdsbench" else "1"
            rows.append([f"{n:,}", label, f"{1e3 * median(times[name]):.2f}", spread])
    return page.table(["parameters", "", "ms, median", "times mdsbench: median, and range of the rounds"], rows)


def main() -> None:
    """Measure, and write or print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, default=Path(sys.executable))
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    turns.pin()
    found = measured(options.python, 1 if options.quick else ROUNDS)
    made_on = page.machine(options.python, ["numpy", "numba", "torch"])
    if options.quick:
        print(f"{found}\n\n{made_on}")
    else:
        page.replace("speed", f"{found}\n\n{made_on}", PAGE)
        print(f"docs/{PAGE.name} is written")


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1] in CONTESTANTS:
        turns.answer({"mdsbench": mdsbench, "torch": torch, "torch_numpy": torch_numpy, "numpy": numpy})
    else:
        main()
