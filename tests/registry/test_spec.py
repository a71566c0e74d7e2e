"""One grammar for names: what is printed is what is read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdsbench.errors import UsageError
from mdsbench.registry.spec import DEEPEST, LONGEST, Spec, parse
from mdsbench.system.bounds import INTEGERS

words = st.from_regex(r"[a-z][a-z0-9/-]{0,8}", fullmatch=True).filter(
    lambda word: word not in ("true", "false", "nan", "inf", "infinity")
)
texts = st.text(st.characters(exclude_characters='"', exclude_categories=["Cc", "Cs", "Zl", "Zp"]))
numbers = st.integers(INTEGERS[0], INTEGERS[-1]) | st.floats(allow_nan=False, allow_infinity=False)
specs = st.recursive(
    st.builds(Spec, words),
    lambda inner: st.builds(
        lambda name, source, options: Spec(name, source, tuple(sorted(options.items()))),
        words,
        st.none() | inner,
        st.dictionaries(words, st.booleans() | numbers | words | texts | inner, max_size=3),
    ),
    max_leaves=6,
)


@given(specs)
def test_a_printed_spec_reads_back(spec: Spec) -> None:
    again = parse(str(spec))
    assert str(again) == str(spec)
    assert parse(str(again)) == again


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("gd", "gd"),
        ("gd(step=1/L)", "gd(step=1/L)"),
        ("gd( step = 0.05 , gtol=1e-6 )", "gd(gtol=1e-6, step=0.05)"),
        ("adam[central-difference](step=0.05)", "adam[central-difference](step=0.05)"),
        ("gd(step=armijo(c=0.1))", "gd(step=armijo(c=0.1))"),
        ("adam[spsa(pairs=4)]", "adam[spsa(pairs=4)]"),
        ("nelder-mead(adaptive=true)", "nelder-mead(adaptive=true)"),
        ('coordinates(file="a/b.csv")', "coordinates(file=a/b.csv)"),
        ('coordinates(file="my towns (2).csv")', 'coordinates(file="my towns (2).csv")'),
    ],
)
def test_the_canonical_text(text: str, canonical: str) -> None:
    assert str(parse(text)) == canonical


def test_values_have_their_types() -> None:
    options = dict(parse('a(b=true, i=3, f=3.0, w=1/L, t="3")').options)
    assert options == {"b": True, "i": 3, "f": 3.0, "w": "1/L", "t": "3"}
    assert [type(options[key]) for key in "bifwt"] == [bool, int, float, str, str]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "expected a name, found the end"),
        ("gd(", "expected an option, found the end"),
        ("gd(step", "expected '=', found the end"),
        ("gd(step=)", "expected a name, found ')'"),
        ("gd(step=1", "expected ')', found the end"),
        ("gd)", "expected the end, found ')'"),
        ("gd[", "expected a name, found the end"),
        ('gd(step="1)', "expected a name, found '\"'"),
        ("gd(step=1, step=2)", "step is given twice"),
        ("gd(step=nan)", "nan is no number to compute with"),
        (f"gd(step={2**63})", "9223372036854775808 is too large"),
        ("gd(step=" + "1" * 4301 + ")", "11 is too large"),
        ("gd\0", "it contains the control character U+0000"),
        ('coordinates(file="\x1b[31m")', "it contains the control character U+001B"),
        ("caf\udce9.py:s", "it is not UTF-8; rename the file or the folder"),
        ("g" * (LONGEST + 1), "a name has at most 10,000 characters, not 10,001"),
        ("a[" * DEEPEST + "b" + "]" * DEEPEST, "more than 20 levels"),
        ("a(b=" * 100_000, "a name has at most 10,000 characters"),
        ("a(b=" * 1_000, "more than 20 levels"),
    ],
    ids=lambda text: text[:20].encode("unicode_escape").decode(),
)
def test_what_cannot_be_read_is_pointed_at(text: str, expected: str) -> None:
    with pytest.raises(UsageError, match="cannot read") as caught:
        parse(text)
    assert expected in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


def test_what_looks_like_a_number_is_a_text_in_quotation_marks() -> None:
    for text in ("nan", "1" * 4301, "true"):
        spec = Spec("a", options=(("b", text),))
        assert str(spec) == f'a(b="{text}")'
        assert parse(str(spec)) == spec


def test_the_deepest_spec_and_the_largest_integers_can_be_read() -> None:
    deepest = "a[" * (DEEPEST - 1) + "b" + "]" * (DEEPEST - 1)
    assert str(parse(deepest)) == deepest
    options = dict(parse(f"a(low={-(2**63)}, high={2**63 - 1}, zeros={'0' * 5000}7)").options)
    assert options == {"low": -(2**63), "high": 2**63 - 1, "zeros": 7}


def test_a_number_of_numpy_is_written_like_any_other() -> None:
    assert str(Spec("newuoa", options=(("step", np.float64(0.04)),))) == "newuoa(step=0.04)"
