"""The commands, campaigns and Python examples of the documentation run as they stand, in a folder of their own."""

import contextlib
import io
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from mdsbench.campaigns import plan
from mdsbench.cli import main
from mdsbench.registry.registry import SOLVERS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "data" / "README.md", *sorted(ROOT.glob("docs/*.md"))]
PROGRAMS = ("mdsbench", "python", "make", "dask", "pip", "kubectl", ".venv/bin/", "../.venv/bin/", "cd ", ". ")

# What the tests do not run as it stands, as regular expressions, with the reason. Its words are checked all the same:
# options, campaigns, targets of make and scripts exist.
NOT_RUN = {
    r"make .*": "CI runs these targets, and `make bench` takes an hour",
    r"mdsbench run (ladder|large|noise|scaling|training)\b.*": "takes minutes to hours",
    r"mdsbench reproduce --(solver cobyqa|film|formats) .*": "takes minutes; `make reproduce` runs the plain command",
    r"mdsbench serve .*": "serves until it is interrupted; test_serve.py does",
    r"mdsbench verify .*": "needs a page of a store; test_verification.py has one",
    r"python (tests|benchmarks|data)/.*": "takes minutes to an hour",
    r"mdsbench (draw|report) .*": "films take half a minute; test_atlas.py and test_main.py run these commands",
    r"mdsbench recommend .* --budget (1000|2000)": "takes long; tests/campaigns/test_own_functions.py is smaller",
    r"python -m venv .*": "the environment is for a script that is not run",
    r"pip install .*": "needs the network; CI installs",
    r"dask .*": "the tests of the cluster start these",
    r"kubectl .*": "needs a cluster",
    r"cd benchmarks .*|\.\./\.venv/bin/asv .*": "measures for an hour",
    r"\. \.venv/bin/activate": "the tests run in the environment",
}
NEEDS_A_CLUSTER = ("dask_jobqueue", "dask_kubernetes")


class Command(NamedTuple):
    """A line of a page."""

    page: str
    line: str

    @property
    def runs(self) -> bool:
        return not any(re.fullmatch(pattern, self.line) for pattern in NOT_RUN)


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def lines(page: Path) -> list[str]:
    """The commands of a page, each once: in blocks that are fenced or indented, before a comment or two spaces."""
    text = page.read_text(encoding="utf-8")
    fenced = [line for language in ("sh", "text") for block in blocks(page, language) for line in block.splitlines()]
    indented = re.findall(
        r"^ {4}(\S.*)", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE
    )
    written = [re.split(r"\s{2,}|\s+#", line)[0] for line in [*fenced, *indented]]
    return [line for line in dict.fromkeys(written) if line.startswith(PROGRAMS)]


COMMANDS = [Command(page, line) for line, page in {line: page.name for page in PAGES for line in lines(page)}.items()]
CAMPAIGNS = [(page.name, text) for page in PAGES for text in blocks(page, "toml")]
EXAMPLES = [(page.name, code) for page in PAGES for code in blocks(page, "python")]


def test_the_pages_have_commands_campaigns_and_examples() -> None:
    assert len(COMMANDS) > 30
    assert sum(command.runs for command in COMMANDS) > 8
    assert CAMPAIGNS
    assert len(EXAMPLES) > 3


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.line.startswith("mdsbench ")], ids=lambda c: c.line)
def test_the_command_line_understands_every_line(command: Command) -> None:
    words = shlex.split(command.line)[1:]
    options = main._parser().parse_args(words)
    if words[0] == "run" and not words[1].endswith(".toml"):
        assert plan.load(words[1], options.set).cells


@pytest.mark.parametrize("pattern", NOT_RUN)
def test_every_exception_is_needed(pattern: str) -> None:
    assert any(re.fullmatch(pattern, command.line) for command in COMMANDS)


def test_the_targets_and_scripts_in_the_pages_exist() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"(?:^ *|`)make ([a-z][a-z-]*)", text, flags=re.MULTILINE):
            assert target in targets, f"{page.name}: make {target}"
        for script in re.findall(r"python\s+((?:benchmarks|tests|data)/[\w/]+\.py)", text):
            assert (ROOT / script).is_file(), f"{page.name}: {script}"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the pages speak of: a solver in a file, and small stores under the names there."""
    folder = tmp_path_factory.mktemp("stage")
    (folder / "path").mkdir()
    (example,) = (code for _, code in EXAMPLES if '@mdsbench.solver("mine"' in code)
    problem = "import mdsbench\n\n\n@mdsbench.problem('my_problem', reference='me')\ndef my_problem():\n"
    problem += "    return mdsbench.problem_from_coordinates([48.8, 52.5, 41.9, 40.4], [2.4, 13.4, 12.5, -3.7])\n"
    mine = example + example.split("import mdsbench\n")[1].replace('"mine"', '"my_solver"').replace(
        "def mine", "def my_solver"
    )
    (simulator,) = (code for page, code in EXAMPLES if page == "own-function.md" and "def loss" in code)
    (folder / "simulator.py").write_text(simulator)
    for place in (folder, folder / "path"):
        (place / "mine.py").write_text(mine + problem.split("import mdsbench\n")[1])
    small = "--set solvers=l-bfgs --set starts=published"
    for line in (
        "mdsbench run quick --set repetitions=1",
        f"mdsbench run quick {small} --set problems=cities-6 --store elsewhere.sqlite",
        f"mdsbench run quick {small} --set problems=places-100 --store large.sqlite",
        f"mdsbench run quick {small} --set 'problems=logistic-regression(pixels=4,classes=2)' --store training.sqlite",
        "mdsbench reproduce --cities 6 --starts 1 --no-animation",
    ):
        run(line, folder)
    return folder


def run(line: str, folder: Path) -> str:
    """What the command prints; it must end well. Programs but ours have a process of their own."""
    words = shlex.split(line)
    if words[0] == "mdsbench":
        printed = io.StringIO()
        with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
            assert main.main(words[1:]) == 0, line
        return printed.getvalue()
    ended = subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{line}: {ended.stderr}"
    return ended.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", [c for c in COMMANDS if c.runs], ids=lambda c: c.line)
def test_a_command_runs_as_it_stands(command: Command, stage: Path, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    shutil.copytree(stage, folder)
    if command.line.startswith("mdsbench run"):  # what it has to do is not done yet
        (folder / "quick.sqlite").unlink()
    said = run(command.line, folder)
    assert "Traceback" not in said
    if command.line.startswith("mdsbench run"):
        assert " 0 failed, 0 running, 0 left" in said


@pytest.mark.slow
@pytest.mark.parametrize(("page", "text"), CAMPAIGNS)
def test_a_campaign_runs_as_it_stands(page: str, text: str, stage: Path, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    shutil.copytree(stage, folder)
    (folder / "campaign.toml").write_text(text)
    assert " 0 failed, 0 running, 0 left" in run("mdsbench run campaign.toml", folder)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What an example may take for granted: a user's function, its gradient, and a start."""
    monkeypatch.chdir(tmp_path)
    known = {"fun": lambda x: float(x @ x), "gradient": lambda x: 2.0 * x, "x0": np.ones(2)}
    yield {**known, "solver": lambda *_, **__: lambda function: function}  # it registers none of the package's again
    SOLVERS.pop("mine", None)


@pytest.mark.parametrize(("page", "code"), EXAMPLES)
def test_an_example_runs_as_it_stands(page: str, code: str, names: dict[str, Any]) -> None:
    program = compile(code, page, "exec")
    if not any(library in code for library in NEEDS_A_CLUSTER):
        exec(program, names)
