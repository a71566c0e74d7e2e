"""What a campaign file says: TOML made into cells."""

import itertools
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import isnan
from pathlib import Path
from typing import Any, NamedTuple

from mdsbench.campaigns import toml_file
from mdsbench.campaigns.facts import Facts, facts, why_not
from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.registry.registry import SOLVERS, STARTS, nearest
from mdsbench.registry.spec import Spec, parse
from mdsbench.runs.cell import Cell
from mdsbench.system.bounds import INTEGERS, MOST_JOBS, MOST_SECONDS
from mdsbench.system.text import brief, is_hidden

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
# The most that a number can be; one that is not here is limited by its type.
MOST: dict[str, float] = {
    "int": INTEGERS[-1],
    "float": sys.float_info.max,
    "seconds": MOST_SECONDS,
    "megabytes": 10**9,  # a petabyte
    "snapshots": ALL,
    "jobs": MOST_JOBS,
}
MOST_CELLS = 100_000  # made in a few seconds
LONGEST = 200  # characters of a campaign's name
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
        known = nearest(campaign[:LONGEST], ready())
        raise UsageError(f"there is no campaign {brief(campaign)}{known}, or give a file NAME.toml")
    text = toml_file.read(path)
    content = toml_file.parse(text, str(path))
    return plan(path.stem, text, content, dict(map(_override, overrides)), where=str(path))


def plan(name: str, text: str, content: Mapping[str, Any], overrides: Mapping[str, Any], where: str) -> Plan:
    """The cells that the content of a file describes; the overrides apply to every block."""
    _check_keys([*content, *overrides], TOP, where)
    content = {**content, **overrides}
    name = _name(content.get("name", name), where)
    blocks = content.get("block", [{}])
    if not (isinstance(blocks, list) and all(isinstance(block, dict) for block in blocks)):
        raise UsageError(f"{where}: write a block as [[block]]")
    snapshots = content.get("snapshots", 16)
    snapshots = ALL if snapshots == "all" else _number("snapshots", snapshots, int, where, least=0)
    jobs = _number("jobs", content["jobs"], int, where) if "jobs" in content else None
    common, above = _of_blocks(content), _of_blocks(overrides)
    products: list[tuple[str, Product]] = []
    for number, block in enumerate(blocks, 1):
        here = f"{where}, block {number}" if len(blocks) > 1 else where
        _check_keys(block, BLOCK, here)
        label = _typed("name", block.get("name", ""), str, here)
        products.append((label, _product({**common, **_of_blocks(block), **above}, here)))
    _check_count(sum(product.cells for _, product in products), where)
    known = cache(facts)  # the same problem may be in many blocks
    cells: dict[Cell, str] = {}  # with the name of the first block that has it
    for label, product in products:
        for cell in _cells(product, known):
            cells.setdefault(cell, label)
    if overrides:
        text += "\n# on the command line: " + ", ".join(f"{key} = {value!r}" for key, value in overrides.items()) + "\n"
    return Plan(name, text, tuple(cells), snapshots, jobs, tuple(cells.values()))


def _of_blocks(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key in DEFAULTS}


def _check_keys(keys: Iterable[str], known: Sequence[str], where: str) -> None:
    for key in keys:
        if key not in known:
            raise UsageError(f"{where}: there is no key {brief(key)}{nearest(key[:LONGEST], known)}")


def _check_count(count: int, where: str) -> None:
    if count > MOST_CELLS:
        raise UsageError(
            f"{where}: these are {count:,} cells, problems times solvers times starts; a campaign has at most "
            f"{MOST_CELLS:,}: ask for less, or make several campaigns, whose stores can be merged"
        )


