"""One grammar for the names of solvers, starts and problems: `adam[central-difference](step=0.05)`.

    spec   = word ["[" spec "]"] ["(" word "=" value {"," word "=" value} ")"]
    value  = integer | decimal | "true" | "false" | spec | '"' text '"'

A text in quotation marks may contain everything except quotation marks and control characters, for example a file name
with spaces. A spec has at most 10,000 characters and 20 levels, an integer at most 64 bits, and no number is NaN.

Options are sorted. Two ways to write the same thing therefore give equal specs with the same text, `str(spec)`, and
`parse(str(spec)) == spec`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any, NoReturn, Union

from mdsbench.errors import UsageError
from mdsbench.system.bounds import INTEGERS
from mdsbench.system.text import brief, is_hidden, shortened

Value = Union[bool, int, float, str, "Spec"]

_TOKEN = re.compile(r'"[^"]*"|[()\[\],=]|[^\s()\[\],="]+|"')
_DELIMITERS = frozenset('()[],="')

LONGEST = 10_000  # characters
DEEPEST = 20  # specs inside each other
_DIGITS = 19  # of the longest integer in INTEGERS


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
    if len(text) > LONGEST:
        raise UsageError(f"cannot read {brief(text)}: a name has at most {LONGEST:,} characters, not {len(text):,}")
    reader = _Reader(text)
    spec = reader.spec()
    reader.end()
    return spec


def unlike(options: Mapping[str, Value], defaults: Mapping[str, Any], keep: str = "") -> dict[str, Value]:
    """The options that say something else than the defaults, and `keep`; an integer becomes a float as the default."""
    found: dict[str, Value] = {}
    for option, value in options.items():
        default = defaults.get(option)
        number = float(value) if type(value) is int and isinstance(default, float) else value
        if option == keep or type(default) is not type(number) or default != number:
            found[option] = number
    return found


def _print(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return re.sub(r"e([+-])0*", r"e\1", repr(float(value))).replace("e+", "e")
    if isinstance(value, str) and not _is_plain(value):
        return f'"{value}"'
    return str(value)


def _is_plain(text: str) -> bool:
    """Whether the text can be read back without quotation marks."""
    if _TOKEN.fullmatch(text) is None or text[0] in _DELIMITERS:
        return False
    try:
        return _read(text) == text
    except UsageError:  # it looks like a number that cannot be
        return False


def _read(word: str) -> Value:
    """The value of a word: a boolean, a number, or the word itself; raises UsageError for a number out of range."""
    if word in ("true", "false"):
        return word == "true"
    if re.fullmatch(r"[+-]?\d+(_\d+)*", word):
        return read_integer(word)
    try:
        number = float(word)
    except ValueError:
        return word
    if isnan(number):
        raise UsageError(f"{word} is no number to compute with")
    return number


def read_integer(word: str) -> int:
    """The integer of a word of digits; raises UsageError if it has more than 64 bits."""
    digits = word.lstrip("+-").replace("_", "").lstrip("0") or "0"
    number = int(digits) if len(digits) <= _DIGITS else INTEGERS.stop
    number = -number if word.startswith("-") else number
    if number not in INTEGERS:
        raise UsageError(f"{shortened(word, 40)} is too large: a whole number goes from -2^63 to 2^63 - 1")
    return number


class _Reader:
    """Recursive descent, with one method per rule of the grammar."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _TOKEN.findall(text)[::-1]
        self.depth = 0
        for token in self.tokens:
            self.refuse_hidden(token)

    def spec(self) -> Spec:
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse(f"more than {DEEPEST} levels are inside each other")
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
                    self.refuse(f"{key} is given twice")
                self.expect("=")
                options[key] = self.value()
            self.expect(")")
        self.depth -= 1
        return Spec(name, source, tuple(sorted(options.items())))

    def value(self) -> Value:
        if self.tokens and re.fullmatch('".*"', self.tokens[-1], re.DOTALL):
            return str(self.tokens.pop()[1:-1])
        spec = self.spec()
        if spec.source or spec.options:
            return spec
        try:
            return _read(spec.name)
        except UsageError as error:
            self.refuse(str(error))

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

    def fail(self, wanted: str) -> NoReturn:
        found = brief(self.tokens[-1]) if self.tokens else "the end"
        self.refuse(f"expected {wanted}, found {found}")

    def refuse_hidden(self, token: str) -> None:
        if token.isprintable():
            return
        for character in filter(is_hidden, token):
            if "\ud800" <= character <= "\udfff":
                self.refuse("it is not UTF-8; rename the file or the folder")
            self.refuse(f"it contains the control character U+{ord(character):04X}")

    def refuse(self, reason: str) -> NoReturn:
        raise UsageError(f"cannot read {brief(self.text)}: {reason}")
