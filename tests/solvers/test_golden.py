"""The hand-written solvers against well-known implementations: fifty steps on the same gradients."""

import json
from pathlib import Path

import numpy as np
import pytest

from mdsbench.oracle.account import Limits
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute

FILES = sorted((Path(__file__).parent / "golden").glob("*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_fifty_steps_agree_to_twelve_digits(file: Path) -> None:
    golden = json.loads(file.read_text(encoding="utf-8"))
    theirs = np.array(golden["trace"])
    run = execute(Cell(golden["problem"], golden["solver"], golden["start"], Limits(iterations=len(theirs) - 1)))
    ours = np.array([x for _, x in run.path])
    if file.stem == "nesterov":  # torch keeps the y_k where the gradients are taken
        ours[1:] += 0.9 * np.diff(ours, axis=0)
    if file.stem == "smacof":  # we centre with the first move
        ours[0] -= np.tile(ours[0].reshape(-1, 2).mean(axis=0), 6)
    difference = np.linalg.norm(ours - theirs, axis=1) / np.linalg.norm(theirs, axis=1)
    assert difference.max() < 1e-12
    assert np.linalg.norm(theirs[-1] - theirs[0]) > 0.1


def test_every_optimiser_that_has_a_well_known_implementation_is_compared() -> None:
    compared = {file.stem for file in FILES}
    assert compared == {"gd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "smacof"} | {
        "comparison-nelder-mead"
    }