def _override(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--set takes KEY=VALUE, not {text!r}")
    key, value = key.strip(), value.strip()
    try:
        read = toml_file.parse(f"value = {value}", "--set")["value"]
    except toml_file.NoToml:
        read = value  # a bare word is a text
    return key, [read] if key in ("problems", "solvers", "starts") and isinstance(read, str) else read


class Product(NamedTuple):
    """What a block lists, checked, and where it is in the file; its cells are the product of the lists."""

    where: str
    given: Mapping[str, Any]
    problems: list[str]
    variants: list[dict[str, Any]]
    solvers: list[str]
    starts: list[str]
    seeds: range

    @property
    def cells(self) -> int:
        """The number of cells, before any is made."""
        return len(self.problems) * len(self.variants) * len(self.solvers) * len(self.starts) * self.repetitions

    @property
    def repetitions(self) -> int:
        """The number of seeds, which may be more than a list can have."""
        return self.seeds.stop - self.seeds.start


def _product(block: Mapping[str, Any], where: str) -> Product:
    given = {**DEFAULTS, **block}
    if not any(block.get(key) is not None for key in BUDGETS):
        raise UsageError(f"{where}: no budget; set one of {', '.join(BUDGETS)}")
    problems, solvers, starts = (_texts(key, given[key], where) for key in ("problems", "solvers", "starts"))
    first_seed = _number("first_seed", given["first_seed"], int, where, least=0)
    seeds = range(first_seed, first_seed + _number("repetitions", given["repetitions"], int, where))
    if seeds.stop > INTEGERS.stop:
        raise UsageError(f"{where}: first_seed and repetitions lead to seeds above 2^63 - 1; take a lower first_seed")
    return Product(where, given, problems, _variants(given["variants"], where), solvers, starts, seeds)


def _cells(product: Product, facts: Callable[[str, tuple[str, ...]], Facts]) -> Iterator[Cell]:
    """The product of what a block lists, the problems outermost."""
    for solver in product.solvers:
        SOLVERS.bind(parse(solver))
    drawn = [repeated for start in product.starts for repeated in _repeated(start, product.seeds)]
    for text, variant in itertools.product(product.problems, product.variants):
        name = str(_with(parse(text), variant))
        task = facts(name, tuple(dict.fromkeys(start for start, _ in drawn)))
        limits = _limits(product.given, task, product.where)
        for solver in product.solvers:
            if why := why_not(solver, task):
                raise UsageError(f"{product.where}: {why}")
        for solver, (start, seed) in itertools.product(product.solvers, drawn):
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
        calls=calls or (per_variable and _calls(per_variable * task.dimension, where)),
        iterations=bound("iterations", int),
        seconds=bound("seconds"),
        megabytes=bound("megabytes", int),
        target=None if target is None else _loss("target", target, where),
        **{key: bound(key) for key in ("ftol", "xtol", "gtol")},
    )


def _calls(calls: float, where: str) -> int:
    if calls >= INTEGERS.stop:
        raise UsageError(f"{where}: calls_per_variable leads to more than 2^63 - 1 calls; take fewer")
    return max(1, round(calls))


def _variants(value: Any, where: str) -> list[dict[str, Any]]:
    if not (isinstance(value, list) and value and all(isinstance(variant, dict) for variant in value)):
        raise UsageError(f"{where}: variants takes a list of tables of a problem's options, such as [{{}}, {{n = 6}}]")
    for option, given in itertools.chain.from_iterable(variant.items() for variant in value):
        if not re.fullmatch(r"\w+", option):
            raise UsageError(f"{where}: variants: {brief(option)} is no option of a problem")
        if not isinstance(given, bool | int | float | str) or (isinstance(given, str) and '"' in given):
            raise UsageError(f"{where}: variants: {option} takes true, false, a number or a text, not {brief(given)}")
    return value


def _texts(key: str, value: Any, where: str) -> list[str]:
    if not (isinstance(value, list) and value and all(isinstance(text, str) for text in value)):
        raise UsageError(f"{where}: {key} takes a list of one or more names in quotation marks, not {brief(value)}")
    return value


def _number(key: str, value: Any, kind: type, where: str, least: float = 1) -> Any:
    """The value as a number of this kind; raises UsageError if it is none, or outside of what the key can be."""
    most = MOST.get(key, MOST[kind.__name__])
    number = isinstance(value, int if kind is int else int | float) and not isinstance(value, bool)
    if not number or not least <= value <= most or (kind is float and value <= 0):
        high = "2^63 - 1" if most == INTEGERS[-1] else f"{most:,.0f}" if most < 1e15 else f"{most:.3g}"
        wanted = f"a whole number from {least:g} to {high}" if kind is int else f"a number above 0, at most {high}"
        raise UsageError(f"{where}: {key} takes {wanted}, not {brief(value)}")
    return value if kind is int else float(value)


def _loss(key: str, value: Any, where: str) -> float:
    """A finite number, which may be negative."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not -MOST["float"] <= value <= MOST["float"]:
        raise UsageError(f"{where}: {key} takes a number that is finite, not {brief(value)}")
    return float(value)


def _typed(key: str, value: Any, kind: type, where: str) -> Any:
    if not isinstance(value, kind):
        raise UsageError(f"{where}: {key} cannot be {brief(value)}")
    return value


def _name(value: Any, where: str) -> str:
    """The campaign's name, which is also that of its store."""
    name = str(_typed("name", value, str, where))
    if not 0 < len(name) <= LONGEST or any(map(is_hidden, name)) or set(name) & set("/\\"):
        wanted = f"of 1 to {LONGEST} characters, without slashes and control characters, all UTF-8"
        raise UsageError(f"{where}: the name of a campaign is a text {wanted}, not {brief(name)}; give name = ...")
    return name
