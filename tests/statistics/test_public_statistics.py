"""What `mdsbench.statistics` offers: functions, each documented with an example that runs."""

import doctest
import subprocess
import sys

import pytest

from mdsbench import statistics

NAMES = statistics.__all__


def test_dir_lists_the_public_names_and_each_is_a_function() -> None:
    assert dir(statistics) == sorted(NAMES)
    assert all(callable(getattr(statistics, name)) for name in NAMES)


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'median'"):
        statistics.median  # noqa: B018


def test_a_name_is_its_function_whichever_file_was_imported_first() -> None:
    files = sorted(set(statistics._LAZY.values()))
    code = "\n".join(f"import mdsbench.statistics.{file}" for file in files)
    code += "\nfrom mdsbench import statistics\n"
    code += "assert all(callable(getattr(statistics, name)) for name in statistics.__all__)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys; from mdsbench import statistics; dir(statistics)\n"
    code += "print([name for name in ('numpy', 'scipy', 'pandas', 'matplotlib', 'rich') if name in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout == "[]\n"


@pytest.mark.parametrize("name", [*NAMES, "statistics"])
def test_the_example_of_each_public_name_runs(name: str) -> None:
    text = (statistics if name == "statistics" else getattr(statistics, name)).__doc__
    assert text
    names = {} if name == "statistics" else dict(vars(sys.modules[getattr(statistics, name).__module__]))
    example = doctest.DocTestParser().get_doctest(text, names, name, None, None)
    assert example.examples
    report: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example, out=report.append)
    assert result.failed == 0, "".join(report)
