"""How fast the stress and the solvers are beside other packages': JAX, torch, scikit-learn, PyMDE, s_gd2, NumPy, C.

    python benchmarks/peers/speed.py

Linux; a quarter of an hour on two cores, which should have nothing else to do, once benchmarks/peers/.venv-speed is set
up with those packages and this checkout. It writes its tables into docs/performance.md; --quick takes one round, and
prints them only. scenes.py makes what all are given, evaluations.py and races.py have the contestants, turns.py gives
each a process of its own; kernels.py compares with C and with what the arithmetic allows.

All contestants take turns in every round, and each is compared with mdsbench in the same round, so that a machine that
is busy elsewhere slows both.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median
from typing import Any

import page
import turns

HERE = Path(__file__).resolve().parent
PYTHON = HERE / ".venv-speed" / "bin" / "python"
PACKAGES = ["torch==2.13.0", "jax==0.10.2", "jaxlib==0.10.2", "scikit-learn==1.9.1", "s_gd2==1.8.1"]
ALONE = ["pymde==0.3.0"]  # without torchvision, which it wants for its data sets and which wants another torch
SHOWN = ["numba", "numpy", "scipy", "jax", "torch", "scikit-learn", "pymde", "s_gd2"]

EVALUATIONS = {
    "mdsbench": "mdsbench",
    "mdsbench_oracle": "mdsbench, through the oracle",
    "c": "C, `stress.c`",
    "jax": "JAX, jit",
    "jax_numpy": "JAX, jit, from and to NumPy",
    "torch": "torch, autograd",
    "torch_numpy": "torch, autograd, from and to NumPy",
    "numpy": "NumPy with SciPy's cdist",
    "smacof": "scikit-learn, an iteration of smacof",
}
RACES = {
    "l-bfgs": "mdsbench `l-bfgs`",
    "nesterov(restart=true)": "mdsbench `nesterov(restart=true)`",
    "gd": "mdsbench `gd`",
    "torch_lbfgs": "torch.optim.LBFGS",
    "pymde": "PyMDE",
    "smacof": "scikit-learn smacof, eps=0",
    "s_gd2": "s_gd2 mds_direct",
}
ROUNDS = {34: 15, 500: 9, 2000: 5, 5000: 3}
RACE_ROUNDS = {2000: 3, 5000: 1}

# How many times as long as mdsbench the others were to take at least, set before anything was measured.
FLOORS = {
    ("jax_numpy", 34): 40, ("torch_numpy", 34): 40, ("numpy", 34): 10,
    ("jax", 5000): 20, ("torch", 5000): 20, ("smacof", 5000): 20,
}  # fmt: skip
RACE_FLOORS = {"torch_lbfgs": 15, "pymde": 30, "smacof": 30}

EVALUATION_HEADING = "## What an evaluation costs"
EVALUATION_TEXT = """\
The stress of n points and its gradient once, in double precision: random positions and target distances, all n(n-1)/2
of them in memory. {threads}; every package in a process of its own, all of which take
turns; medians of {rounds} rounds at n = 34, 500, 2,000 and 5,000. × is the median of the ratios with mdsbench
in the same round, and beside it, where one was set before anything was measured, the floor that it was to reach: ✓
where it does, ✗ where it does not. At n = 34 that is for a solver, which has NumPy's arrays.

{table}

{forms}
Of scikit-learn, which has no such function, it is a tenth of ten iterations: one does the same work. C is the
form of mdsbench's kernels written by hand, with `gcc -O3 -march=native -ffast-math`. That all give the same value
and gradient, to nine digits, is checked first.

{machine}.

Made by `python benchmarks/peers/speed.py`.
"""

ARITHMETIC_HEADING = "## What the arithmetic allows"
ARITHMETIC_TEXT = """\
The same value with its gradient, beside `stress.c` and beside what nothing can be quicker than: a square root and a
division for each pair, of numbers that are in the processor's nearest cache. Both are in shares of mdsbench's time, and
beside them is the floor, where one was set before anything was measured: C takes no less than 1/1.15, the root and the
division no less than three quarters. Stored distances of 5,000 points are 100 MB in double precision, which no cache
holds; computed ones are great circles, worked out from coordinates whenever they are needed. {threads}.

{table}

Made by `python benchmarks/peers/kernels.py`.
"""

RACE_HEADING = "## What a solution costs"
RACE_TEXT = """\
`places-2000` and `places-5000`, maps of the largest places of Europe, from Torgerson's map until f / f* - 1 is 1e-6, in
double precision; f* is the lowest stress known, from data/best_known_places.json. Seconds are the solver's, without the
start and without what prepares the distances in the form that a package wants; an evaluation is a stress with its
gradient. {threads}, processes and turns as above; medians of {rounds} rounds at n = 2,000 and 5,000; × is with
mdsbench's `l-bfgs` in the same round.

{table}

mdsbench's are whole runs through the oracle, with their records. torch has the quickest form of the stress above; PyMDE
its own solver with `Quadratic` distortions; both are stopped at the first evaluation that reaches the target.
scikit-learn's smacof is told how many iterations it needs, for with its own tolerance it stops far away. s_gd2 has a
schedule of {passes} passes over the pairs, one pair after another, and ends where that ends:
{ends}.

