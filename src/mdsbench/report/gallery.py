"""The command that draws the maps of a store: a picture of each run, and a film of each that has kept its way."""

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from mdsbench.errors import Failure, UsageError
from mdsbench.report import style
from mdsbench.report.figures.atlas import Atlas, picture
from mdsbench.report.films.unfolding import film
from mdsbench.runs.cell import Cell
from mdsbench.runs.run import Run
from mdsbench.statistics.wording import without_folders
from mdsbench.store.store import Store
from mdsbench.system.publish import check

RESOLUTION = 150  # pixels an inch
FEWEST = 3  # positions that make a film


def draw(
    store: Path, out: Path, *, animated: bool = True, made: Callable[[Path], None] = lambda _: None
) -> dict[str, int]:
    """Draw every run of a store whose problem has coordinates into a folder; tell `made` of each file.

    Returns why runs were left out, and how many for each reason. Raises UsageError where all are, Failure where a file
    cannot be written.
    """
    check(out, frozenset())
    atlas = lru_cache(1)(Atlas.of)  # the runs of a problem mostly stand together
    left_out: Counter[str] = Counter()
    drawn = 0
    with Store.read(store) as opened:
        for key, run in opened.items():
            try:
                places = atlas(run.cell.problem)
            except UsageError as error:
                left_out[str(error)] += 1
                continue
            if "file=" in run.cell.problem and key != _key_of_today(run.cell):
                left_out[f"{run.cell.problem} is no longer what it was: the run is of another version"] += 1
                continue
            if run.final_x.size != places.true.size:
                left_out[f"a run of {run.cell.solver} has no map: {run.ending}"] += 1
                continue
            _one(run, places, out, animated, made)
            drawn += 1
    if not drawn:
        raise UsageError(next(iter(left_out), f"{store} has no runs to draw"))
    return left_out


def _one(run: Run, atlas: Atlas, out: Path, animated: bool, made: Callable[[Path], None]) -> None:
    name = _name(run)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with style.drawing():
            picture(run, atlas).savefig(out / f"{name}.png", dpi=RESOLUTION)
    except OSError as error:
        raise Failure(f"cannot write to {out}: {error.strerror}; choose another folder with --out") from None
    made(out / f"{name}.png")
    if animated and len(run.path) >= FEWEST:
        film(run, atlas, out / f"{name}.mp4")
        made(out / f"{name}.mp4")


def _key_of_today(cell: Cell) -> str:
    """The key that a cell of a store would have with its data file as it is now."""
    return sha256(cell.canonical_json.encode()).hexdigest()[:16]


def _name(run: Run) -> str:
    """A file's name: what was run, in letters and digits, and the beginning of the cell's key."""
    words = without_folders(f"{run.cell.problem} {run.cell.solver} {run.cell.start}")
    return "-".join([*re.findall(r"[A-Za-z0-9.]+", words), run.cell.key[:6]])
