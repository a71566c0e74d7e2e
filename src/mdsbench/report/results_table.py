"""The answer to a question about runs, as tables and sentences for the terminal and as records for programs."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from rich.cells import cell_len, chop_cells

from mdsbench.statistics.answer import LEVEL, Answer
from mdsbench.statistics.overview import overview
from mdsbench.statistics.verdict import Finding
from mdsbench.statistics.wording import amount, gap_in_words, plural, rounded
from mdsbench.system.text import printable

LINES, SHORT = 130, 40  # of a table with each problem by itself; a longer one has a section for each family
FAMILIES = 12  # families, starts and targets that are told apart
PARAGRAPHS = 4  # of the verdict that are shown
NAME, LONGEST_NAME = 18, 30  # room of the names at least, and at most: a longer one has a line of its own
GAP = 2  # between columns
STUCK = "\x1f"  # for a blank where no line is broken

Section: TypeAlias = tuple[str, list[tuple[str, list[str]]]]  # a heading, and its lines: a name and its cells

COLUMNS = ("arrived", "in %", "ERT", "interval", "× best", "censored", "elsewhere")
LEFT_OUT = (6, 5, 1, 3, 4)  # the columns in the order in which they are left out of a narrow terminal
OVERVIEW = ("problems", "runs", "best", "× best")


def rendered(answer: Answer, width: int = 80, *, full: bool = False, short: bool = False) -> str:
    """The table, the verdict and the notes, in lines of that width; `full` leaves nothing out.

    `short` is the table alone, with the values that stand in the place of best known ones.
    """
    whole = full or _lines(answer) <= (SHORT if short else LINES)
    parts = [*(_table if whole else _overview)(answer, width), ""]
    if not short:
        parts += [] if whole else [*_wrapped("Each problem by itself: --problem NAME, or --full.", width), ""]
        parts += _verdict(answer.verdict, width, full=full)
    for note in [*answer.floors, *([] if short else answer.notes)]:
        parts += _wrapped(note, width)
    return "\n".join(parts).rstrip()


def _lines(answer: Answer) -> int:
    """How many lines a table with each problem by itself has."""
    return len(answer.times) + 2 * len(answer.times[["problem", "start", "target"]].drop_duplicates())


def records(answer: Answer) -> dict[str, Any]:
    """The answer as strict JSON: what is not a finite number is null."""
    question = answer.question
    rows = [{str(name): plain(value) for name, value in row.items()} for row in answer.times.to_dict("records")]
    return {
        "targets": list(question.targets),
        "cost": question.cost,
        "gradient_cost": question.gradient,
        "level": LEVEL,
        "times": rows,
        "verdict": [{"about": about, "sentence": sentence} for about, sentence in answer.verdict],
        "notes": [*answer.floors, *answer.notes],
    }


def csv(answer: Answer) -> str:
    """The running times as CSV; what is not finite is empty."""
    return answer.times.replace([np.inf, -np.inf], np.nan).to_csv(index=False, lineterminator="\n")


def plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _table(answer: Answer, width: int) -> list[str]:
    """A section for each problem, start and target, a line for each solver, the cheapest first."""
    sections: list[Section] = []
    for _, rows in answer.times.groupby(["problem", "start", "target"], sort=False):
        first = rows.iloc[0]
        head = f"{first['problem']}, {first['start']}, gap {gap_in_words(first['target'])}"
        if not rows["arrived"].any():
            sections.append((f"{head}: no run arrives", []))
            continue
        lines = [(str(row["solver"]), _cells(row)) for _, row in rows.sort_values("ert", kind="stable").iterrows()]
        sections.append((head, lines))
    caption = [
        f"ERT: expected {answer.question.unit} until a run arrives, restarts included; {answer.question.label}",
        "arrived: runs that reached the gap; in %: Wilson's interval of their share",
        "≈: cannot be told apart from the best; >: none arrived, a lower bound; all at 95 %",
    ]
    return drawn(COLUMNS, sections, caption, width, LEFT_OUT)


def _cells(row: "pd.Series") -> list[str]:
    none = row["arrived"] == 0
    low, high = float(row["ert_low"]), float(row["ert_high"])
    known = 0 < low < high < np.inf
    bound = f"> {amount(low)}" if none and np.isfinite(low) and low > 0 else ""
    multiple = float(row["multiple"])
    tied = bool(row["tied"]) and multiple > 1
    return [
        f"{row['arrived']}/{row['runs']}",
        f"{100 * row['share_low']:.0f}–{100 * row['share_high']:.0f}",
        bound or ("never" if none else amount(float(row["ert"]))),
        f"{amount(low)}–{amount(high)}" if known and not none else "",
        ("≈ " * tied + rounded(multiple)) if np.isfinite(multiple) else "",
        str(row["censored"] or ""),
        str(row["elsewhere"] or ""),
    ]


def _overview(answer: Answer, width: int) -> list[str]:
    """A section for each family of problems, start and target, a line for each solver, the best first."""
    sections: list[Section] = []
    summary = overview(answer.times, FAMILIES)
    for _, rows in summary.groupby(["group", "start", "target"], sort=False):
        first = rows.iloc[0]
        few, many = first["least"], first["most"]
        sizes = f"{few} variables" if few == many else f"{few} to {many} variables"
        count = f"{plural(int(first['problems']), 'problem')} of {sizes}"
        head = f"{first['group']}, {count}, {first['start']}, gap {gap_in_words(first['target'])}"
        if not rows["arrived"].any():
            sections.append((f"{head}: no run arrives", []))
            continue
        sections.append((head, [(str(row["solver"]), _overview_cells(row)) for _, row in rows.iterrows()]))
    caption = [
        "problems: those where a run arrived; runs: those that arrived",
        "best: problems where the solver is the cheapest, or cannot be told apart from it at 95 %",
        f"× best: median multiple of the least expected {answer.question.unit}, restarts included",
    ]
    return drawn(OVERVIEW, sections, caption, width, (2, 1))


def _overview_cells(row: "pd.Series") -> list[str]:
    multiple = float(row["multiple"])
    return [
        f"{row['reached']}/{row['problems']}",
        f"{row['arrived']}/{row['runs']}",
        str(row["best"]),
        rounded(multiple) if np.isfinite(multiple) else "" if row["reached"] else "never",
    ]


def drawn(
    headings: tuple[str, ...],
    sections: list[Section],
    caption: Sequence[str],
    width: int,
    left_out: tuple[int, ...],
) -> list[str]:
    """The lines of a table; columns that are empty, or leave too little room for the names, are left out.

    Sections without lines, if there are no others, are their headings alone.
    """
    rows = [cells for _, lines in sections for _, cells in lines]
    if not rows:
        return [line for head, _ in sections for line in _wrapped(head, width)]
    columns = {k: [cells[k] for cells in rows] for k in range(len(headings)) if any(cells[k] for cells in rows)}
    longest = max([NAME, *(cell_len(name) + 2 for _, lines in sections for name, _ in lines)])
    longest = min(longest, LONGEST_NAME, max(NAME, width // 2))
    shown = _within({k: [headings[k], *cells] for k, cells in columns.items()}, width - longest, left_out)
    widths = {k: max(map(cell_len, [headings[k], *columns[k]])) for k in shown}
    lines = []
    for head, named in sections:
        lines += ["", *_wrapped(head, width)]
        for name, cells in named:
            texts = [" " * (GAP + widths[k] - cell_len(cells[k])) + cells[k] for k in shown]
            lines += _line(f" {printable(name)}", longest, "".join(texts), width)
    heading = "".join(headings[k].rjust(GAP + widths[k]) for k in shown)
    rule = "─" * min(width, longest + cell_len(heading))
    told = [line for text in caption for line in _wrapped(text, width)]
    return [" " * longest + heading, rule, *lines[1:], rule, *told]


def _line(name: str, room: int, cells: str, width: int) -> list[str]:
    """A name and its cells in one line, or in two if the name is long."""
    if cell_len(name) <= room:
        return [(name + " " * (room - cell_len(name)) + cells).rstrip()]
    return [*chop_cells(name, width), (" " * room + cells).rstrip()]


def _wrapped(text: str, width: int) -> list[str]:
    """The lines of a sentence; a number stays with its sign for per cent."""
    lines = textwrap.wrap(printable(text).replace(" %", f"{STUCK}%"), width, break_on_hyphens=False)
    return [line.replace(STUCK, " ") for line in lines]


def _within(columns: Mapping[int, list[str]], room: int, left_out: tuple[int, ...]) -> list[int]:
    """The columns that fit into so many letters: the least important ones are left out first."""
    widths = {k: GAP + max(map(cell_len, cells)) for k, cells in columns.items()}
    shown = set(widths)
    for k in left_out:
        if sum(widths[k] for k in shown) > room:
            shown.discard(k)
    return sorted(shown)


def _paragraphs(verdict: list[Finding]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for about, sentence in verdict:
        found.setdefault(about, []).append(sentence)
    return found


def _verdict(verdict: list[Finding], width: int, *, full: bool) -> Iterator[str]:
    """A paragraph for each family, start and target; sentences of no family last."""
    paragraphs = _paragraphs(verdict)
    general = paragraphs.pop("", [])
    shown = list(paragraphs.items())[: None if full else PARAGRAPHS]
    for about, sentences in shown:
        yield from [*_wrapped(f"{about}: {' '.join(sentences)}", width), ""]
    if len(shown) < len(paragraphs):
        rest = list(paragraphs)[len(shown) :]
        others = [*rest[:3], *([f"{len(rest) - 3} more"] if len(rest) > 3 else [])]
        yield from [*_wrapped(f"--full has the same of {'; '.join(others)}.", width), ""]
    for sentence in general:
        yield from _wrapped(sentence, width)
