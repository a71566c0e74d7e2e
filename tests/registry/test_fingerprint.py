"""The checksum of a function changes with what it does, and with nothing else."""

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from mdsbench.registry.fingerprint import fingerprint


def made(text: str, name: str = "f") -> Any:
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(text, space)
    return space[name]


BASE = "STEP = 0.1\ndef g(x): return x\ndef f(x, *, a=1):\n    return g(x) + STEP * a\n"


@pytest.mark.parametrize(
    "edit",
    [
        ("0.1", "0.2"),
        ("return x\n", "return 2 * x\n"),
        ("a=1", "a=2"),
        ("g(x) +", "g(x) -"),
        ("* a", "* a.real"),
    ],
)
def test_an_edit_of_what_is_executed_changes_it(edit: tuple[str, str]) -> None:
    assert fingerprint(made(BASE)) != fingerprint(made(BASE.replace(*edit)))


@pytest.mark.parametrize("edit", [("\ndef f", "\n\n# f\ndef f"), ("STEP =", "OTHER = 5\nSTEP =")])
def test_an_edit_of_anything_else_does_not(edit: tuple[str, str]) -> None:
    assert fingerprint(made(BASE)) == fingerprint(made(BASE.replace(*edit)))


def enclosing(step: float) -> Callable[..., Any]:
    return lambda fun, x0: x0 - step * fun(x0)


class Method:
    def __init__(self, step: float) -> None:
        self.step = step

    def __call__(self, fun: Any, x0: Any) -> Any:
        return x0 - self.step * fun(x0)

    solve = __call__


@pytest.mark.parametrize("make", [enclosing, Method, lambda s: Method(s).solve, lambda s: partial(enclosing(1), s=s)])
def test_values_that_belong_to_a_callable_count(make: Callable[[float], Callable[..., Any]]) -> None:
    assert fingerprint(make(0.1)) == fingerprint(make(0.1)) != fingerprint(make(0.2))


def test_every_callable_has_one() -> None:
    class Solve:
        def __init__(self, _: Any, x0: Any) -> None:
            self.x = x0

        @property
        def success(self) -> bool:
            return True

    def recursive(n: int) -> Any:
        return recursive(n - 1)

    functions: list[Any] = [sys.exit, dict, Solve, recursive, len, [].append]
    for function in functions:
        assert fingerprint(function) == fingerprint(function)


def test_it_is_the_same_in_another_process() -> None:
    text = BASE + "def h(x):\n    return {'a', 'b', 'c'} if x in {'d', 'e', 'f'} else [g(y) for y in x]\n"
    code = (
        "from mdsbench.registry.fingerprint import fingerprint\nspace = {'__name__': '__mp_main__'}\n"
        f"exec({text!r}, space)\nprint(fingerprint(space['h']), fingerprint(space['f']))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.split() == [str(fingerprint(made(text, name))) for name in ("h", "f")]
