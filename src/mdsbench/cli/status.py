"""`mdsbench status`: how far the campaigns of a store are."""

import argparse
from collections.abc import Collection
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import file

if TYPE_CHECKING:
    from collections import Counter

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
    from mdsbench.store.lock import is_locked
    from mdsbench.store.store import Store

    busy = is_locked(options.store)
    with Store.read(options.store) as store:
        campaigns = store.campaigns()
        if not campaigns:
            print(f"{options.store}: {len(store.keys())} runs, no campaign")
        for name, jobs in campaigns.items():
            print_count(store, name, jobs, running=jobs if busy else 0)


def print_count(store: "Store", name: str, jobs: int, running: int, among: Collection[str] | None = None) -> None:
    """Print how far a campaign is, with at most so many cells running; of `among`, if given, the cells' keys."""
    from mdsbench.campaigns import estimate
    from mdsbench.system.text import printable

    count = store.count(name, among)
    endings = store.endings(name, among)
    running = min(running, count.left)
    words = [
        f"{count.done} done{_told(endings, failed=False)}",
        f"{count.failed} failed{_told(endings, failed=True)}",
        f"{running} running",
        f"{count.left - running} left",
    ]
    if count.left:
        words.append(estimate.in_words(estimate.remaining(store.left(name), store.seconds(), jobs)))
    lines = [f"{name}: {', '.join(words)} ({store.path})"]
    for solver, ending, failed, message in store.failures(name):
        lines.append(f"  failed: {solver}: {failed} x {ending}: {message.partition(chr(10))[0]}")
    for version, (label, runs) in store.versions(name).items():
        lines.append(f"  versions: {version.name}: {runs} {'run' if runs == 1 else 'runs'} of {label}")
    for line in lines:
        print(printable(line))


def _told(endings: "Counter[str]", *, failed: bool) -> str:
    """The endings that are failures, or are not, in parentheses, the most frequent first."""
    from mdsbench.oracle.endings import FAILED

    told = [f"{runs} {ending}" for ending, runs in endings.most_common() if ending and (ending in FAILED) is failed]
    return f" ({', '.join(told)})" if told else ""
