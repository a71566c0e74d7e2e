"""How fast the stress and the solvers are beside other packages': JAX, torch, scikit-learn, PyMDE, s_gd2, NumPy, C.

    python benchmarks/peers/speed.py

It needs Linux and two idle cores, and takes a quarter of an hour. First it sets up benchmarks/peers/.venv-speed with
those packages and this checkout. It replaces its tables in docs/performance.md. With --quick it takes one round and
only prints the tables. scenes.py makes the input, evaluations.py and races.py contain the contestants, and turns.py
runs each in a separate process. kernels.py compares with C and with the limit of the arithmetic.

All contestants take turns in every round. Each is compared with mdsbench in the same round, so other load on the
machine slows both.
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
ALONE = ["pymde==0.3.0"]  # without torchvision, which it requires for its data sets and which requires another torch
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

# Floors of the ratio to mdsbench's time, set before the first measurement.
FLOORS = {
    ("jax_numpy", 34): 40, ("torch_numpy", 34): 40, ("numpy", 34): 10,
    ("jax", 5000): 20, ("torch", 5000): 20, ("smacof", 5000): 20,
}  # fmt: skip
RACE_FLOORS = {"torch_lbfgs": 15, "pymde": 30, "smacof": 30}


def set_up() -> None:
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", PYTHON.parents[1]], check=True)
    pip = [f"{PYTHON}", "-m", "pip", "install", "-q", "-c", f"{page.ROOT}/constraints.txt"]
    subprocess.run([*pip, *PACKAGES, "-e", f"{page.ROOT}"], check=True)
    subprocess.run([*pip, "--no-deps", *ALONE], check=True)


def measure(script: str, names: Sequence[str], scene: Path, rounds: int) -> tuple[dict[str, list[Any]], dict[str, str]]:
    """The results of each contestant's turns, and the name of its quickest form."""
    results: dict[str, list[Any]] = {name: [] for name in names}
    with ExitStack() as stack:
        contestants = [stack.enter_context(closing(turns.Contestant(PYTHON, HERE / script, name))) for name in names]
        forms = {contestant.name: contestant.prepare(scene) for contestant in contestants}
        for _ in range(rounds):
            for contestant in contestants:
                results[contestant.name].append(contestant.turn())
    print(f"{scene.stem}: done", file=sys.stderr)
    return results, forms


def ratio(others: Sequence[float], ours: Sequence[float], floor: float | None) -> str:
    """The median of the ratios, and a mark for whether it reaches the floor."""
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


def table_of_forms(forms: dict[int, dict[str, str]]) -> str:
    """The form of the stress that was quickest, per package and n."""
    header = ["", *(f"n = {n:,}" for n in forms)]
    packages = {"jax": "JAX", "torch": "torch"}
    rows = [[package, *(by_name[name] for by_name in forms.values())] for name, package in packages.items()]
    return page.table(header, rows)


def table_of_ends(measured: dict[int, dict[str, list[tuple[float, int, float]]]]) -> str:
    """How far above f* s_gd2 ends."""
    header = ["", *(f"n = {n:,}" for n in measured)]
    return page.table(header, [["s_gd2, above f*", *(f"{races['s_gd2'][0][2]:.2%}" for races in measured.values())]])


def contestants() -> list[str]:
    """The contestants that can run here: C needs a compiler."""
    return [name for name in EVALUATIONS if name != "c" or shutil.which("gcc")]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="take one round, and only print the tables")
    parser.add_argument(
        "--only", choices=("evaluations", "arithmetic", "solutions"), help="measure one of the three sections"
    )
    options = parser.parse_args()
    quick, only = options.quick, options.only
    set_up()
    turns.pin()
    evaluations, forms, races = {}, {}, {}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([PYTHON, HERE / "scenes.py", folder], check=True)
        for n, rounds in ROUNDS.items() if only in (None, "evaluations") else ():
            scene = Path(folder) / f"random-{n}.npz"
            evaluations[n], forms[n] = measure("evaluations.py", contestants(), scene, 1 if quick else rounds)
        for n, rounds in RACE_ROUNDS.items() if only in (None, "solutions") else ():
            scene = Path(folder) / f"places-{n}.npz"
            races[n], _ = measure("races.py", list(RACES), scene, 1 if quick else rounds)
    tables = {}
    if evaluations:
        tables["evaluations"] = table_of_evaluations(evaluations)
        tables["forms"] = table_of_forms(forms)
        tables["machine of the evaluations"] = page.machine(PYTHON, SHOWN)
    if shutil.which("gcc") and only in (None, "arithmetic"):
        tables["arithmetic"] = subprocess.check_output([PYTHON, HERE / "kernels.py"], text=True)
    if races:
        tables["solutions"] = table_of_races(races)
        tables["ends of s_gd2"] = table_of_ends(races)
    for name, measured in tables.items():
        print(f"{name}\n\n{measured}\n")
        if not quick:
            page.replace(name, measured)


if __name__ == "__main__":
    main()
