"""The cost of a campaign in addition to its solvers, for mdsbench and benchopt: 200 equal runs of SciPy's Nelder-Mead.

    python benchmarks/peers/campaign_overhead.py

It needs Linux, and takes five minutes on two cores. It sets up benchmarks/peers/.venv with benchopt and this checkout,
and replaces its table in docs/performance.md. The runs are those of benchmarks/campaigns/overhead.py. The folder
benchopt_overhead has them as a benchmark of benchopt, and same_runs.py first checks that both make the same calls.

Every way is a separate process in an empty folder. The CPU time includes that of its children, of orphans and of
imports. All ways run once per round. Each is compared with the bare loop of its round, so other load on the machine
slows both.
"""

import ctypes
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median

import page

BENCHOPT = "1.10.0"
SHOWN = ["benchopt", "joblib", "numpy", "scipy", "numba"]
ROUNDS = 3
RUNS = 200

PR_SET_CHILD_SUBREAPER = 36

HERE = Path(__file__).resolve().parent
BIN = HERE / ".venv" / "bin"

# One thread each in linear algebra: the problems are small, and idle threads cost CPU time.
ENVIRONMENT = os.environ | {
    "PYTHONPATH": str(HERE.parent / "campaigns"),
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def ours(function: str, one: bool) -> list[str]:
    """A function of benchmarks/campaigns/overhead.py, on all its cells or the first of them."""
    first = "del overhead.CELLS[1:]; " if one else ""
    return [f"{BIN}/python", "-c", f"import overhead; {first}overhead.{function}()"]


def ours_from_the_command_line(one: bool) -> list[str]:
    first = ["--set", 'problems=["cities-6"]', "--set", "repetitions=1"] if one else []
    return [f"{BIN}/mdsbench", "run", str(HERE / "overhead.toml"), "--store", "a.sqlite", "--jobs", "2", *first]


def benchopt(options: Sequence[str], one: bool) -> list[str]:
    """Benchopt on a copy of its benchmark, because it keeps its cache beside the files."""
    first = ["-d", "Cities[cities=6,seed=0]"] if one else []
    plain = ["--local", "--n-repetitions", "1", "--no-plot", "--no-html", "--no-display"]
    return [f"{BIN}/benchopt", "run", "benchmark", *plain, "--output", "./runs.parquet", *options, *first]


WAYS: dict[str, Callable[[bool], list[str]]] = {
    "bare loop": lambda one: ours("bare", one),
    "mdsbench, in one process": lambda one: ours("serial", one),
    "mdsbench, in one process, into a store": lambda one: ours("serial_with_store", one),
    "mdsbench, 2 isolated processes": lambda one: ours("isolated", one),
    "`mdsbench run --jobs 2`: isolated, into a store": ours_from_the_command_line,
    "`benchopt run --no-cache`": lambda one: benchopt(["--no-cache"], one),
    "`benchopt run`, with its cache": lambda one: benchopt([], one),
    "`benchopt run --no-cache --n-jobs 2`": lambda one: benchopt(["--no-cache", "--n-jobs", "2"], one),
}


def set_up() -> None:
    if not BIN.exists():
        subprocess.run([sys.executable, "-m", "venv", BIN.parent], check=True)
    pip = [f"{BIN}/python", "-m", "pip", "install", "-q", "-c", f"{page.ROOT}/constraints.txt"]
    subprocess.run([*pip, f"benchopt=={BENCHOPT}", "-e", str(page.ROOT)], check=True)


def cpu(command: Sequence[str]) -> float:
    """CPU seconds of a process and its children, in a folder that contains only benchopt's benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(HERE / "benchopt_overhead", Path(folder) / "benchmark")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        with suppress(ChildProcessError):
            while True:  # children that outlive their parents, such as a server of worker processes
                os.waitpid(-1, 0)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{command}\n{done.stdout}{done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def table(full: list[dict[str, float]], one: list[dict[str, float]]) -> str:
    """Markdown; `full` and `one` hold each round's CPU seconds, for all runs and for a campaign of one run."""
    header = "| | CPU s | × bare | × bare without starting up | ms per run in addition | CPU s with 1 run |"
    lines = [header, "|---|--:|--:|--:|--:|--:|"]
    for way in WAYS:
        running = median(
            (all_runs[way] - first[way]) / (all_runs["bare loop"] - first["bare loop"])
            for all_runs, first in zip(full, one, strict=True)
        )
        ratio = median(seconds[way] / seconds["bare loop"] for seconds in full)
        on_top = median((seconds[way] - seconds["bare loop"]) / RUNS * 1000 for seconds in full)
        alone = median(seconds[way] for seconds in one)
        seconds = median(s[way] for s in full)
        lines.append(f"| {way} | {seconds:.2f} | {ratio:.2f} | {running:.2f} | {on_top:.1f} | {alone:.2f} |")
    return "\n".join(lines)


def main() -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # orphans become children of this process
    set_up()
    check = shlex.join([f"{BIN}/python", str(HERE / "same_runs.py"), "runs.parquet"])
    cpu(["sh", "-c", f"{shlex.join(benchopt(['--no-cache'], one=False))} && {check}"])
    rounds = []
    for number in range(ROUNDS + 1):
        rounds.append([{way: cpu(command(one)) for way, command in WAYS.items()} for one in (False, True)])
        print(f"round {number} of {ROUNDS}{'' if number else ', to warm up'}", file=sys.stderr)
    found = table([full for full, _ in rounds[1:]], [one for _, one in rounds[1:]])
    print(found)
    page.replace("campaigns", found)
    page.replace("machine of the campaigns", page.machine(BIN / "python", SHOWN))


if __name__ == "__main__":
    main()
