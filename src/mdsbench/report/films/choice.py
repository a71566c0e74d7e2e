"""Who is in a film: runs of one problem from one start, by the names of their solvers."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import NamedTuple

from mdsbench.errors import UsageError
from mdsbench.registry.spec import parse
from mdsbench.report.films.side_by_side import MOST
from mdsbench.runs.run import Run
from mdsbench.statistics.wording import listed, without_folders
from mdsbench.store.store import Store

NEAREST = 3  # names that are told where one is unknown


class Choice(NamedTuple):
    """The solvers of a film in their order; the problem and the start, None where any will do."""

    solvers: tuple[str, ...]
    problem: str | None = None
    start: str | None = None

    @classmethod
    def parse(cls, solvers: Sequence[str], problem: str | None = None, start: str | None = None) -> "Choice":
        """The choice of a command line, each name as stores have it; raises UsageError for names that are none."""
        if not 1 <= len(solvers) <= MOST:
            raise UsageError(f"a film shows one to {MOST} solvers, not {len(solvers)}")
        return cls(tuple(_spelled(each) for each in solvers), problem and _spelled(problem), start and _spelled(start))


def known(asked: Iterable[str], there: Iterable[str], kind: str, where: str) -> None:
    """Raise UsageError for the first name that is not there, with those that are nearest to it."""
    names = list(dict.fromkeys(there))
    for name in asked:
        if name not in names:
            near = get_close_matches(name, names, NEAREST, 0.0)
            told = listed([without_folders(each) for each in near], "or")
            raise UsageError(f"{where} has no {kind} {without_folders(name)}; nearest: {told}")


def runs_of(store: Store, choice: Choice) -> list[Run]:
    """The runs of a choice: on the largest problem and from the first start that all of its solvers share.

    Raises UsageError where a name is not in the store, or where the solvers share no problem or start.
    """
    columns, rows = store.read_runs()
    at = [columns.index(name) for name in ("key", "problem", "solver", "start", "dimension")]
    cells = [tuple(row[k] for k in at) for row in rows]
    where = str(store.path)
    if not cells:
        raise UsageError(f"{where} has no runs to film")
    known(choice.solvers, (cell[2] for cell in cells), "solver", where)
    known([choice.problem] if choice.problem else [], (cell[1] for cell in cells), "problem", where)
    cells = [cell for cell in cells if choice.problem in (None, cell[1])]
    starts = [choice.start] if choice.start else []
    known(starts, [start for cell in cells for start in (cell[3], _seedless(cell[3]))], "start", where)
    keys: dict[tuple[int, str, str], dict[str, str]] = {}
    for key, problem, solver, start, dimension in cells:
        if choice.start in (None, start, _seedless(start)):
            keys.setdefault((-dimension, problem, start), {}).setdefault(solver, key)
    shared = [(place[0], found) for place, found in keys.items() if set(choice.solvers) <= set(found)]
    if not shared:
        raise UsageError(_apart(choice, [(cell[1], cell[2], cell[3]) for cell in cells]))
    found = min(shared, key=lambda each: each[0])[1]
    return [store.stored_as(found[solver]) for solver in choice.solvers]


def _apart(choice: Choice, cells: Sequence[tuple[str, str, str]]) -> str:
    """Why the solvers of a choice cannot be in one film: what each of them has run on."""
    names = [without_folders(solver) for solver in choice.solvers]
    on = f" on {choice.problem}" if choice.problem else ""
    start = f" from {choice.start}" if choice.start else ""
    has = []
    for solver, name in zip(choice.solvers, names, strict=True):
        there = dict.fromkeys(f"{problem} from {begin}" for problem, one, begin in cells if one == solver)
        has.append(f"{name} ran on {next(iter(there), 'no such problem')}")
    return f"{listed(names)} have no problem and start in common{on}{start}: {'; '.join(has)}"


def _seedless(start: str) -> str:
    """A start without its seed."""
    spec = parse(start)
    return str(replace(spec, options=tuple(option for option in spec.options if option[0] != "seed")))


def _spelled(name: str) -> str:
    return str(parse(name))
