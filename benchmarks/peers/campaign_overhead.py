"""What a campaign costs on top of the solvers, with mdsbench and with benchopt: 200 equal runs of SciPy's Nelder-Mead.

    python benchmarks/peers/campaign_overhead.py

Linux, five minutes on two cores. It sets up benchmarks/peers/.venv with benchopt and this checkout, and writes its
table into docs/performance.md. The runs are those of benchmarks/campaigns/overhead.py; benchopt_overhead/ has them as a
benchmark of benchopt, and same_runs.py checks first that both make the same calls.

Every way is a process of its own that finds nothing kept from the time before; what counts is the CPU time of it and
its children, orphans too, imports included. Rounds are taken in turn, and each way is compared with the bare loop of
its round, so that a machine that is busy elsewhere slows both.
"""

import ctypes
import os
import re
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

BENCHOPT = "1.10.0"
ROUNDS = 3
RUNS = 200

PR_SET_CHILD_SUBREAPER = 36

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BIN = HERE / ".venv" / "bin"
PAGE = ROOT / "docs" / "performance.md"
HEADING = "## What a campaign costs"

# One thread each in linear algebra: the problems are small, and idle threads cost CPU time.
ENVIRONMENT = os.environ | {
    "PYTHONPATH": str(ROOT / "benchmarks" / "campaigns"),
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}

TEXT = """\
{runs} runs of SciPy's Nelder-Mead, at most 400 evaluations each, half on `cities-6` and half on `cities-15`. CPU time
of all processes from start to end, imports included, which in the bare loop are mdsbench's too; medians of {rounds}
rounds, ratios and differences with the bare loop of the same round. The last column is a campaign of one run: what
starting up costs; the second ratio leaves it out. benchopt evaluates the loss once more and notes a run's last value;
mdsbench counts every call and keeps every improvement and a path.

{table}

{machine}.

Made by `python benchmarks/peers/campaign_overhead.py`, which first checks that both make the same calls.
"""


def ours(function: str, one: bool) -> list[str]:
    """A function of benchmarks/campaigns/overhead.py, on all its cells or the first of them."""
    first = "del overhead.CELLS[1:]; " if one else ""
    return [f"{BIN}/python", "-c", f"import overhead; {first}overhead.{function}()"]


def ours_from_the_command_line(one: bool) -> list[str]:
    first = ["--set", 'problems=["cities-6"]', "--set", "repetitions=1"] if one else []
    return [f"{BIN}/mdsbench", "run", str(HERE / "overhead.toml"), "--store", "a.sqlite", "--jobs", "2", *first]


def benchopt(options: Sequence[str], one: bool) -> list[str]:
    """Benchopt on a copy of its benchmark, of which it keeps its cache beside the files."""
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
    pip = [f"{BIN}/python", "-m", "pip", "install", "-q", "-c", f"{ROOT}/constraints.txt"]
    subprocess.run([*pip, f"benchopt=={BENCHOPT}", "-e", str(ROOT)], check=True)


def cpu(command: Sequence[str]) -> float:
    """CPU seconds of a process and its children, in an empty folder but for benchopt's benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(HERE / "benchopt_overhead", Path(folder) / "benchmark")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        with suppress(ChildProcessError):
            while True:  # those that have outlived their parents, such as a server of worker processes
                os.waitpid(-1, 0)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{command}\n{done.stdout}{done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def table(full: list[dict[str, float]], one: list[dict[str, float]]) -> str:
    """Markdown; `full` and `one` hold each round's CPU seconds, of all the runs and of a campaign of one."""
    header = "| | CPU s | × bare | × bare without starting up | ms a run on top | CPU s with 1 run |"
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


def machine() -> str:
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    names = ["benchopt", "joblib", "numpy", "scipy", "numba"]
    code = f"import sys; from importlib.metadata import version as v; print(sys.version.split()[0], *map(v, {names}))"
    python, *found = subprocess.check_output([f"{BIN}/python", "-c", code], text=True).split()
    versions = ", ".join(f"{name} {number}" for name, number in zip(names, found, strict=True))
    return f"{model[1] if model else 'unknown CPU'}, {os.cpu_count()} cores; Python {python}, {versions}"


def write(text: str) -> None:
    """Put the section in the place of the old one, or at the end of the page."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Performance\n"
    before, _, rest = page.partition(HEADING)
    _, following, after = rest.partition("\n## ")
    PAGE.write_text(f"{before.rstrip()}\n\n{HEADING}\n\n{text}{following}{after}", encoding="utf-8")


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
    write(TEXT.format(table=found, machine=machine(), runs=RUNS, rounds=ROUNDS))


if __name__ == "__main__":
    main()
