"""Text that others wrote, made fit for one line of a message, and for a stream of any encoding."""

import codecs
import unicodedata
from typing import Any, TextIO

LONGEST = 200  # characters of a text that a message repeats
_CUT = " ... "
_HIDDEN = frozenset({"Cc", "Cs", "Zl", "Zp"})  # categories: control, lone surrogate, line and paragraph separator

# Signs of this package's own output that have no decomposition into ASCII.
_INSTEAD = str.maketrans(
    {
        **{"✗": "x", "✓": "+", "×": "x", "–": "-", "—": "-", "−": "-", "•": "*", "·": ".", "→": "->", "←": "<-"},
        **{"≤": "<=", "≥": ">=", "≈": "~", "‘": "'", "’": "'", "“": '"', "”": '"', "√": "sqrt", "°": " deg"},
        **{"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i"},
        **dict.fromkeys("─━╌╍╸╺", "-"),
        **dict.fromkeys("│┃", "|"),
        **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╯╰╷╵╶╴", "+"),
    }
)


def is_hidden(character: str) -> bool:
    """Whether a character is not text but controls a terminal, breaks a line, or is half of a pair."""
    return unicodedata.category(character) in _HIDDEN


def printable(text: str, keep: str = "") -> str:
    """The text with an escape for each character that controls a terminal or ends a line, except those to keep."""
    if text.isprintable():
        return text
    return "".join(_escape(c) if (is_hidden(c) or _is_invisible(c)) and c not in keep else c for c in text)


def _is_invisible(character: str) -> bool:
    """Whether a character only changes how others are shown, such as their direction; joiners belong to words."""
    return unicodedata.category(character) == "Cf" and character not in "\u200c\u200d"


def brief(value: Any, most: int = LONGEST) -> str:
    """How a message shows a value: its `repr`, on one line, without its middle if it is long."""
    if isinstance(value, int) and value.bit_length() > 64:
        return f"a whole number of {value.bit_length():,} bits"
    try:
        shown = repr(value if not isinstance(value, str) else shortened(value, most))
    except (ValueError, RecursionError):  # it contains an integer of more digits than Python prints, or is too deep
        return f"such a {type(value).__name__}"
    return shortened(printable(shown), most + 2)


def shortened(text: str, most: int = LONGEST) -> str:
    """The text, or its beginning and its end if it is longer than `most` characters."""
    if len(text) <= most:
        return text
    end = most // 4
    return f"{text[: most - end - len(_CUT)]}{_CUT}{text[-end:]}"


def speak_any_encoding(stream: TextIO | None) -> None:
    """Let a stream replace what its encoding lacks, instead of raising UnicodeEncodeError."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure:
        codecs.register_error("mdsbench.readable", _readable)
        reconfigure(errors="mdsbench.readable")


def _readable(error: UnicodeError) -> tuple[str, int]:
    """A handler of encoding errors: signs that look alike in ASCII, letters without accents, or else an escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_ascii, error.object[error.start : error.end])), error.end


def _ascii(character: str) -> str:
    alike = unicodedata.normalize("NFKD", character.translate(_INSTEAD)).encode("ascii", "ignore").decode()
    return alike or _escape(character)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
