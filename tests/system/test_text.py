"""What others wrote, in one line of a message and in every encoding."""

import io
import json

import pytest

from mdsbench.system.text import brief, printable, shortened, speak_any_encoding


def test_what_controls_a_terminal_is_shown_as_text() -> None:
    assert printable("\x1b[31mred\x07\n\u2028\udce9 Łódź") == "\\x1b[31mred\\x07\\n\\u2028\\udce9 Łódź"
    assert printable("\u202eabc\ufeff") == "\\u202eabc\\ufeff"
    assert printable("a\tb\n", keep="\n\t") == "a\tb\n"


def test_any_value_has_a_short_line() -> None:
    assert brief("a\nb") == "'a\\nb'"
    assert brief(2**64) == "a whole number of 65 bits"
    assert brief([16**5000]) == "such a list"
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    assert brief(nested) == "such a list"
    assert len(brief("x" * 10**6)) < 250
    assert shortened("x" * 10**6 + "end").endswith("end")
    while nested:  # a deep list is freed by recursion otherwise
        nested = nested[0]  # type: ignore[assignment]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437", "utf-8"])
def test_a_stream_replaces_what_its_encoding_lacks(encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    speak_any_encoding(stream)
    stream.write("✓ ✗ ━ São Łódź 東 \udce9 \U0001f600\n")
    stream.flush()
    said = raw.getvalue().decode(encoding)
    if encoding == "ascii":
        assert said == "+ x - Sao Lodz \\u6771 \\udce9 \\U0001f600\n"
    assert "\\udce9" in said


def test_json_in_ascii_reads_back() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    speak_any_encoding(stream)
    print(json.dumps("Łódź \U0001f600"), file=stream, flush=True)
    assert json.loads(raw.getvalue()) == "Łódź \U0001f600"
