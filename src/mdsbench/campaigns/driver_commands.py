"""The commands about campaigns and their stores."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from mdsbench.campaigns import driver, estimate, plan
from mdsbench.campaigns.plan import Plan
from mdsbench.campaigns.progress import progress
from mdsbench.errors import UsageError
from mdsbench.execution import dask_cluster, pool
from mdsbench.execution.pool import Executor
from mdsbench.execution.worker import ONE_THREAD
from mdsbench.runs.checkpoints import Checkpoints
from mdsbench.runs.events import heard_by
from mdsbench.runs.execute import FAILED
from mdsbench.store.database import is_locked
from mdsbench.store.merge import merge as merge_stores
from mdsbench.store.salvage import store_or_salvage
from mdsbench.store.store import Store
from mdsbench.system.environment import environment


def run(
    name: str,
    path: Path | None,
    *,
    overrides: list[str],
    dry_run: bool,
    rerun_failed: bool,
    jobs: int | None,
    serial: bool,
    dask: str | None,
) -> None:
    """Run what is missing of a campaign. `dask` is a scheduler's address, "" for a cluster on this machine.

    Without `jobs` as many runs go on at a time as the campaign says, or as there are cores, which they share.
    """
    listed = plan.load(name, overrides)
    path = path or Path(f"{listed.name}.sqlite")
    cores = os.cpu_count() or 1
    jobs = 1 if serial else jobs or listed.jobs or cores
    threads = max(1, cores // jobs)
    rerun = FAILED if rerun_failed else ()
    if dry_run:
        _foresee(listed, path, rerun, jobs)
        return
    with store_or_salvage(path) as store:
        engine = "serial" if serial else "processes" if dask is None else f"dask {dask or 'here'}"
        settings = {} if serial else {**ONE_THREAD, "kernels": str(threads if dask is None else 1)}
        cells = listed.keyed()
        store.list_cells(listed.name, listed.text, cells, environment(engine, settings), jobs)
        unfinished = store.unfinished(listed.name, rerun)
        missing, total = [cell for key, cell in cells.items() if key in unfinished], len(cells)
        checkpoints = Checkpoints.beside(path) if dask is None else None
        if checkpoints:
            for key in checkpoints.keys() & (set(store.keys()) - unfinished):  # stored just before a kill
                checkpoints.forget(key)
        try:
            with (
                _executor(jobs, threads, serial, dask) as executor,
                progress(listed.name, total - len(missing), total) as (done, heard),
                heard_by(heard),
            ):
                if missing:
                    driver.run_all(
                        missing, store, executor, snapshots=listed.snapshots, done=done, checkpoints=checkpoints
                    )
        except KeyboardInterrupt:
            left = store.count(listed.name).left
            under_way = len(checkpoints.keys() & unfinished) if checkpoints else 0
            kept = f"{total - left} of {total} runs are kept in {path}"
            kept += f", {under_way} more up to their last call" if under_way else ""
            raise KeyboardInterrupt(f"interrupted; {kept}, and the same command goes on") from None
        _report(store, listed.name, jobs, running=0)


def status(path: Path) -> None:
    """Print how far the campaigns of a store are."""
    with Store.read(path) as store:
        campaigns = store.campaigns()
        if not campaigns:
            print(f"{path}: {len(store.keys())} runs, no campaign")
        busy = is_locked(path)
        for name, jobs in campaigns.items():
            _report(store, name, jobs, running=jobs if busy else 0)


def _report(store: Store, name: str, jobs: int, running: int) -> None:
    """Print how far a campaign is, with at most so many cells running."""
    count = store.count(name)
    running = min(running, count.left)
    words = [f"{count.done} done", f"{count.failed} failed", f"{running} running", f"{count.left - running} left"]
    if count.left:
        words.append(_duration(estimate.remaining(store.left(name), store.seconds(), jobs)))
    print(f"{name}: {', '.join(words)} ({store.path})")
    for solver, ending, failed, message in store.failures(name):
        print(f"  failed: {solver}: {failed} x {ending}: {message.partition(chr(10))[0]}")


def merge(into: Path, other: Path) -> None:
    """Add the runs of one store to another."""
    if not into.is_file():
        raise UsageError(f"there is no store {into}")
    with store_or_salvage(into) as ours, Store.read(other) as theirs:
        new, both = merge_stores(ours, theirs)
        print(f"{into}: {new} runs added from {other}, {both} were in both and agree")


def _foresee(listed: Plan, path: Path, rerun: tuple[str, ...], jobs: int) -> None:
    """Print the missing cells and how long they may take."""
    cells = listed.keyed()
    missing, known = list(cells.values()), {}
    if path.exists():
        with Store.read(path) as store:
            again = store.unfinished(listed.name, rerun) if rerun else set()
            waiting = {cell.key for cell in store.pending(missing)} | again
            missing, known = [cell for key, cell in cells.items() if key in waiting], store.seconds()
    for cell in missing:
        print(f"{cell.key}  {cell.problem}  {cell.canonical_solver}  {cell.start}  seed {cell.seed}")
    wanted = estimate.pairs(missing)
    measured = sum(count for pair, count in wanted.items() if pair in known)
    time = estimate.remaining(wanted, estimate.calibrate(missing, known), jobs)
    basis = f"{measured} of them by earlier runs, the others at most, by the start of one run each"
    print(f"{listed.name}: {len(missing)} of {len(listed.cells)} cells to run, {_duration(time)} on {jobs} workers")
    if missing:
        print(f"the time is estimated: {basis}")


@contextmanager
def _executor(jobs: int, threads: int, serial: bool, dask: str | None) -> Iterator[Executor]:
    if dask is not None:
        with dask_cluster.dask(dask or None, jobs) as executor:
            yield executor
    elif serial:
        yield pool.serial
    else:
        yield partial(pool.processes, workers=jobs, threads=threads)


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "time unknown before the first run has finished"
    if seconds < 90:
        return f"about {seconds:.0f} s"
    minutes = seconds / 60
    return f"about {minutes:.0f} min" if minutes < 90 else f"about {minutes / 60:.1f} h"
