"""One grammar for names: what is printed is what is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdsbench.errors import UsageError
from mdsbench.registry.spec import Spec, parse

words = st.from_regex(r"[a-z][a-z0-9/-]{0,8}", fullmatch=True).filter(
    lambda word: word not in ("true", "false", "nan", "inf", "infinity")
)
texts = st.text(st.characters(exclude_characters='"', codec="utf-8"))
numbers = st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False)
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
    ],
)
def test_what_cannot_be_read_is_pointed_at(text: str, expected: str) -> None:
    with pytest.raises(UsageError, match="cannot read") as caught:
        parse(text)
    assert expected in str(caught.value)
