"""What a library says that it has called. The oracle counts by itself; the audit sets one beside the other."""

from contextlib import suppress
from operator import index
from typing import Any, NamedTuple

NAMES = {
    "values": ("nfev", "n_fun_evals", "evaluations"),  # SciPy, optimagic, cma
    "gradients": ("njev", "n_jac_evals"),
    "products": ("nhev",),
}
LIBRARIES = {"scipy": "SciPy"}


class Claims(NamedTuple):
    """The numbers of evaluations in a library's result. None is a number that it does not say."""

    library: str = ""
    values: int | None = None
    gradients: int | None = None
    products: int | None = None


def claims_of(result: Any) -> Claims | None:
    """The numbers in a result, which has them as attributes or items; None if it has none."""
    found = {kind: _number(result, names) for kind, names in NAMES.items()}
    if all(number is None for number in found.values()):
        return None
    module = type(result).__module__.partition(".")[0]
    return Claims("" if module in ("builtins", "__main__") else LIBRARIES.get(module, module), **found)


def _number(result: Any, names: tuple[str, ...]) -> int | None:
    for name in names:
        with suppress(Exception):  # whatever an object of another library raises
            value = result[name] if isinstance(result, dict) else getattr(result, name)
            if not isinstance(value, bool) and index(value) >= 0:
                return index(value)
    return None
