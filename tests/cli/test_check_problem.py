"""A problem held to its promises from the command line."""

from collections.abc import Iterator

import pytest

from mdsbench import testing
from mdsbench.cli.main import main


@pytest.mark.parametrize(("fault", "code"), [("", 0), ("the gradient is [wrong]", 1)])
def test_each_promise_is_a_line_and_a_fault_is_exit_code_1(
    fault: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def examine_problem(name: str, *, seconds: float) -> Iterator[tuple[str, str]]:
        assert (name, seconds) == ("sphere-2", 7)
        yield "has a docstring", ""
        yield "has the right gradient", fault

    monkeypatch.setattr(testing, "examine_problem", examine_problem, raising=False)
    monkeypatch.setattr(testing, "describe_problem", lambda *_, **__: ["It is a bowl."])
    assert main(["check-problem", "sphere-2", "--seconds", "7"]) == code
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "It is a bowl.",
        "✓ has a docstring",
        f"✗ has the right gradient: {fault}" if fault else "✓ has the right gradient",
        f"sphere-2 keeps {2 - code} of 2 promises",
    ]
    assert printed.err == ("mdsbench: sphere-2 breaks 1 of 2 promises\n" if fault else "")
