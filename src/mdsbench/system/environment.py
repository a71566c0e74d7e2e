"""What a campaign ran on: kept once, beside its runs."""

import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version

from mdsbench.version import __version__

PACKAGES = ("numpy", "scipy", "pandas", "numba", "cma", "nlopt", "Py-BOBYQA", "distributed")


def environment(executor: str, threads: dict[str, str]) -> str:
    """Versions, machine, executor and the workers' thread settings, as JSON."""
    return json.dumps(
        {
            "mdsbench": __version__,
            "python": platform.python_version(),
            "system": platform.platform(),
            "machine": platform.machine(),
            "cores": os.cpu_count(),
            "executor": executor,
            "threads": threads,
            "packages": {name: found for name in PACKAGES if (found := _version(name))},
        },
        sort_keys=True,
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
