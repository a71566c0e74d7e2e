"""Functions from the user's files and modules: `path/to/mine.py:name` or `package.module:name`."""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from types import ModuleType
from typing import Any
from zlib import crc32

from mdsbench.errors import UsageError


def load(text: str) -> tuple[Any, int]:
    """The object that the text names, and the checksum of its file, used as its version; raises UsageError."""
    place, _, name = text.rpartition(":")
    module = _from_file(Path(place)) if place.endswith(".py") else _by_name(place)
    if not hasattr(module, name):
        raise UsageError(f"{place} has no {name!r}")
    return getattr(module, name), crc32(Path(module.__file__ or "").read_bytes())


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise UsageError(f"there is no file {path}, sought in {Path.cwd()}")
    path = path.resolve()
    name = f"{path.stem}_{crc32(str(path).encode()):08x}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            raise UsageError(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
        sys.modules[name] = module
    return sys.modules[name]


def _by_name(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise UsageError(
            f"{name or 'a module without a name'} cannot be imported: {type(error).__name__}: {error}"
        ) from error


def adapt(function: Callable[..., Any]) -> Callable[..., Generator[Any, None, None]]:
    """Make a solver from a plain callable in SciPy's style, `solve(fun, x0)` or `solve(fun, x0, jac)`.

    The callable returns its final position, or a result that has it as `x`. If it has a parameter `jac`, it receives
    the gradient; see `takes_gradient`.
    """

    def solver(oracle: Any, x: Any, rng: Any) -> Generator[Any, None, None]:  # noqa: ARG001 - every solver receives one
        gradient = {"jac": oracle.gradient} if takes_gradient(function) else {}
        answer = function(oracle.value, x.copy(), **gradient)
        if answer is None:
            raise TypeError("it returned nothing: return the position x, or a result that has an x")
        yield getattr(answer, "x", answer)

    solver.__doc__ = function.__doc__
    return solver


def is_in_scipys_style(function: Any) -> bool:
    """Whether this is a plain callable of `fun`, not a solver that takes an oracle and lacks its decorator."""
    if not callable(function) or inspect.isgeneratorfunction(function):
        return False
    return "oracle" not in inspect.signature(function).parameters


def takes_gradient(function: Callable[..., Any]) -> bool:
    """Whether a plain callable has a parameter for the gradient."""
    return "jac" in inspect.signature(function).parameters
