"""The two ways in which a person's request can fail; the command line prints the message and nothing else."""


class UsageError(ValueError):
    """The request makes no sense as it stands: the message says what to ask instead. Exit code 2."""


class Failure(RuntimeError):
    """The request was sensible and the world did not oblige: the message says why. Exit code 1."""
