"""Runs the cells of a campaign that have no run in its store yet. Nothing here prints."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from mdsbench.campaigns import libraries
from mdsbench.campaigns.plan import Plan, load
from mdsbench.execution import dask_cluster, pool
from mdsbench.execution.pool import Executor
from mdsbench.oracle.endings import FAILED
from mdsbench.runs.cell import Cell
from mdsbench.runs.checkpoints import Checkpoints
from mdsbench.runs.events import Listener, Notice, listening
from mdsbench.runs.execute import attempt
from mdsbench.runs.run import Run
from mdsbench.store.encoding import thin
from mdsbench.store.salvage import store_or_salvage
from mdsbench.store.store import Count, Store
from mdsbench.system.machine import ONE_THREAD, cores, environment
from mdsbench.system.publish import plain_file

# Receives the campaign's name, how many cells are done and how many there are. It gives two functions, one called with
# each finished run, the other with each event of a run that is under way.
Progress = Callable[[str, int, int], AbstractContextManager[tuple[Callable[[Run], None], Listener]]]


@contextmanager
def silent(name: str, already: int, total: int) -> Iterator[tuple[Callable[[Run], None], Listener]]:  # noqa: ARG001
    """A progress that shows nothing."""
    yield (lambda _: None), (lambda _: None)


def run_campaign(
    plan: Plan | Path | str,
    path: Path | str | None = None,
    *,
    jobs: int | None = None,
    serial: bool = False,
    dask: str | None = None,
    rerun: Collection[str] = (),
    progress: Progress = silent,
    notes: Mapping[str, Any] | None = None,
    whole: bool = True,
) -> Count:
    r"""Run the cells of a campaign that have no run in its store.

    Each run is stored when it ends. If the campaign is interrupted or killed, the same call continues it.

    Parameters
    ----------
    plan : Plan, path or str
        The campaign: a Plan, a TOML file, or the name of a ready campaign such as ``"quick"``.
    path : path or str, optional
        The file of the store. The default is ``NAME.sqlite`` in the working directory.
    jobs : int, optional
        How many cells run at the same time. The default is what the campaign says, or the number of cores.
    serial : bool, optional
        Run the cells in this process, one after the other. A solver that hangs is then not killed.
    dask : str, optional
        The address of a Dask scheduler, or ``""`` for a Dask cluster on this machine.
    rerun : collection of str, optional
        The endings of runs to run again, for example ``["error", "timeout"]``.
    progress : callable, optional
        Shows how far the campaign is, for example `mdsbench.campaigns.progress.progress`. By default nothing is shown.
    notes : mapping, optional
        What else to record about how the campaign is run, in the environment of its runs. It must fit into JSON.
    whole : bool, optional
        Whether the plan has all cells of the campaign. If not, they are added to those that the store lists for it.

    Returns
    -------
    Count
        The numbers of the plan's cells that are done, that failed, and that are left. Cells are left if a library is
        missing, or if a solver's file was edited meanwhile.

    Raises
    ------
    UsageError
        If the campaign does not exist or makes no sense.
    Failure
        If the store is damaged, is removed while the campaign runs, or another process writes to it.
    KeyboardInterrupt
        If it is interrupted; the message says how many runs are kept.

    Examples
    --------
    >>> from pathlib import Path
    >>> import mdsbench
    >>> text = 'problems = ["cities-6"]\nsolvers = ["gd"]\nstarts = ["uniform"]\nrepetitions = 3\ncalls = 50\n'
    >>> _ = Path("small.toml").write_text(text)
    >>> mdsbench.run_campaign("small.toml", "small.sqlite", serial=True)
    Count(done=3, failed=0, left=0)
    """
    plan = plan if isinstance(plan, Plan) else load(str(plan))
    path = default_path(plan) if path is None else Path(path)
    jobs = workers(plan, jobs, serial=serial)
    threads = max(1, cores() // jobs)
    engine = "serial" if serial else "processes" if dask is None else f"dask {dask or 'here'}"
    settings = {} if serial else {**ONE_THREAD, "kernels": str(threads if dask is None else 1)}
    cells = plan.keyed()
    with store_or_salvage(path) as store:
        facts = environment(engine, settings, **(notes or {}))
        store.list_cells(plan.name, plan.text, cells, facts, jobs, plan.named_blocks(), whole=whole)
        unfinished = store.unfinished(plan.name, tuple(rerun))
        # the machines of a Dask cluster have libraries of their own
        missing = {} if dask else libraries.waiting(cell for key, cell in cells.items() if key in unfinished)
        stuck = {cell.key for listed in missing.values() for cell in listed}
        waiting = [cell for key, cell in cells.items() if key in unfinished - stuck]
        checkpoints = Checkpoints.beside(path.resolve()) if dask is None else None
        if checkpoints:
            failed = store.unfinished(plan.name, FAILED)  # may be asked for again, and then go on
            for key in checkpoints.keys() & (set(store.keys()) - failed):  # stored just before a kill
                checkpoints.forget(key)
        try:
            with (
                _executor(jobs, threads, serial, dask, checkpoints) as executor,
                progress(plan.name, len(cells) - len(waiting) - len(stuck), len(cells)) as (done, event),
                listening(event),
            ):
                for library, listed in missing.items():
                    event(Notice(libraries.notice(library, listed)))
                if waiting:
                    run_all(waiting, store, executor, snapshots=plan.snapshots, done=done, checkpoints=checkpoints)
        except KeyboardInterrupt:
            kept = f"{len(cells) - store.count(plan.name, cells.keys()).left} of {len(cells)} runs are kept in {path}"
            under_way = len(checkpoints.keys() & unfinished) if checkpoints else 0
            kept += f", {under_way} more up to their last call" if under_way else ""
            raise KeyboardInterrupt(f"interrupted; {kept}, and the same command goes on") from None
        store.still_there()
        return store.count(plan.name, cells.keys())


def default_path(plan: Plan) -> Path:
    """The file of the store of a campaign for which none is given."""
    return Path(f"{plan.name}.sqlite")


def workers(plan: Plan, jobs: int | None, *, serial: bool) -> int:
    """How many cells run at the same time: as asked, or as the campaign says, or one per core."""
    return 1 if serial else jobs or plan.jobs or cores()


def missing(
    plan: Plan, path: Path, rerun: Collection[str] = ()
) -> tuple[list[Cell], Mapping[tuple[str, str], tuple[float, float]]]:
    """The cells of a campaign to run, and the least and most seconds of a run in its store by problem and solver."""
    cells = plan.keyed()
    if not plain_file(path, "--store").exists():
        return list(cells.values()), {}
    with Store.read(path) as store:
        again = store.unfinished(plan.name, tuple(rerun)) if rerun else set()
        waiting = {cell.key for cell in store.pending(cells.values())} | again
        return [cell for key, cell in cells.items() if key in waiting], store.seconds()


@contextmanager
def _executor(
    jobs: int, threads: int, serial: bool, dask: str | None, checkpoints: Checkpoints | None
) -> Iterator[Executor]:
    if dask is not None:
        with dask_cluster.dask(dask or None, jobs) as executor:
            yield executor
    elif serial:
        yield pool.serial
    else:
        yield partial(pool.processes, workers=jobs, threads=threads, checkpoints=checkpoints)


class Keeps(Protocol):
    """What a campaign needs of a store."""

    def put(self, run: Run) -> None:
        """Keep a run."""


def run_all(
    cells: Sequence[Cell],
    store: Keeps,
    executor: Executor,
    *,
    snapshots: int,
    done: Callable[[Run], None],
    checkpoints: Checkpoints | None = None,
) -> None:
    """Run every cell, also if others fail, and store at most so many snapshots of each path.

    The checkpoint of a run is removed after the run is stored, so that a kill between the two loses nothing. That of a
    failed run is kept for the case that it runs again.
    """
    for finished in executor(partial(_attempt, snapshots=snapshots, checkpoints=checkpoints), cells):
        store.put(finished)
        if checkpoints:
            checkpoints.settle(finished.cell.key, finished.ending)
        done(finished)


def _attempt(cell: Cell, snapshots: int, checkpoints: Checkpoints | None) -> Run:
    return thin(attempt(cell, snapshots, checkpoints), snapshots)
