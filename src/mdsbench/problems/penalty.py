"""The penalty on large parameters of a model, which makes it learn less of what is particular to its data."""

from math import inf

from mdsbench.errors import UsageError

PENALTY = 0.001


def check(penalty: float) -> None:
    """Raise UsageError for what is no penalty."""
    if not 0 <= penalty < inf:
        raise UsageError(f"penalty={penalty:g}: it is 0 or a positive number")
