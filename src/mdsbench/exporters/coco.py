"""Runs in COCO's data format, as its post-processing `cocopp` reads them: a folder for each solver.

COCO has no count of gradients (its issue 1989). Its format has a second count, of constraint evaluations, which
`cocopp` weighs against the first by `genericsettings.weight_evaluations_constraints`. Function values are exported in
the first count and gradients in the second, so that this weight is the price of a gradient. Hessian-vector products and
terms touched in mini-batches are in the second count too, and directional derivatives in the first, as in
`mdsbench.statistics.arrivals.cost`.

`cocopp` refuses the name of a suite that is not its own, and adds the second count to the effort of a run that did not
arrive for one suite only, `bbob-constrained`. So all runs are exported under that name. COCO's titles of functions
do not apply; `names.csv` says what stands for what.

See Hansen, Auger, Ros, Mersmann, Tušar & Brockhoff 2021, "COCO: a platform for comparing continuous optimizers in a
black-box setting", Optimization Methods and Software 36.
"""

import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mdsbench.errors import Failure, UsageError
from mdsbench.exporters.tables import to_csv
from mdsbench.problems.problem import Array
from mdsbench.statistics.arrivals import arrivals
from mdsbench.store import frames
from mdsbench.store.salvage import store_or_salvage
from mdsbench.store.store import Store
from mdsbench.version import __version__

SUITE = "bbob-constrained"
PRECISION = 1e-8  # of a gap: cocopp looks no further
GAPS = 10.0 ** (np.arange(-40, 51) / 5)  # the targets of cocopp: five a decade
COUNTS_A_DECADE = 20  # of the lines at growing counts
NAMES = "names.csv"
NO_COCO_NAME = re.compile(r"[^A-Za-z0-9.+]+")
LINE_BEFORE_A_RUN = (
    "% f evaluations | g evaluations: gradients | best noise-free fitness - Fopt: relative gap | measured fitness"
    " | best measured fitness\n"
)

Table = list[tuple[float, ...]]  # values, gradients, gap and loss


def export_coco(store: Path, out: Path) -> int:
    """Write the runs of a store to the new folder `out`. Returns the number of runs.

    Raises UsageError if the folder has something in it or the store has no runs, and Failure if it is not writable.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file: COCO's format takes a new folder with --out")
    if out.is_dir() and any(out.iterdir()):
        raise UsageError(f"{out} is not empty: COCO's format takes a new folder with --out")
    with store_or_salvage(store, Store.read) as opened:
        runs, improvements, _ = frames.everything(opened)
    if runs.empty:
        raise UsageError(f"{store} has no runs yet")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        try:
            write_coco(runs, improvements, scratch)
            scratch.chmod(0o755)
            scratch.replace(out)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        raise Failure(f"cannot write {out}: {error.strerror or error}") from None
    return len(runs)


def write_coco(runs: pd.DataFrame, improvements: pd.DataFrame, folder: Path) -> None:
    """Write the runs to a folder that exists: a folder for each solver, and the table of names.

    Parameters
    ----------
    runs, improvements
        The tables of `mdsbench.store.frames.frames`.
    folder
        Where to write. Each solver has a folder of its own. In it, a function has an index (`.info`), and for each
        dimension the counts at targets (`.dat`, five a decade) and the values at counts (`.tdat`, twenty a decade).

    Notes
    -----
    The function is the family of problems and the start. The instance is the trial, the same number for all solvers.
    The value is the relative gap of `mdsbench.statistics.arrivals`, not below 0. A run that found no value stands at a
    gap of 1 with all that it spent.
    """
    named = arrivals(runs, improvements, [0.5]).set_index(runs.index)
    table = runs.assign(**{name: named[name] for name in ("family", "dimension", "trial", "floor")})
    table["algorithm"], table["kind"] = named["solver"], named["start"]
    table["dimension"] = table["dimension"].astype(float).fillna(0).astype(int)  # unknown if every run was killed
    table["terms_per_pass"] = table["terms_per_pass"].astype(float).fillna(1).clip(lower=1)
    table["start_loss"] = table["start_loss"].astype(float)
    table["function"] = _functions(table)
    folders, numbers = _folders(table["algorithm"]), _numbered(table["function"])
    instances = {str(function): _numbered(rows["trial"]) for function, rows in table.groupby("function")}
    found = _tables(table, improvements)
    for (algorithm, function), of_function in table.groupby(["algorithm", "function"]):
        place, number = folder / folders[str(algorithm)], numbers[str(function)]
        (place / f"data_f{number}").mkdir(parents=True, exist_ok=True)
        entries = []
        for dimension, rows in of_function.groupby("dimension"):
            trials = rows["trial"].map(instances[str(function)])
            tables = [found[key] for key in rows["key"]]
            name = f"data_f{number}/mdsbench_f{number}_DIM{dimension}"
            (place / f"{name}.dat").write_text(_text(map(at_gaps, tables)), encoding="ascii")
            (place / f"{name}.tdat").write_text(_text(map(at_counts, tables)), encoding="ascii")
            ends = [
                f"{trial}:{lines[-1][0]:.0f}|{lines[-1][2]:.1e}" for trial, lines in zip(trials, tables, strict=True)
            ]
            entries.append(f"{_header(folders[str(algorithm)], number, f'{dimension}')}{name}.dat, {', '.join(ends)}\n")
        (place / f"mdsbench_f{number}.info").write_text("".join(entries), encoding="ascii")
    to_csv(_names(folders, numbers, instances), folder / NAMES)


def at_gaps(lines: Sequence[tuple[float, ...]]) -> Table:
    """The lines that first reach one of COCO's targets, and the last one."""
    level = np.searchsorted(GAPS, [gap for _, _, gap, _ in lines])
    before = np.minimum.accumulate(np.concatenate([[len(GAPS) + 1], level[:-1]]))
    return _kept(lines, level < before)


