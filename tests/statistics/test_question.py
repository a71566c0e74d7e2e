"""What can be asked, and what makes no sense."""

from typing import Any

import pandas as pd
import pytest

from mdsbench.errors import UsageError
from mdsbench.statistics.question import TARGETS, Question, chosen

RUNS = pd.DataFrame(
    [
        ("gd", "gd"),
        ("gd[forward-difference]", "gd[forward-difference]"),
        ("/home/me/mine.py:s", "mine.py:s@3f2a"),
        ("/home/me/mine.py:s", "mine.py:s@77ab"),
    ],
    columns=["solver", "version"],
)


def test_without_options_two_targets_are_asked_in_calls() -> None:
    question = Question.parse()
    assert (question.targets, question.cost, question.gradient) == (TARGETS, "calls", 1.0)
    assert question.unit == "calls"


def test_each_target_counts_once_in_the_order_given() -> None:
    assert Question.parse(["1e-6", "0.1", "0.10"]).targets == (1e-6, 0.1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"targets": ["1"]}, "a relative gap between 0 and 1, such as 0.01 or 1e-6, not '1'"),
        ({"targets": ["nan"]}, "not 'nan'"),
        ({"targets": ["close"]}, "not 'close'"),
        ({"gradient": "-1"}, "a gradient cannot cost '-1'"),
        ({"gradient": "4", "cost": "seconds"}, "--gradient-cost weighs calls, and means nothing with --cost seconds"),
        ({"gradient": "1", "cost": "pairs"}, "--gradient-cost weighs calls, and means nothing with --cost pairs"),
        ({"cost": "euros"}, "a cost is one of calls, pairs or seconds, not 'euros'"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Question.parse(**options)


def test_a_question_without_a_target_is_refused() -> None:
    with pytest.raises(UsageError, match="without a target"):
        Question(targets=())


@pytest.mark.parametrize(
    ("patterns", "rows"),
    [
        ((), [True, True, True, True]),
        (("gd",), [True, False, False, False]),
        (("gd*",), [True, True, False, False]),
        (("gd[forward-difference]",), [False, True, False, False]),
        (("gd?forward-*]",), [False, True, False, False]),
        (("mine.py:s",), [False, False, True, True]),
        (("*/mine.py:*",), [False, False, True, True]),
        (("mine.py:s@77ab", "gd"), [True, False, False, True]),
    ],
)
def test_a_pattern_is_a_name_with_stars(patterns: tuple[str, ...], rows: list[bool]) -> None:
    assert list(chosen(RUNS, patterns, "solver", "version")) == rows


def test_a_pattern_that_matches_nothing_says_what_there_is() -> None:
    with pytest.raises(UsageError, match=r"no solver of these runs matches 'adam': there are gd, gd\[forward-diff"):
        chosen(RUNS, ("gd", "adam"), "solver", "version")


@pytest.mark.parametrize(
    ("options", "unit"),
    [({"cost": "pairs"}, "pairs"), ({"cost": "seconds"}, "seconds"), ({"gradient": "dimension"}, "function values")],
)
def test_the_unit_is_named_after_the_cost(options: dict[str, Any], unit: str) -> None:
    assert Question.parse(**options).unit == unit
