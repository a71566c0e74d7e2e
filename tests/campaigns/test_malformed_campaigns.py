"""Campaign files that make no sense are refused in one line, at once."""

import random
from pathlib import Path

import pytest

import nasty
from mdsbench.campaigns import plan
from mdsbench.errors import Failure, UsageError

LINES = (
    *('name = "mine"', 'description = "what it is for"', "snapshots = 16", 'snapshots = "all"', "jobs = 2"),
    *('problems = ["cities-6", "sphere-2"]', 'problems = ["rosenbrock(n=3)"]', 'solvers = ["gd", "nelder-mead"]'),
    *('solvers = ["adam[central-difference](step=0.05)"]', 'starts = ["uniform", "zeros"]', "repetitions = 3"),
    *(
        "variants = [{}, {noise = 0.1}]",
        "variants = [{n = 6}]",
        "calls = 100",
        "calls_per_variable = 10",
        "iterations = 5",
    ),
    *(
        "seconds = 2.5",
        "megabytes = 100",
        "target = 0.1",
        "target_ratio = 1.5",
        "ftol = 1e-3",
        "first_seed = 7",
        "[[block]]",
    ),
)
GOOD = 'problems = ["cities-6"]\nsolvers = ["gd"]\ncalls = 5\n'
COUNT = 1000


def malformed(rng: random.Random) -> bytes:
    """A campaign: lines at random, values at random, text changed at random, and bytes changed now and then."""
    text = GOOD * rng.choice([0, 1, 1, 1]) + "\n".join(rng.choice(LINES) for _ in range(rng.randint(0, 2)))
    kind = rng.random()
    if kind < 0.4:
        key = rng.choice(LINES[:-1]).partition(" ")[0]
        text = f"{GOOD}{key} = {value(rng)}\n"
    elif kind < 0.8:
        text = nasty.mutated(text, rng)
    content = text.encode(rng.choice(["utf-8"] * 20 + ["utf-8-sig", "utf-16"]), "surrogatepass")
    if rng.random() < 0.1:
        place = rng.randint(0, len(content))
        content = content[:place] + rng.randbytes(rng.randint(1, 8)) + content[place:]
    return content


def value(rng: random.Random, depth: int = 0) -> str:
    """A value in the grammar of TOML, or something that looks like one."""
    token: str = rng.choice(nasty.TOKENS)
    kinds = [token, f'"{token}"', f"'{token}'"]
    if depth < 3:
        inner = ", ".join(value(rng, depth + 1) for _ in range(rng.randint(0, 3)))
        kinds += [f"[{inner}]", f"{{a = {value(rng, depth + 1)}}}", f"[{inner}]" * rng.randint(1, 2)]
    return rng.choice(kinds)


@pytest.mark.slow
def test_a_campaign_is_read_or_refused_in_one_line(tmp_path: Path) -> None:
    rng = random.Random(0)
    path = tmp_path / "c.toml"
    outcomes = {True: 0, False: 0}
    for _ in range(COUNT):
        content = malformed(rng)
        path.write_bytes(content)
        overrides = [nasty.words(rng, ("calls=3", "solvers=gd", "repetitions = 2", "name=x"))] * (rng.random() < 0.1)
        with nasty.no_hang(repr((content, overrides))):
            outcomes[understood(path, overrides)] += 1
    assert min(outcomes.values()) > COUNT // 20


def understood(path: Path, overrides: list[str]) -> bool:
    """Whether the file is a campaign; whoever asks is told in one line if it is none."""
    try:
        found = plan.load(str(path), overrides)
    except (UsageError, Failure) as error:
        said = str(error)
    else:
        assert 0 < len(found.keyed()) <= plan.MOST_CELLS
        return True
    assert 0 < len(said) < 30_000
    assert "\n" not in said
    return False
