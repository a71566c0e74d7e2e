"""What a worker sends is data: it arrives as it was, or it is refused."""

import os
import pickle
import random
from dataclasses import dataclass, replace
from typing import Any

import pytest

from mdsbench.execution import messages
from mdsbench.execution.outcomes import MOST_WORDS, Garbled, decode, encode, readable, record
from mdsbench.oracle.account import Limits
from mdsbench.runs.cell import Cell
from mdsbench.runs.events import Notice, RunProgress
from mdsbench.runs.execute import execute
from mdsbench.runs.run import Run, lost
from mdsbench.store.merge import difference

CELL = Cell("cities-6", "adam", "published", Limits(calls=40))


@record
@dataclass(frozen=True)
class Weight:
    name: str
    grams: float


@pytest.fixture(scope="module")
def run() -> Run:
    return execute(CELL)


def test_a_run_arrives_as_it_was(run: Run) -> None:
    there = decode(encode(run), CELL)
    assert difference(run, there) == ""
    assert there.spent == run.spent
    assert there.improvements == run.improvements
    assert there.final_x.flags.writeable
    assert all((a[1] == b[1]).all() for a, b in zip(run.path, there.path, strict=True))


def test_a_run_that_never_began_arrives_too() -> None:
    there = decode(encode(lost(CELL, run_ending("killed"), "exit code 3", 1.5)), CELL)
    assert (there.ending, there.message, there.spent.seconds, there.path) == ("killed", "exit code 3", 1.5, [])


def run_ending(name: str) -> Any:
    from mdsbench.oracle.endings import Ending

    return Ending[name.upper()]


def test_a_run_is_of_the_cell_that_was_asked_for(run: Run) -> None:
    other = replace(CELL, seed=3)
    assert decode(encode(run), other).cell == other
    with pytest.raises(Garbled):
        decode(encode(run), "no cell")


@pytest.mark.parametrize("value", [None, True, 3, 2.5, "text", ["a", ("b", {"c": None})], Weight("gold", 19.3)])
def test_plain_values_and_records_arrive_as_they_were(value: object) -> None:
    found = decode(encode(value), "job")
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("value", [object(), lambda: 0, b"bytes", {1: 2}, {"a": object()}])
def test_nothing_else_can_be_sent(value: object) -> None:
    with pytest.raises(TypeError):
        encode(value)


@pytest.mark.parametrize(
    "change",
    [
        {"spent": (2**70, 0, 0, 0, 0, 0.0, 1.0)},
        {"spent": (-1, 0, 0, 0, 0, 0.0, 1.0)},
        {"spent": (1, 0, 0, 0, 0, float("nan"), 1.0)},
        {"dimension": -12},
        {"ending": "victory"},
        {"terms_per_pass": 2**64},
    ],
)
def test_numbers_out_of_range_are_refused(run: Run, change: dict[str, Any]) -> None:
    with pytest.raises((Garbled, ValueError)):
        decode(encode(replace(run, **change)), CELL)


def test_damaged_bytes_are_an_outcome_or_are_refused(run: Run) -> None:
    whole, rng = encode(run), random.Random(0)
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(rng.randrange(1, 4)):
            damaged[rng.randrange(min(len(damaged), 900))] = rng.randrange(256)
        try:
            found = decode(bytes(damaged[: rng.choice([len(damaged), rng.randrange(len(damaged))])]), CELL)
        except Garbled:
            continue
        assert isinstance(found, Run)


class Bomb:
    def __reduce__(self) -> Any:
        return os._exit, (9,)


def test_a_pickle_is_refused_and_not_loaded() -> None:
    for content in (pickle.dumps(Bomb()), b"", b"\xff" * 9, b"\x10\0\0\0" + b"[" * 16):
        with pytest.raises(Garbled):
            decode(content, CELL)
        with pytest.raises(Garbled):
            messages.read_event(content)


def test_long_and_odd_messages_are_made_readable() -> None:
    assert readable("caf\udce9") == "caf\\udce9"
    assert readable("short") == "short"
    long = readable("a" * MOST_WORDS + "b" * MOST_WORDS)
    assert len(long) < MOST_WORDS
    assert long.startswith("aaa")
    assert long.endswith("bbb")


def test_events_arrive_without_what_a_terminal_obeys() -> None:
    progress = RunProgress("k", "places-9", "gd", 12.0, 3.5, float("nan"), 61.4, 1.0)
    assert repr(messages.read_event(messages.event(progress)[1:])) == repr(progress)
    assert messages.read_event(messages.event(Notice("a\x1b[2Jb\udce9"))[1:]) == Notice("a\\x1b[2Jb\\udce9")
    with pytest.raises(Garbled):
        messages.read_event(messages.event(progress._replace(seconds=-1.0))[1:])
