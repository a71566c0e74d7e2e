"""Text that no person would write: valid text with nasty pieces in it, and a guard against hanging."""

import random
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

LONGEST = 5  # seconds that any of them may take

TOKENS = (
    *(
        "",
        " ",
        "\0",
        "\x1b[31m",
        "\n",
        "\r",
        "\t",
        "\u2028",
        "\u202e",
        "\ufeff",
        "\udce9",
        "\ud800",
        "é",
        "東",
        "\U0001f600",
    ),
    *(
        "[",
        "]",
        "[[",
        "]]",
        "(",
        ")",
        "{",
        "}",
        '"',
        "'",
        '"""',
        "'''",
        "=",
        ",",
        ".",
        "..",
        "/",
        "\\",
        "#",
        "$",
        "%",
        "&",
        "~",
    ),
    *(
        "[/red]",
        "[bold]",
        "%s",
        "%(prog)s",
        "{0}",
        "$HOME",
        "`id`",
        ";",
        "|",
        "*",
        "-",
        "--",
        "-1",
        "-0",
        "+1",
        "1_0",
        "0x10",
    ),
    *("nan", "inf", "-inf", "true", "false", "null", "1e999", "1e-999", "0.1", "2020-01-01", "07:32:00", "0b1", "0o7"),
    *(
        "0",
        "1",
        "2147483648",
        str(2**63 - 1),
        str(2**63),
        str(2**64),
        str(2**70),
        "9" * 4300,
        "9" * 4301,
        "0x" + "F" * 5000,
    ),
    *(
        "3000000",
        "99999999999",
        "٣",
        "²",
        "a" * 300,
        "a" * 5000,
        "a." * 1000,
        "[" * 1000,
        "{a=" * 1000,
        "gd[" * 30,
        "gd(step=" * 50,
    ),
    *(
        "/dev/full",
        "/dev/zero",
        "/dev/null",
        ".",
        "..",
        "/",
        "a/b",
        "none.py:x",
        ":",
        "os:system",
        "os:",
        "-5",
        "cities-0",
    ),
)


def mutated(text: str, rng: random.Random, most: int = 2) -> str:
    """The text with one to `most` changes: a token put in, a piece removed, repeated, exchanged or replaced."""
    for _ in range(rng.randint(1, most)):
        a, b = sorted(rng.randint(0, len(text)) for _ in range(2))
        b = min(b, a + 12)
        token = rng.choice(TOKENS)
        text = rng.choice(
            [
                text[:a] + token + text[a:],
                text[:a] + token + text[b:],
                text[:a] + text[b:],
                text[:b] + text[a:b] * rng.choice([1, 3, 100]) + text[b:],
                text[:a] + text[a:b][::-1] + text[b:],
            ]
        )
    return text


def words(rng: random.Random, valid: Sequence[str]) -> str:
    """One of the valid words, or a nasty one, or a mutated one."""
    good = rng.choice(valid)
    return rng.choice([good, good, good, rng.choice(TOKENS), mutated(good, rng)])


@contextmanager
def no_hang(what: str) -> Iterator[None]:
    """Raise AssertionError if the block computes for longer than LONGEST seconds, or waits for twelve times as long."""

    def ring(_: int, frame: FrameType | None) -> None:
        raise AssertionError(f"longer than {LONGEST} s, at {frame}: {what[:500]!r}")

    timers = ((signal.SIGVTALRM, signal.ITIMER_VIRTUAL, LONGEST), (signal.SIGALRM, signal.ITIMER_REAL, 12 * LONGEST))
    before = {number: signal.signal(number, ring) for number, _, _ in timers}
    for _, timer, seconds in timers:
        signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        for number, timer, _ in timers:
            signal.setitimer(timer, 0)
            signal.signal(number, before[number])
