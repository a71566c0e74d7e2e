"""What a campaign file says: TOML made into cells."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import product
from math import isnan
from pathlib import Path
from typing import Any

from mdsbench.campaigns.facts import Facts, facts
from mdsbench.errors import Failure, UsageError
from mdsbench.oracle.account import Limits
from mdsbench.registry.registry import SOLVERS, STARTS, nearest
from mdsbench.registry.spec import Spec, parse
from mdsbench.runs.cell import Cell

ALL = 10**9  # snapshots

# Every key of a block, with what it is when the file is silent. A campaign that nobody has bounded would wait for ever
# for the first solver that hangs.
DEFAULTS: dict[str, Any] = {
    "problems": [],
    "variants": [{}],
    "solvers": [],
    "starts": ["published"],
    "repetitions": 1,
    "calls": None,
    "calls_per_variable": None,
    "iterations": None,
    "seconds": 600.0,
    "megabytes": 4096,
    "target": None,
    "target_ratio": None,
    "ftol": None,
    "xtol": None,
    "gtol": None,
    "first_seed": 0,
}
BUDGETS = ("calls", "calls_per_variable", "iterations", "seconds")
TOP = ("name", "description", "snapshots", "jobs", "block", *DEFAULTS)
BLOCK = ("name", *DEFAULTS)


@dataclass(frozen=True)
class Plan:
    """A campaign's name, the text that describes it, its cells, how many snapshots of each run are kept, and how many
    run at a time if the command line does not say; None is one per core. `blocks` are the names of the cells' blocks.
    """

    name: str
    text: str
    cells: tuple[Cell, ...]
    snapshots: int
    jobs: int | None = None
    blocks: tuple[str, ...] = ()

    def keyed(self) -> dict[str, Cell]:
        """The cells by their keys."""
        return {cell.key: cell for cell in self.cells}

    def named_blocks(self) -> dict[str, str]:
        """The name of the block of each cell, by key; a block without a name is not in it."""
        return {cell.key: block for cell, block in zip(self.cells, self.blocks, strict=True) if block}


def ready() -> dict[str, Path]:
    """The campaigns that ship with the package, by name."""
    folder = Path(str(files("mdsbench.campaigns") / "ready"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load(campaign: str, overrides: Sequence[str] = ()) -> Plan:
    """Read a campaign: a TOML file or the name of a ready one, with `key=value` on top; raises UsageError."""
    path = Path(campaign) if campaign.endswith(".toml") or "/" in campaign else ready().get(campaign)
    if path is None:
        raise UsageError(f"there is no campaign {campaign!r}{nearest(campaign, ready())}, or give a file NAME.toml")
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        lines = text.split("\n")
        end = f"at line {len(lines)}, column {len(lines[-1]) + 1}, the end of the file"
        raise UsageError(f"{path}: {str(error).replace('at end of document', end)}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no TOML: byte {error.start} is not UTF-8") from None
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}") from None
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}") from None
    return plan(path.stem, text, content, dict(map(_override, overrides)), where=str(path))


def plan(name: str, text: str, content: Mapping[str, Any], overrides: Mapping[str, Any], where: str) -> Plan:
    """The cells that the content of a file describes; the overrides apply to every block."""
    for key in [*content, *overrides]:
        if key not in TOP:
            raise UsageError(f"{where}: there is no key {key!r}{nearest(key, TOP)}")
    content = {**content, **overrides}
    name = _typed("name", content.get("name", name), str, where)
    blocks = content.get("block", [{}])
    if not (isinstance(blocks, list) and all(isinstance(block, dict) for block in blocks)):
        raise UsageError(f"{where}: write a block as [[block]]")
    cells: dict[Cell, str] = {}  # with the name of the first block that has it
    for number, block in enumerate(blocks, 1):
        here = f"{where}, block {number}" if len(blocks) > 1 else where
        for key in block:
            if key not in BLOCK:
                raise UsageError(f"{here}: there is no key {key!r}{nearest(key, BLOCK)}")
        common = {key: value for key, value in content.items() if key in DEFAULTS}
        own = {key: value for key, value in block.items() if key in DEFAULTS}
        given = {**common, **own, **{key: value for key, value in overrides.items() if key in DEFAULTS}}
        label = _typed("name", block.get("name", ""), str, here)
        for cell in _cells(given, here):
            cells.setdefault(cell, label)
    snapshots = content.get("snapshots", 16)
    snapshots = ALL if snapshots == "all" else _number("snapshots", snapshots, int, where, least=0)
    if overrides:
        text += "\n# on the command line: " + ", ".join(f"{key} = {value!r}" for key, value in overrides.items()) + "\n"
    jobs = _number("jobs", content["jobs"], int, where) if "jobs" in content else None
    return Plan(name, text, tuple(cells), snapshots, jobs, tuple(cells.values()))


def _override(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--set takes KEY=VALUE, not {text!r}")
    key, value = key.strip(), value.strip()
    try:
        read = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        read = value  # a bare word is a text
    return key, [read] if key in ("problems", "solvers", "starts") and isinstance(read, str) else read


def _cells(block: Mapping[str, Any], where: str) -> Iterator[Cell]:
    """The product of what a block lists, the problems outermost."""
    given = {**DEFAULTS, **block}
    problems, solvers, starts = (_texts(key, given[key], where) for key in ("problems", "solvers", "starts"))
    variants, repetitions = (
        _variants(given["variants"], where),
        _number("repetitions", given["repetitions"], int, where),
    )
    if not any(block.get(key) is not None for key in BUDGETS):
        raise UsageError(f"{where}: no budget; set one of {', '.join(BUDGETS)}")
    for solver in solvers:
        SOLVERS.bind(parse(solver))
    first_seed = _number("first_seed", given["first_seed"], int, where, least=0)
    seeds = range(first_seed, first_seed + repetitions)
    drawn = [repeated for start in starts for repeated in _repeated(start, seeds)]
    for text, variant in product(problems, variants):
        name = str(_with(parse(text), variant))
        limits = _limits(given, facts(name), where)
        for solver, (start, seed) in product(solvers, drawn):
            yield Cell(name, solver, start, limits, seed)


def _repeated(start: str, seeds: range) -> list[tuple[str, int]]:
    """Starts and seeds: each repetition has another start where starts are drawn at random, else another seed."""
    spec = parse(start)
    STARTS.bind(spec)
    if "seed" in STARTS.find(spec.name).options and "seed" not in dict(spec.options):
        return [(str(_with(spec, {"seed": k})), 0) for k in seeds]
    return [(str(spec), k) for k in seeds]


def _with(spec: Spec, options: Mapping[str, Any]) -> Spec:
    return Spec(spec.name, spec.source, tuple(sorted({**dict(spec.options), **options}.items())))


def _limits(given: Mapping[str, Any], task: Facts, where: str) -> Limits:
    def bound(key: str, kind: type = float) -> Any:
        return None if given[key] is None else _number(key, given[key], kind, where, least=1 if kind is int else 0)

    calls, per_variable = bound("calls", int), bound("calls_per_variable")
    if calls and per_variable:
        raise UsageError(f"{where}: calls and calls_per_variable are two words for one budget; give one")
    target, ratio = given["target"], bound("target_ratio")
    if target is not None and ratio is not None:
        raise UsageError(f"{where}: target and target_ratio are two words for one target; give one")
    if ratio is not None:
        if isnan(task.best_known):
            raise UsageError(f"{where}: target_ratio: no best loss is known for {task.name}; give a loss as target")
        if ratio < 1 or task.best_known <= 0:
            raise UsageError(f"{where}: target_ratio is 1 or more, times a best known loss above 0 ({task.name})")
        target = ratio * task.best_known
    return Limits(
        calls=calls or (per_variable and max(1, round(per_variable * task.dimension))),
        iterations=bound("iterations", int),
        seconds=bound("seconds"),
        megabytes=bound("megabytes", int),
        target=None if target is None else _typed("target", target, (int, float), where),
        **{key: bound(key) for key in ("ftol", "xtol", "gtol")},
    )


def _variants(value: Any, where: str) -> list[dict[str, Any]]:
    if not (isinstance(value, list) and value and all(isinstance(variant, dict) for variant in value)):
        raise UsageError(f"{where}: variants takes a list of tables of a problem's options, such as [{{}}, {{n = 6}}]")
    return value


def _texts(key: str, value: Any, where: str) -> list[str]:
    if not (isinstance(value, list) and value and all(isinstance(text, str) for text in value)):
        raise UsageError(f"{where}: {key} takes a list of one or more names in quotation marks, not {value!r}")
    return value


def _number(key: str, value: Any, kind: type, where: str, least: float = 1) -> Any:
    number = isinstance(value, int if kind is int else int | float) and not isinstance(value, bool)
    if not number or not least <= value < float("inf") or (kind is float and value <= 0):
        wanted = f"a whole number from {least:g} on" if kind is int else "a number above 0"
        raise UsageError(f"{where}: {key} takes {wanted}, not {value!r}")
    return value if kind is int else float(value)


def _typed(key: str, value: Any, kind: Any, where: str) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool) or value != value:
        raise UsageError(f"{where}: {key} cannot be {value!r}")
    return value
