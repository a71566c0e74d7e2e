"""The table of running times: what stands in it, how wide and how long it is."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mdsbench.report.results_table import csv, records, rendered
from mdsbench.statistics.answer import Answer
from mdsbench.statistics.question import Question
from mdsbench.statistics.verdict import Finding

COLUMNS = ["solver", "runs", "arrived", "censored", "elsewhere", "ert", "ert_low", "ert_high", "multiple", "tied"]
LONG = "gd[mini-batch(size=16)](step=barzilai-borwein)"
ROWS: list[tuple[Any, ...]] = [
    ("nelder-mead", 20, 0, 20, 0, np.inf, 10000.0, np.inf, np.inf, False),
    ("l-bfgs", 20, 20, 0, 0, 14.0, 12.5, 15.7, 1.0, True),
    (LONG, 20, 15, 2, 3, 15.4, 12.0, 19.8, 1.1, True),
    ("adam", 1, 1, 0, 0, 1234.0, 0.0, np.inf, 88.1, False),
]


def answer(problems: int = 1, verdict: list[Finding] | None = None) -> Answer:
    """An answer about so many problems."""
    rows = pd.DataFrame(ROWS, columns=COLUMNS).assign(
        share=0.5, share_low=0.301, share_high=0.699, family="cities", start="uniform", target=0.01
    )
    frames = [rows.assign(problem=f"cities-{k + 3}", dimension=2 * k + 6) for k in range(problems)]
    times = pd.concat(frames, ignore_index=True)
    return Answer(Question((0.01,)), times, verdict or [], ["A floor."], ["A note."])


def line(text: str, name: str) -> list[str]:
    return next(line.split() for line in text.splitlines() if line.startswith(f" {name}"))


def test_a_line_has_who_arrived_the_running_time_and_its_multiple() -> None:
    text = rendered(answer())
    assert line(text, "l-bfgs") == ["l-bfgs", "20/20", "30–70", "14", "12–16", "1.00"]
    assert line(text, "adam") == ["adam", "1/1", "30–70", "1,234", "88.1"]
    assert line(text, "nelder-mead") == ["nelder-mead", "0/20", "30–70", ">", "10,000"]
    assert text.index("l-bfgs") < text.index("adam") < text.index("nelder-mead")
    assert text.endswith("A floor.\nA note.")


def test_a_long_name_has_a_line_of_its_own_and_ties_are_marked() -> None:
    lines = rendered(answer()).splitlines()
    place = lines.index(f" {LONG}")
    assert lines[place + 1].split() == ["15/20", "30–70", "15", "12–20", "≈", "1.10"]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_lines_are_as_wide_as_the_terminal(width: int) -> None:
    about = [Finding("cities, uniform", "A sentence of many words with a number (95 %: 1–2). " * 9)]
    lines = rendered(answer(verdict=about), width).splitlines()
    assert max(map(len, lines)) <= width
    assert not any(line.startswith("%") for line in lines)
    assert ("censored" in lines[0]) == (width >= 100)


def test_a_target_that_nobody_reaches_is_one_line() -> None:
    found = answer()
    times = found.times.assign(arrived=0, ert=np.inf, tied=False, multiple=np.inf)
    lines = rendered(found._replace(times=times), short=True).splitlines()
    assert lines[0] == "cities-3, uniform, gap 0.01: no run arrives"
    assert not any("ERT" in line or "─" in line for line in lines)


def test_many_problems_are_summed_up_by_family() -> None:
    text = rendered(answer(50))
    assert len(text.splitlines()) < 25
    assert "cities, 50 problems of 6 to 104 variables, uniform, gap 0.01" in text
    assert line(text, "l-bfgs") == ["l-bfgs", "50/50", "1000/1000", "50", "1.00"]
    assert line(text, "nelder-mead") == ["nelder-mead", "0/50", "0/1000", "0", "never"]
    assert "Each problem by itself: --problem NAME, or --full." in text
    assert rendered(answer(50), full=True).count(" adam ") == 50


def test_the_short_form_has_no_verdict_and_no_notes() -> None:
    text = rendered(answer(verdict=[Finding("cities", "A sentence.")]), short=True)
    assert "A sentence." not in text
    assert text.endswith("A floor.")


def test_a_long_verdict_is_cut_and_says_how_to_read_it() -> None:
    verdict = [Finding(f"family {k}", f"Sentence {k}.") for k in range(9)] + [Finding("", "The end.")]
    text = " ".join(rendered(answer(verdict=verdict)).split())
    assert "family 3: Sentence 3." in text
    assert "Sentence 4." not in text
    assert "--full has the same of family 4; family 5; family 6; 2 more. The end." in text
    assert "Sentence 8." in rendered(answer(verdict=verdict), full=True)


def test_what_steers_a_terminal_is_text() -> None:
    found = answer()
    times = found.times.assign(solver="\x1b[2J", problem="\u202e")
    text = rendered(found._replace(times=times))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_programs_read_strict_json_and_csv() -> None:
    found = answer(verdict=[Finding("cities", "A sentence.")])
    read = json.loads(json.dumps(records(found), allow_nan=False))
    assert read["times"][0]["ert"] is None
    assert read["times"][1] == {**read["times"][1], "solver": "l-bfgs", "arrived": 20, "tied": True}
    assert read["verdict"] == [{"about": "cities", "sentence": "A sentence."}]
    assert read["notes"] == ["A floor.", "A note."]
    first, second, *_ = csv(found).splitlines()
    row = dict(zip(first.split(","), second.split(","), strict=True))
    assert (row["solver"], row["arrived"], row["ert"], row["multiple"]) == ("nelder-mead", "0", "", "")