def at_counts(lines: Sequence[tuple[float, ...]]) -> Table:
    """The first line, and of those with about the same count the last."""
    counts = [values + gradients for values, gradients, *_ in lines]
    bucket = np.floor(COUNTS_A_DECADE * np.log10(np.maximum(counts, 1)))
    keep = np.append(bucket[:-1] < bucket[1:], True)
    keep[0] = True
    return _kept(lines, keep)


def _kept(lines: Sequence[tuple[float, ...]], keep: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Table:
    keep[-1] = True
    return [line for line, kept in zip(lines, keep, strict=True) if kept]


def _tables(runs: pd.DataFrame, improvements: pd.DataFrame) -> dict[str, Table]:
    """For each run both counts, the gap and the loss at each improvement, and at its end."""
    place = pd.Index(runs["key"]).get_indexer(pd.Index(improvements["key"]))
    order = np.argsort(place, kind="stable")[np.count_nonzero(place < 0) :]
    place, improvements = place[order], improvements.iloc[order]
    floor, start, passes = (runs[name].to_numpy(float) for name in ("floor", "start_loss", "terms_per_pass"))
    loss = improvements["loss"].to_numpy(float)
    gap = _gaps(loss, floor[place], start[place])
    lines = np.column_stack([_counts(improvements, passes[place]), gap, loss]).tolist()
    first = np.searchsorted(place, np.arange(len(runs) + 1))
    tables = {}
    for key, begin, end, spent in zip(runs["key"], first, first[1:], _counts(runs, passes).tolist(), strict=False):
        table = [tuple(line) for line in lines[begin:end]]
        last = (*spent, *(table[-1][2:] if table else (1.0, 1.0)))
        tables[str(key)] = table if table and table[-1] == last else [*table, last]
    return tables


def _counts(accounts: pd.DataFrame, terms_per_pass: Array) -> Array:
    """Function values, and all else in passes, shape (accounts, 2)."""
    names = ["evaluations", "directional_derivatives", "gradients", "hessian_vectors", "terms"]
    values, slopes, gradients, products, terms = accounts.reindex(columns=names, fill_value=0).to_numpy(float).T
    values = values + slopes
    passes = np.maximum(values + gradients + products, terms / terms_per_pass)
    return np.column_stack([values, passes - values])


def _gaps(loss: Array, floor: Array, start: Array) -> Array:
    """The relative gap of each loss, all of shape (losses,). It is 1 where there is none."""
    with np.errstate(all="ignore"):
        gap = np.where(start > floor, (loss - floor) / (start - floor), np.where(loss <= floor, 0.0, 1.0))
    return np.where(np.isfinite(gap) & np.isfinite(start - floor), np.maximum(gap, 0.0), 1.0)


def _text(tables: Iterable[Table]) -> str:
    runs = ("".join(f"{f:.17g} {g:.17g} {gap:.17g} {loss:.17g} {loss:.17g}\n" for f, g, gap, loss in t) for t in tables)
    return "".join(f"{LINE_BEFORE_A_RUN}{run}" for run in runs)


def _header(algorithm: str, function: int, dimension: str) -> str:
    """The two lines of an index that go before the runs of a dimension."""
    return (
        f"suite = '{SUITE}', funcId = {function}, DIM = {dimension}, Precision = {PRECISION:.3e},"
        f" algId = '{algorithm}', logger = 'mdsbench', data_format = 'bbob-new2', coco_version = '2.6'\n"
        f"% mdsbench {__version__}: values are relative gaps, g evaluations are gradients; see {NAMES}\n"
    )


def _functions(table: pd.DataFrame) -> "pd.Series[str]":
    """The family of problems and the start; the problem itself where a family has two of one dimension."""
    problems = table.groupby(["family", "dimension"])["problem"].transform("nunique")
    several = (problems > 1).groupby(table["family"]).transform("any")
    return table["family"].where(~several, table["problem"]) + " from " + table["kind"]


def _numbered(names: "pd.Series[str]") -> dict[str, int]:
    """The names numbered from 1 on, numbers in them in the order of their size."""

    def natural(name: str) -> list[tuple[int, str]]:
        return [(int(part) if part.isdecimal() else -1, part) for part in re.split(r"(\d+)", name)]

    return {name: number for number, name in enumerate(sorted(set(names), key=natural), 1)}


def _folders(solvers: "pd.Series[str]") -> dict[str, str]:
    """Names of folders, which cocopp takes for the names of algorithms."""
    folders: dict[str, str] = {}
    for solver in sorted(set(solvers)):
        plain = NO_COCO_NAME.sub("-", solver).strip("-.") or "solver"
        taken, number = {folder.lower() for folder in folders.values()}, 1
        folders[solver] = plain
        while folders[solver].lower() in taken:
            number += 1
            folders[solver] = f"{plain}-{number}"
    return folders


def _names(folders: dict[str, str], numbers: dict[str, int], instances: dict[str, dict[str, int]]) -> pd.DataFrame:
    """What stands for what."""
    rows: list[tuple[str, str, str]] = [("algorithm", folder, solver) for solver, folder in folders.items()]
    rows += [("function", str(number), function) for function, number in numbers.items()]
    rows += [
        ("instance", f"{numbers[function]}:{number}", trial)
        for function, of_function in instances.items()
        for trial, number in of_function.items()
    ]
    return pd.DataFrame(rows, columns=["kind", "in_coco", "in_mdsbench"])
