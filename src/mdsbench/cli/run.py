"""`mdsbench run`: run the missing cells of a campaign, or print them."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import file, workers
from mdsbench.errors import Failure
from mdsbench.oracle.endings import FAILED, Ending
from mdsbench.system.machine import cores

if TYPE_CHECKING:
    from mdsbench.campaigns.plan import Plan
    from mdsbench.cli.arguments import Commands

ORDER = 20


def add_parser(commands: "Commands") -> None:
    """Add the command `run`."""
    parser = commands.add_parser(
        "run",
        help="run what is missing of a campaign: problems x solvers x starts",
        description="Run the cells of a campaign that have no run in its store. If it is interrupted, the same command "
        "continues it.",
    )
    parser.add_argument(
        "campaign", metavar="CAMPAIGN", help="a TOML file, or a ready one: quick, ladder, scaling, reproduction, large"
    )
    parser.add_argument("--store", type=file, metavar="FILE", help="where the runs are kept (default: NAME.sqlite)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a key of the file, e.g. --set repetitions=3 --set 'solvers=[\"gd\"]'; once per key",
    )
    parser.add_argument("--dry-run", action="store_true", help="print the missing cells and how long they may take")
    parser.add_argument(
        "--rerun",
        choices=["failed", *map(str, Ending)],
        metavar="ENDING",
        help="run again what has failed, or has that ending: %(choices)s",
    )
    parser.add_argument(
        "--jobs",
        type=workers,
        metavar="J",
        help="worker processes, which share the cores "
        f"(default: what the campaign says, or as many as cores, here {cores()})",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--serial", action="store_true", help="in this process: nothing can kill a solver that hangs")
    where.add_argument(
        "--dask",
        nargs="?",
        const="",
        metavar="ADDRESS",
        help="on the Dask scheduler at ADDRESS; without one, on a Dask cluster of J workers here",
    )
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Run a campaign and print how far it is and who arrives."""
    from mdsbench.campaigns import driver, plan
    from mdsbench.campaigns.progress import progress
    from mdsbench.cli.status import print_count
    from mdsbench.report.results_of_store import of_campaign
    from mdsbench.store.store import Store

    campaign = plan.load(options.campaign, options.set)
    path = options.store if options.store is not None else driver.default_path(campaign)
    rerun = FAILED if options.rerun == "failed" else (options.rerun,) if options.rerun else ()
    jobs = driver.workers(campaign, options.jobs, serial=options.serial)
    if options.dry_run:
        _print_missing(campaign, path, rerun, jobs)
        return
    count = driver.run_campaign(
        campaign,
        path,
        jobs=jobs,
        serial=options.serial,
        dask=options.dask,
        rerun=rerun,
        progress=progress,
        whole=not options.set,
    )
    with Store.read(path) as store:
        print_count(store, campaign.name, jobs, running=0, among=campaign.keyed().keys())
        results = of_campaign(store, campaign.keyed().keys())
    if results:
        print(f"\n{results}")
    if count.left:
        raise Failure(_left(campaign, count.left))


def _left(campaign: "Plan", left: int) -> str:
    """Why cells are left, and what to do."""
    from mdsbench.campaigns import libraries

    missing = libraries.waiting(campaign.cells)
    why = f"the library {' and '.join(missing)} is missing" if missing else "a file that they name was edited meanwhile"
    return f"{left} of {len(campaign.cells)} cells are left, because {why}; the same command runs them"


def _print_missing(campaign: "Plan", path: Path, rerun: tuple[str, ...], jobs: int) -> None:
    """Print the missing cells and how long they may take."""
    from mdsbench.campaigns import driver, estimate
    from mdsbench.system.text import printable

    missing, known = driver.missing(campaign, path, rerun)
    for cell in missing:
        print(printable(f"{cell.key}  {cell.problem}  {cell.solver}  {cell.start}  seed {cell.seed}"))
    wanted = estimate.pairs(missing)
    measured = sum(count for pair, count in wanted.items() if pair in known)
    time = estimate.remaining(wanted, estimate.calibrate(missing, known, jobs), jobs)
    words = estimate.in_words(time)
    print(
        f"{printable(campaign.name)}: {len(missing)} of {len(campaign.cells)} cells to run, {words} on {jobs} workers"
    )
    basis = f"{measured} of them by earlier runs, the others by the start of one run of each solver on each problem"
    if missing:
        print(f"the time is estimated: {basis}")
