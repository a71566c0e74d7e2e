"""How a report was made, in words for people, so that its numbers can be judged and repeated."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from mdsbench.statistics.wording import without_folders

NAMES = {"mdsbench": "mdsbench", "commit": "Commit", "python": "Python", "processor": "Processor", "cores": "Cores"}


def provenance(environment: Mapping[str, Any], finished: str, seconds: float) -> dict[str, str]:
    """Facts by their names: `environment` is that of the campaign, `finished` when its last run ended.

    `seconds` is what its runs took together.
    """
    threads = environment.get("threads", {})
    return {
        **({"Command": without_folders(command)} if (command := environment.get("command")) else {}),
        "Date": finished,
        "Seconds of all runs together": f"{seconds:.1f}",
        **{words: str(environment[name]) for name, words in NAMES.items() if environment.get(name)},
        **environment.get("packages", {}),
        "Workers": environment.get("executor", "unknown"),
        "Threads per worker": threads.get("OMP_NUM_THREADS", "the library's default"),
        "Platform": str(environment.get("system", "unknown")),
    }


def command_line(arguments: Sequence[str]) -> str:
    """The command line, in which absolute paths are dots and files of code have their names only."""
    return " ".join(["mdsbench", *map(_without_folders, arguments)])


def _without_folders(argument: str) -> str:
    option, equals, value = argument.rpartition("=")
    short = without_folders(argument)
    return f"{option}{equals}…" if PurePath(value).is_absolute() and ".py" not in short else short
