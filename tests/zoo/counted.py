"""A good solver that writes down each time it is started, into the file that RUN_LOG names."""

import os
from collections.abc import Generator
from time import sleep
from typing import Any

from mdsbench.registry.decorators import solver


@solver("counted", uses="gradient", reference="gradient descent, for the tests of campaigns")
def counted(oracle: Any, x: Any, rng: Any, *, wait: float = 0.03) -> Generator[Any, None, None]:
    """Gradient descent that takes its time."""
    log = os.open(os.environ["RUN_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(log, f"{len(x)} {float(x[0])!r}\n".encode())
    os.close(log)
    sleep(wait)
    while True:
        x = x - oracle.gradient(x) / oracle.smoothness
        yield x
