"""Every ending has its words, and says whether it is a failure."""

import json

import pytest

from mdsbench.oracle.endings import FAILED, Ending


def test_the_failures_are_those_that_a_campaign_counts_as_failed() -> None:
    assert set(FAILED) == {"diverged", "memory", "error", "killed"}


@pytest.mark.parametrize("ending", Ending)
def test_an_ending_has_words_for_films_and_pages(ending: Ending) -> None:
    assert "{spent}" in ending.brief
    assert "{spent}" in ending.present
    assert ending.past


@pytest.mark.parametrize("ending", Ending)
def test_an_ending_is_its_name(ending: Ending) -> None:
    assert ending == ending.name.lower().replace("_", "-") == str(ending)
    assert json.loads(json.dumps(ending)) == str(ending)
