"""The command that draws the maps of a store: a picture of each run, and a film of each that has kept its way."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from mdsbench.errors import Failure, UsageError
from mdsbench.report import style
from mdsbench.report.figures.atlas import Atlas, picture
from mdsbench.report.films import files
from mdsbench.report.films.choice import Choice, runs_of
from mdsbench.report.films.setting import USUAL, Setting
from mdsbench.report.films.side_by_side import side_by_side
from mdsbench.report.palette import Palette
from mdsbench.runs.cell import Cell
from mdsbench.runs.run import Run
from mdsbench.statistics.wording import without_folders
from mdsbench.store.store import Store
from mdsbench.system.publish import check

RESOLUTION = 150  # pixels an inch
LONGEST = 200  # letters of a file's name
FEWEST = 3  # positions that make a film


def draw(
    store: Path,
    out: Path,
    *,
    animated: bool = True,
    setting: Setting = USUAL,
    made: Callable[[Path], None] = lambda _: None,
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
            _one(run, places, out, setting if animated else None, made)
            drawn += 1
    if not drawn:
        raise UsageError(next(iter(left_out), f"{store} has no runs to draw"))
    return left_out


def _one(run: Run, atlas: Atlas, out: Path, setting: Setting | None, made: Callable[[Path], None]) -> None:
    name = _name(run)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with style.drawing():
            picture(run, atlas).savefig(out / f"{name}.png", dpi=RESOLUTION)
    except OSError as error:
        raise Failure(f"cannot write to {out}: {error.strerror}; choose another folder with --out") from None
    made(out / f"{name}.png")
    if setting and len(run.path) >= FEWEST:
        for path in _filmed([run], out, name, setting):
            made(path)


def film(store: Path, choice: Choice, out: Path, setting: Setting) -> list[Path]:
    """Film the chosen runs of a store side by side; returns the files.

    Raises UsageError where they cannot be in one film, Failure where a file cannot be written.
    """
    check(out, frozenset())
    with Store.read(store) as opened:
        runs = runs_of(opened, choice)
    words = " ".join([runs[0].cell.problem, *(run.cell.solver for run in runs), runs[0].cell.start])
    return _filmed(
        runs, out, "-".join(["film", *re.findall(r"[A-Za-z0-9.]+", without_folders(words))])[:LONGEST], setting
    )


def _filmed(runs: Sequence[Run], out: Path, name: str, setting: Setting) -> list[Path]:
    palette = Palette(run.cell.solver for run in runs)
    return files.write(lambda video: side_by_side(runs, video, palette=palette, setting=setting), out, name, setting)


def _key_of_today(cell: Cell) -> str:
    """The key that a cell of a store would have with its data file as it is now."""
    return sha256(cell.canonical_json.encode()).hexdigest()[:16]


def _name(run: Run) -> str:
    """A file's name: what was run, in letters and digits, and the beginning of the cell's key."""
    words = without_folders(f"{run.cell.problem} {run.cell.solver} {run.cell.start}")
    return "-".join([*re.findall(r"[A-Za-z0-9.]+", words), run.cell.key[:6]])
