"""`mdsbench status`: how far the campaigns of a store are."""

import argparse
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import file

if TYPE_CHECKING:
    from mdsbench.cli.arguments import Commands
    from mdsbench.store.store import Store

ORDER = 30


def add_parser(commands: "Commands") -> None:
    """Add the command `status`."""
    parser = commands.add_parser("status", help="how far the campaigns of a store are, and what failed")
    parser.add_argument("store", type=file, metavar="STORE")
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Print how far the campaigns of a store are."""
    from mdsbench.store.database import is_locked
    from mdsbench.store.store import Store

    with Store.read(options.store) as store:
        campaigns = store.campaigns()
        if not campaigns:
            print(f"{options.store}: {len(store.keys())} runs, no campaign")
        busy = is_locked(options.store)
        for name, jobs in campaigns.items():
            print_count(store, name, jobs, running=jobs if busy else 0)


def print_count(store: "Store", name: str, jobs: int, running: int) -> None:
    """Print how far a campaign is, with at most so many cells running."""
    from mdsbench.campaigns import estimate
    from mdsbench.system.text import printable

    count = store.count(name)
    running = min(running, count.left)
    words = [f"{count.done} done", f"{count.failed} failed", f"{running} running", f"{count.left - running} left"]
    if count.left:
        words.append(estimate.in_words(estimate.remaining(store.left(name), store.seconds(), jobs)))
    print(printable(f"{name}: {', '.join(words)} ({store.path})"))
    for solver, ending, failed, message in store.failures(name):
        print(printable(f"  failed: {solver}: {failed} x {ending}: {message.partition(chr(10))[0]}"))
