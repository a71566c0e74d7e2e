"""What a person sees of a campaign that runs: lines in a log, bars on a terminal."""

import io
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from mdsbench.campaigns import log, progress
from mdsbench.campaigns.log import Pace
from mdsbench.oracle.endings import Ending
from mdsbench.runs.events import Notice, RunProgress

if TYPE_CHECKING:
    from tests.conftest import MadeUp

EVIL = "[/red]\x1b[31m$x$"


def test_a_line_is_due_after_half_a_minute_or_after_a_tenth() -> None:
    pace = Pace(100.0, 0.25)
    moments = [(104.0, 0.9), (105.0, 0.29), (105.0, 0.3), (109.9, 0.5), (110.0, 0.5), (139.9, 0.5), (140.0, 0.5)]
    assert [pace.due(now, fraction) for now, fraction in moments] == [False, False, True, False, True, False, True]


@pytest.mark.parametrize(("seconds", "words"), [(0.9, "0 s"), (59, "59 s"), (245, "4 min 5 s"), (7800, "2 h 10 min")])
def test_a_time_that_has_passed_in_words(seconds: float, words: str) -> None:
    assert log.duration(seconds) == words


def test_a_log_says_how_far_the_campaign_is(
    made_up: "MadeUp", capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "EVERY", 0.0)
    run = made_up.run("gd", 6, "zeros", [(0, 4.0)], spent=1, ending="error")
    with progress.progress(EVIL, 3, 5) as (done, event):
        event(RunProgress(run.cell.key, "places-9", "adam", 12.0, 3.5, 0.01, 61.0, 1.0))
        event(RunProgress("other", "places-9", EVIL, 12.0, 3.5, 0.01, 62.0, 1.0))
        event(Notice("a notice\x07"))
        done(run)
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "a notice\\x07"
    assert said[1].startswith(
        "[/red]\\x1b[31m$x$: 4 of 5 runs; failed: gd (1); [/red]\\x1b[31m$x$ on places-9: 12 calls"
    )
    assert said[1].endswith("0 s")
    assert all(line.isprintable() for line in said)


def test_a_short_campaign_says_nothing_on_the_way(made_up: "MadeUp", capsys: pytest.CaptureFixture[str]) -> None:
    with progress.progress("small", 0, 1) as (done, _):
        done(made_up.run("gd", 6, "zeros", [(0, 4.0)], spent=1))
    assert capsys.readouterr() == ("", "")


def test_names_are_text_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=200, color_system=None)
    monkeypatch.setattr(progress, "Console", lambda **_: console)
    run: Any = SimpleNamespace(cell=SimpleNamespace(key="key", solver=EVIL), ending=Ending.ERROR)
    with progress.progress(EVIL, 0, 5) as (done, event):
        event(RunProgress("other", "places-9", EVIL, 12.0, 3.5, 0.01, 62.0, 1.0))
        event(Notice(EVIL))
        done(run)
    said = screen.getvalue()
    assert "failed: [/red]\\x1b[31m$x$ (1)" in said
    assert "[/red]\\x1b[31m$x$ on places-9" in said
    assert "\x1b[31m" not in said
