"""What `import mdsbench` offers: a dozen names, each documented with an example that runs."""

import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import mdsbench

FUNCTIONS = [name for name in mdsbench.__all__ if name not in ("Problem", "__version__")]


def test_dir_lists_the_public_names_and_each_exists() -> None:
    assert dir(mdsbench) == sorted(mdsbench.__all__)
    assert all(getattr(mdsbench, name) is not None for name in dir(mdsbench))


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'minimise'"):
        mdsbench.minimise  # noqa: B018


def test_importing_the_package_imports_nothing_heavy(tmp_path: Path) -> None:
    code = "import sys, mdsbench; dir(mdsbench)\n"
    code += "print([name for name in ('numpy', 'scipy', 'pandas', 'matplotlib', 'rich') if name in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert printed.stdout == "[]\n"


@pytest.mark.usefixtures("restored_registries")
@pytest.mark.parametrize("name", [*FUNCTIONS, "mdsbench"])
def test_the_example_of_each_public_name_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (mdsbench if name == "mdsbench" else getattr(mdsbench, name)).__doc__
    assert text
    example = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    assert example.examples
    report: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example, out=report.append)
    assert result.failed == 0, "".join(report)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_public_function_has_the_sections_of_numpydoc(name: str) -> None:
    text = getattr(mdsbench, name).__doc__
    for section in ("Parameters", "Returns", "Raises", "Examples"):
        assert f"\n    {section}\n    {'-' * len(section)}\n" in text or f"\n{section}\n{'-' * len(section)}\n" in text
