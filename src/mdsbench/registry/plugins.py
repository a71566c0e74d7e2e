"""Functions from the user's files and modules: `path/to/mine.py:name` or `package.module:name`."""

import importlib
import inspect
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import reduce
from pathlib import Path
from types import ModuleType
from typing import Any
from zlib import crc32

from mdsbench.errors import UsageError
from mdsbench.registry import user_files
from mdsbench.registry.content import Content
from mdsbench.registry.fingerprint import fingerprint
from mdsbench.registry.mishaps import in_one_line

_contents: dict[str, Content] = {}  # of the modules that are imported by name


def load(text: str) -> tuple[Any, int]:
    """The object that the text names, as it is now, and the checksum of its file, used as its version.

    A file that was edited is executed again. What has no file has the checksum of its code. Raises UsageError.
    """
    place, _, name = text.rpartition(":")
    if place.endswith(".py"):
        file = user_files.load(Path(place))
        return _member(file.module, name, place), file.version
    module = _by_name(place)
    found = _member(module, name, place)
    content = _contents.get(place)
    return found, crc32(content.data) if content else fingerprint(found)


def _member(module: ModuleType, name: str, place: str) -> Any:
    """What a module has under a name, such as `solve` or `Class.solve`."""
    try:
        return reduce(getattr, name.split("."), module)
    except AttributeError:
        own = [key for key, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
        there = f"; it has {', '.join(own[:8])}" if own and place.endswith(".py") else ""
        raise UsageError(f"{place} has no {name!r}{there}") from None
    except Exception as error:
        raise UsageError(f"{place} cannot give {name!r}: {in_one_line(error)}") from error


def _by_name(name: str) -> ModuleType:
    """A module; what was edited since it was imported is executed again."""
    if name and Path(name).is_file():
        raise UsageError(f"{name} is no Python file: the name of one ends with .py")
    try:
        with redirect_stdout(sys.stderr):
            if name not in sys.modules:
                importlib.invalidate_caches()
            module = importlib.import_module(name)
            _refresh(name, module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        path = Path(f"{name}.py")
        hint = f"; for a file write {path}:NAME" if name and path.is_file() else ""
        raise UsageError(
            f"{name or 'a module without a name'} cannot be imported: {in_one_line(error)}{hint}"
        ) from error
    return module


def _refresh(name: str, module: ModuleType) -> None:
    """Execute a module again in its place if its file was edited. A program's main module stays as it is."""
    path = Path(getattr(module, "__file__", None) or "")
    if not path.is_file():
        _contents.pop(name, None)
        return
    known = _contents.get(name)
    if known and (name == "__main__" or user_files.is_kept(path, known.is_current)):
        return
    content = Content.read(path)
    if known and path.suffix == ".py":
        exec(compile(content.data, str(path), "exec", dont_inherit=True), module.__dict__)
    _contents[name] = content
    user_files.keep(path)


def why_not_plain(function: Any) -> str:
    """Why this cannot be a solver in SciPy's style, `solve(fun, x0)`, in words; empty if it can."""
    if not callable(function):
        return f"is a {type(function).__name__}: name a function"
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a function in C; its call says what is wrong
        return ""
    if "oracle" in signature.parameters:
        return "is no solver: decorate it with @mdsbench.solver(...)"
    try:
        signature.bind("fun", "x0", **({"jac": "jac"} if takes_gradient(function) else {}))
    except TypeError:
        shown = ", ".join(signature.parameters)
        advice = "if it takes an oracle, decorate it with @mdsbench.solver(...)"
        return f"is no solver: it takes ({shown}), not (fun, x0); {advice}"
    return ""


def takes_gradient(function: Callable[..., Any]) -> bool:
    """Whether a plain callable has a parameter `jac` for the gradient."""
    try:
        return "jac" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def takes_a_position(function: Any) -> bool:
    """Whether a callable needs an argument by position, as a function of x does."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return any(p.kind in positional and p.default is p.empty for p in parameters)


def why_no_function_of_x(function: Any) -> str:
    """Why this cannot be minimised, in words; empty if it can."""
    if not callable(function):
        return f"is a {type(function).__name__}: name a function of x, or a function that returns a mdsbench.Problem"
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a function in C; its call says what is wrong
        return ""
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if not positional and not any(p.kind is p.VAR_POSITIONAL for p in parameters):
        advice = 'one that returns a mdsbench.Problem is decorated with @mdsbench.problem("name", reference="...")'
        return f"takes no x: a function to minimise takes one array; {advice}"
    unnamed = [p.name for p in positional[1:] if p.kind is p.POSITIONAL_ONLY and p.default is p.empty]
    if unnamed:
        return f"takes ({', '.join(p.name for p in parameters)}): a function to minimise takes one array x"
    return ""
