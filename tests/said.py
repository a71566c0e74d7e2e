"""What a command says, whether the machine is busy or not."""

import re

LOADING = "loading the kernels, which the first time are compiled ...\n"
PROGRESS = re.compile(r"^(?:[a-z ]+ \d+%.* s|.+: \d+ of \d+ runs.*)$\n", re.MULTILINE)


def without_waiting(text: str) -> str:
    """The text without the lines that explain a long wait, which a busy machine makes."""
    return PROGRESS.sub("", text.replace(LOADING, ""))
