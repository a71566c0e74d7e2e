"""Make best_known_models.json: the lowest losses known of the models on the digits; some half an hour on one core.

python data/make_best_known_models.py                     all
python data/make_best_known_models.py perceptron-6 ...    these alone, the others stay as they are
"""

import json
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from mdsbench.problems import starts
from mdsbench.problems.problem import Array, Problem, find

FILE = Path(__file__).parents[1] / "src" / "mdsbench" / "data" / "best_known_models.json"
LOGISTIC = ["(classes=2,pixels=4)", "(classes=3,pixels=4)", "(pixels=16)", ""]
# Problems with the number of starts: fewer where a run takes longer.
TRIED = {
    **{f"logistic-regression{options}": 3 for options in LOGISTIC},
    "perceptron(n=3,pixels=4)": 100,
    **{f"perceptron-{hidden}(classes=3, pixels=16)": 30 for hidden in (1, 2, 4, 8, 16)},
    "perceptron-1": 100,
    "perceptron-2": 30,
    "perceptron-6": 20,
    "perceptron-20": 10,
    "perceptron-67": 5,
    "perceptron-133": 4,
    "perceptron-667": 2,
}
TOLERANCES = {"ftol": 0.0, "gtol": 1e-8, "maxiter": 20_000, "maxfun": 25_000, "maxcor": 50}
HOW = (
    "The lowest loss that L-BFGS-B, with 50 corrections and a tolerance of 1e-8 for each component of the gradient, "
    "found from so many starts glorot; reached counts the starts that ended within 1e-6 (relative) of it."
)


def best_known(problem: Problem, tried: int) -> dict[str, float]:
    """The entry of a problem."""
    ends: list[tuple[float, Array]] = []
    for seed in range(1000, 1000 + tried):  # no campaign has these starts
        end = minimize(
            problem.value_and_gradient,
            starts.glorot(problem, seed=seed),
            jac=True,
            method="L-BFGS-B",
            options=TOLERANCES,
        )
        ends.append((float(end.fun), end.x))
    loss, x = min(ends, key=lambda end: end[0])
    return {
        "loss": float(f"{loss:.12g}"),
        "starts": tried,
        "reached": sum(other <= loss * (1 + 1e-6) for other, _ in ends),
        "gradient_norm": float(f"{np.linalg.norm(problem.value_and_gradient(x)[1]):.1e}"),
    }


def main(names: list[str]) -> None:
    """Write the entries of these problems, or of all; each is in the file as soon as it is found."""
    losses = json.loads(FILE.read_text(encoding="utf-8"))["losses"] if FILE.exists() else {}
    for name in names or TRIED:
        problem = find(name)
        losses[problem.name] = best_known(problem, TRIED[name])
        print(f"{problem.name}: {losses[problem.name]}", flush=True)
        rows = ",\n".join(f"    {json.dumps(key)}: {json.dumps(row)}" for key, row in losses.items())
        text = f'{{\n  "format": 1,\n  "how": {json.dumps(HOW)},\n  "losses": {{\n{rows}\n  }}\n}}\n'
        FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
