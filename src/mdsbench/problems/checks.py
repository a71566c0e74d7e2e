"""What the options of problems and starts may be; each check raises UsageError, which names the option."""

from collections.abc import Iterable
from math import inf

from mdsbench.errors import UsageError
from mdsbench.registry.registry import nearest


def choice(option: str, given: str, known: Iterable[str]) -> None:
    """One of the known words."""
    if given not in known:
        raise UsageError(f"{option}={given}: there is no such choice{nearest(str(given), known)}")


def amount(option: str, given: float) -> float:
    """0 or a positive number, which is returned."""
    if not 0 <= given < inf:
        raise UsageError(f"{option}={given:g}: it is 0 or a positive number")
    return given


def seed(given: int) -> int:
    """A seed of random numbers, which is returned."""
    if given < 0:
        raise UsageError(f"seed={given}: a seed is a whole number from 0 on")
    return given


def size(family: str, n: int, fewest: int, most: int, what: str = "variables") -> None:
    """The number behind the name of a family of problems."""
    if not fewest <= n <= most:
        raise UsageError(f"{family}-{n}: the number of {what} goes from {fewest} to {most:,}")