Made by `python benchmarks/peers/speed.py --only solutions`.
"""


def set_up() -> None:
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", PYTHON.parents[1]], check=True)
    pip = [f"{PYTHON}", "-m", "pip", "install", "-q", "-c", f"{page.ROOT}/constraints.txt"]
    subprocess.run([*pip, *PACKAGES, "-e", f"{page.ROOT}"], check=True)
    subprocess.run([*pip, "--no-deps", *ALONE], check=True)


def measure(script: str, names: Sequence[str], scene: Path, rounds: int) -> tuple[dict[str, list[Any]], dict[str, str]]:
    """What came of each contestant's turns, and its remark; all rounds but a first."""
    results: dict[str, list[Any]] = {name: [] for name in names}
    with ExitStack() as stack:
        contestants = [stack.enter_context(closing(turns.Contestant(PYTHON, HERE / script, name))) for name in names]
        remarks = {contestant.name: contestant.prepare(scene) for contestant in contestants}
        for _ in range(rounds):
            for contestant in contestants:
                results[contestant.name].append(contestant.turn())
    print(f"{scene.stem}: done", file=sys.stderr)
    return results, remarks


def ratio(others: Sequence[float], ours: Sequence[float], floor: float | None) -> str:
    """The median of the ratios, and whether it reaches the floor."""
    found = median(other / own for other, own in zip(others, ours, strict=True))
    digits = f"{found:.2f}" if found < 10 else f"{int(found)}"  # not rounded up to a floor
    return digits if floor is None else f"{digits} {'✓' if found >= floor else '✗'} {floor:g}"


def duration(seconds: float) -> str:
    unit, scale = next((u, s) for u, s in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)) if seconds >= s or u == "µs")
    return f"{seconds / scale:.3g} {unit}" if seconds / scale < 100 else f"{seconds / scale:.0f} {unit}"


def table_of_evaluations(measured: dict[int, dict[str, list[float]]]) -> str:
    header = "| | " + " | ".join(f"n = {n:,} | ×" for n in measured) + " |"
    lines = [header, "|---|" + "--:|--:|" * len(measured)]
    for name in measured[34]:
        cells = [EVALUATIONS[name]]
        for n, seconds in measured.items():
            cells += [duration(median(seconds[name])), ratio(seconds[name], seconds["mdsbench"], FLOORS.get((name, n)))]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def table_of_races(measured: dict[int, dict[str, list[tuple[float, int, float]]]]) -> str:
    header = "| | " + " | ".join(f"n = {n:,} | evaluations | ×" for n in measured) + " |"
    lines = [header, "|---|" + "--:|--:|--:|" * len(measured)]
    for name in RACES:
        cells = [RACES[name]]
        for results in measured.values():
            seconds = [second for second, _, _ in results[name]]
            ours = [second for second, _, _ in results["l-bfgs"]]
            cells += [duration(median(seconds)), str(results[name][0][1])]
            cells.append(ratio(seconds, ours, RACE_FLOORS.get(name)))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def forms(remarks: dict[int, dict[str, str]]) -> str:
    """Which form of the stress each package was quickest with."""
    sentences = []
    for name, package in (("jax", "JAX"), ("torch", "torch")):
        found = ", ".join(f"{by_name[name]} at {n:,}" for n, by_name in remarks.items())
        sentences.append(f"{package} has the quickest of three forms: {found}.")
    return "\n".join(sentences)


def contestants() -> list[str]:
    """Those for whom everything is there: C takes a compiler."""
    return [name for name in EVALUATIONS if name != "c" or shutil.which("gcc")]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one round, printed and not written")
    parser.add_argument("--only", choices=("evaluations", "arithmetic", "solutions"), help="one of the three sections")
    options = parser.parse_args()
    quick, only = options.quick, options.only
    set_up()
    turns.pin()
    evaluations, remarks, races = {}, {}, {}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([PYTHON, HERE / "scenes.py", folder], check=True)
        for n, rounds in ROUNDS.items() if only in (None, "evaluations") else ():
            scene = Path(folder) / f"random-{n}.npz"
            evaluations[n], remarks[n] = measure("evaluations.py", contestants(), scene, 1 if quick else rounds)
        for n, rounds in RACE_ROUNDS.items() if only in (None, "solutions") else ():
            scene = Path(folder) / f"places-{n}.npz"
            races[n], _ = measure("races.py", list(RACES), scene, 1 if quick else rounds)
    threads = f"{turns.THREADS} threads on {turns.THREADS} pinned cores"
    texts = {}
    if evaluations:
        texts[EVALUATION_HEADING] = EVALUATION_TEXT.format(
            threads=threads.capitalize(),
            rounds=", ".join(map(str, ROUNDS.values())),
            table=table_of_evaluations(evaluations),
            forms=forms(remarks),
            machine=page.machine(PYTHON, SHOWN),
        )
    if shutil.which("gcc") and only in (None, "arithmetic"):
        texts[ARITHMETIC_HEADING] = ARITHMETIC_TEXT.format(
            table=subprocess.check_output([PYTHON, HERE / "kernels.py"], text=True).rstrip(), threads=threads
        )
    if races:
        texts[RACE_HEADING] = RACE_TEXT.format(
            threads=threads.capitalize(),
            rounds=" and ".join(map(str, RACE_ROUNDS.values())),
            table=table_of_races(races),
            passes=races[2000]["s_gd2"][0][1],
            ends=", ".join(f"{results['s_gd2'][0][2]:.2%} above f* at {n:,}" for n, results in races.items()),
        )
    for heading, text in texts.items():
        print(f"{heading}\n\n{text}")
        if not quick:
            page.write(heading, text)


if __name__ == "__main__":
    main()
