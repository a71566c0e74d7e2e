"""How a run ends: the one list of endings, with their words."""

from enum import StrEnum


class Ending(StrEnum):
    """The ending of a run. It compares equal to its name, such as "target".

    `failed` is true if the run is a failure. `brief`, `past` and `present` are the words of films and pages for it;
    `{spent}` in them is replaced by what the run spent.
    """

    failed: bool
    brief: str
    past: str
    present: str

    def __new__(cls, name: str, failed: bool, brief: str, past: str, present: str) -> "Ending":
        """Make a member whose value is its name."""
        ending = str.__new__(cls, name)
        ending._value_ = name
        ending.failed, ending.brief, ending.past, ending.present = failed, brief, past, present
        return ending

    TARGET = (
        "target",
        False,
        "target reached after {spent}",
        "reached the target",
        "it reaches the target after {spent}",
    )
    BUDGET = "budget", False, "stopped: all {spent} spent", "used up {spent}", "it uses up {spent}"
    CONVERGED = (
        "converged",
        False,
        "converged after {spent}",
        "stopped at a higher value",
        "it stops by itself after {spent}",
    )
    GAVE_UP = (
        "gave-up",
        False,
        "gave up after {spent}",
        "gave up",
        "it gives up after {spent}",
    )
    INTERRUPTED = (
        "interrupted",
        False,
        "interrupted after {spent}",
        "was interrupted",
        "it is interrupted after {spent}",
    )
    DIVERGED = (
        "diverged",
        True,
        "diverged after {spent}",
        "diverged",
        "it diverges after {spent}; the best map on its way",
    )
    TIMEOUT = "timeout", False, "out of time after {spent}", "ran out of time", "it runs out of time after {spent}"
    MEMORY = "memory", True, "out of memory after {spent}", "ran out of memory", "it runs out of memory after {spent}"
    ERROR = "error", True, "failed after {spent}", "failed with an error", "it fails after {spent}"
    KILLED = (
        "killed",
        True,
        "killed after {spent}",
        "ended when the process was killed",
        "its process is killed after {spent}",
    )


FAILED = tuple(ending for ending in Ending if ending.failed)
