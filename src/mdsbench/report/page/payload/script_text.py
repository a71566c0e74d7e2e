"""JSON that can stand in a script element of HTML: no text in it ends the element or begins another one."""

import json
from typing import Any

ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


def as_json(payload: Any) -> str:
    """An object as JSON on one line, with escapes for `<`, `>`, `&` and the two line ends of Unicode.

    Raises ValueError for NaN and infinities, which JSON does not have.
    """
    return json.dumps(payload, allow_nan=False, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)
