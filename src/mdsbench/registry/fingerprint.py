"""A checksum of a callable that has no file of its own: it changes with the code, as a notebook's cell may."""

from collections.abc import Callable, Iterator
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any
from zlib import crc32

_PLAIN = (bool, int, float, complex, str, bytes, type(None), type(Ellipsis))
_MEMBERS = (FunctionType, staticmethod, classmethod, property, *_PLAIN)
_WHERE = {"__module__", "__firstlineno__"}  # a script's module has another name in a worker process


def fingerprint(function: Callable[..., Any], version: int = 1) -> int:
    """A checksum of the version and of what the callable executes: its code, defaults and enclosed values.

    The functions of the same module that it names count as well, and so do the module's plain values. What comes from
    other modules does not. Another release of Python may give another checksum.
    """
    return crc32("\n".join([str(version), *_words(function, {})]).encode("utf-8", "surrogatepass"))


def _words(value: Any, seen: dict[int, Any]) -> Iterator[str]:
    """What makes up a value, as texts that are the same in every process; what was `seen` is not entered again."""
    if isinstance(value, _PLAIN):
        yield repr(value)
        return
    yield type(value).__qualname__
    if not isinstance(value, tuple | frozenset | CodeType):  # these are shared or not by chance, and hold no circles
        if id(value) in seen:
            return
        seen[id(value)] = value  # kept, so that its id is not given to another
    if isinstance(value, CodeType):
        yield from _code(value, seen)
    elif isinstance(value, FunctionType):
        yield from _function(value, seen)
    elif isinstance(value, partial):
        yield from _words((value.func, value.args, value.keywords), seen)
    elif isinstance(value, MethodType):
        yield from _words((value.__func__, value.__self__), seen)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _words(part, seen)
    elif isinstance(value, dict | set | frozenset):
        parts = value.items() if isinstance(value, dict) else value
        yield from sorted("\n".join(_words(part, dict(seen))) for part in parts)
    elif isinstance(value, type):
        yield value.__qualname__
        members = {name: member for name, member in vars(value).items() if isinstance(member, _MEMBERS)}
        yield from _words({name: members[name] for name in members.keys() - _WHERE}, seen)
    elif isinstance(value, property):
        yield from _words((value.fget, value.fset), seen)
    elif isinstance(getattr(value, "__wrapped__", None), FunctionType):
        yield from _words(value.__wrapped__, seen)
    elif callable(value):
        yield str(getattr(value, "__qualname__", ""))
        if "__call__" in vars(type(value)):
            yield from _words((type(value), getattr(value, "__dict__", {})), seen)


def _function(function: FunctionType, seen: dict[int, Any]) -> Iterator[str]:
    yield from _words((function.__code__, function.__defaults__, function.__kwdefaults__), seen)
    for cell in function.__closure__ or ():
        try:
            enclosed = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
        yield from _words(enclosed, seen)
    for name in sorted(_names(function.__code__)):
        value = function.__globals__.get(name)
        ours = isinstance(value, FunctionType) and value.__globals__ is function.__globals__
        if ours or (isinstance(value, _PLAIN) and not name.startswith("__")):
            yield name
            yield from _words(value, seen)


def _code(code: CodeType, seen: dict[int, Any]) -> Iterator[str]:
    yield code.co_code.hex()
    yield from (*code.co_names, *code.co_varnames, *code.co_freevars)
    yield from _words(code.co_consts, seen)


def _names(code: CodeType) -> set[str]:
    """The names that the code and the functions inside it look up."""
    inner = (_names(constant) for constant in code.co_consts if isinstance(constant, CodeType))
    return set(code.co_names).union(*inner)
