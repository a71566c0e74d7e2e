"""One grammar for the names of solvers, starts and problems: `adam[central-difference](step=0.05)`.

    spec   = word ["[" spec "]"] ["(" word "=" value {"," word "=" value} ")"]
    value  = integer | decimal | "true" | "false" | spec | '"' text '"'

A text in quotation marks may contain everything except quotation marks, for example a file name with spaces.

Options are sorted. Two ways to write the same thing therefore give equal specs with the same text, `str(spec)`, and
`parse(str(spec)) == spec`.
"""

import re
from dataclasses import dataclass
from typing import Union

from mdsbench.errors import UsageError

Value = Union[bool, int, float, str, "Spec"]

_TOKEN = re.compile(r'"[^"]*"|[()\[\],=]|[^\s()\[\],="]+|"')
_DELIMITERS = frozenset('()[],="')


@dataclass(frozen=True)
class Spec:
    """A name, the gradient source in brackets if any, and the options in parentheses."""

    name: str
    source: "Spec | None" = None
    options: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        source = f"[{self.source}]" if self.source else ""
        options = ", ".join(f"{key}={_print(value)}" for key, value in self.options)
        return f"{self.name}{source}({options})" if options else f"{self.name}{source}"


def parse(text: str) -> Spec:
    """Read a spec; raises UsageError, which names the first token that does not fit the grammar."""
    reader = _Reader(text)
    spec = reader.spec()
    reader.end()
    return spec


def _print(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return re.sub(r"e([+-])0*", r"e\1", repr(value)).replace("e+", "e")
    if isinstance(value, str) and not _is_plain(value):
        return f'"{value}"'
    return str(value)


def _is_plain(text: str) -> bool:
    """Whether the text can be read back without quotation marks."""
    return _TOKEN.fullmatch(text) is not None and text[0] not in _DELIMITERS and _read(text) == text


def _read(word: str) -> Value:
    """The value of a word: a boolean, a number, or the word itself."""
    if word in ("true", "false"):
        return word == "true"
    for number in (int, float):
        try:
            return number(word)
        except ValueError:
            pass
    return word


class _Reader:
    """Recursive descent, with one method per rule of the grammar."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _TOKEN.findall(text)[::-1]

    def spec(self) -> Spec:
        name = self.word("a name")
        source = None
        if self.accept("["):
            source = self.spec()
            self.expect("]")
        options: dict[str, Value] = {}
        if self.accept("("):
            while not options or self.accept(","):
                key = self.word("an option")
                if key in options:
                    raise UsageError(f"cannot read {self.text!r}: {key} is given twice")
                self.expect("=")
                options[key] = self.value()
            self.expect(")")
        return Spec(name, source, tuple(sorted(options.items())))

    def value(self) -> Value:
        if self.tokens and re.fullmatch('".*"', self.tokens[-1], re.DOTALL):
            return str(self.tokens.pop()[1:-1])
        spec = self.spec()
        return spec if spec.source or spec.options else _read(spec.name)

    def word(self, wanted: str) -> str:
        if not self.tokens or self.tokens[-1][0] in _DELIMITERS:
            self.fail(wanted)
        return str(self.tokens.pop())

    def accept(self, token: str) -> bool:
        found = bool(self.tokens) and self.tokens[-1] == token
        if found:
            self.tokens.pop()
        return found

    def expect(self, token: str) -> None:
        if not self.accept(token):
            self.fail(f"{token!r}")

    def end(self) -> None:
        if self.tokens:
            self.fail("the end")

    def fail(self, wanted: str) -> None:
        found = repr(self.tokens[-1]) if self.tokens else "the end"
        raise UsageError(f"cannot read {self.text!r}: expected {wanted}, found {found}")
