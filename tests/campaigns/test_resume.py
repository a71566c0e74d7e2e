"""A reproduction that is killed continues with the same command and ends in the same summary."""

from pathlib import Path

import pytest

from kill_reproduce import moment, undisturbed


@pytest.mark.slow
def test_a_reproduction_that_is_killed_and_resumed_gives_the_same_summary(tmp_path: Path) -> None:
    expected, seconds = undisturbed(tmp_path)
    assert "same summary" in moment(tmp_path / "moment", 0.5 * seconds, expected)
