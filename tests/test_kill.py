"""The short form of `python tests/kill.py`: one moment for each victim."""

import random
from pathlib import Path

import pytest

from kill import VICTIMS, moment, undisturbed
from mdsbench.run import Run


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    runs: dict[str, Run] = undisturbed(tmp_path_factory.mktemp("undisturbed"))
    return runs


@pytest.mark.slow
@pytest.mark.parametrize("victim", VICTIMS)
def test_a_killed_campaign_resumes_to_the_same_store(tmp_path: Path, victim: str, expected: dict[str, Run]) -> None:
    if "scheduler" in victim or "dask" in victim:
        pytest.importorskip("distributed")
    seen = moment(tmp_path, victim, random.uniform(0, 1.2), expected)
    assert seen.startswith(("hit", "missed"))
