"""Promises: checks in words, which are made in a process that can be killed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Generic, TypeVar

from mdsbench.errors import UsageError
from mdsbench.execution import pool
from mdsbench.problems.edge import ProblemError
from mdsbench.registry.mishaps import in_one_line
from mdsbench.registry.registry import Registry

Subject = TypeVar("Subject")
Answer = TypeVar("Answer")
Question = tuple[str, str]  # a promise, and the name of what is checked


class Broken(AssertionError):
    """A promise that is not kept; the message says what to mend."""


class Promises(dict[str, Callable[[Subject], None]], Generic[Subject]):
    """Checks by the promise that each tests. A check raises Broken."""

    def __init__(self) -> None:
        super().__init__()
        self._given: dict[str, Callable[[Subject], bool]] = {}

    def promise(
        self, words: str, given: Callable[[Subject], bool] = lambda _: True
    ) -> Callable[[Callable[[Subject], None]], Callable[[Subject], None]]:
        """Decorate a check to enter it under its promise, which concerns the subjects of which `given` is true."""

        def enter(check: Callable[[Subject], None]) -> Callable[[Subject], None]:
            self[words], self._given[words] = check, given
            return check

        return enter

    def concerning(self, subject: Subject) -> list[str]:
        """The promises that concern it."""
        return [words for words, given in self._given.items() if given(subject)]

    def fault(self, words: str, subject: Subject) -> str:
        """What is wrong with a promise, in words; empty if it is kept."""
        try:
            self[words](subject)
        except Broken as broken:
            return str(broken)
        except ProblemError as error:
            return str(error)
        except (Exception, SystemExit) as error:
            return f"it failed: {in_one_line(error)}"
        return ""


def is_only_here(registry: Registry, name: str) -> bool:
    """Whether the entry was registered in this session, so that no other process can find it."""
    return name in registry and ":" not in name and not registry.is_ours(name) and name not in registry.points()


def ask(function: Callable[[str], Answer], name: str, seconds: float) -> Answer:
    """The function's answer about what has this name, from another process; raises UsageError if there is none."""

    def noted(_: str, ending: str, message: str, __: float) -> UsageError:
        why = f"it was not loaded after {seconds:g} s" if ending == "timeout" else message
        return UsageError(f"{name} cannot be loaded: {why}")

    answers: Iterable[Answer | UsageError] = pool.apply(function, [name], 1, limit=lambda _: seconds, lost=noted)
    (answer,) = answers
    if isinstance(answer, UsageError):
        raise answer
    return answer


def examine(
    fault: Callable[[Question], str], promises: Sequence[str], name: str, seconds: float, hint: str = ""
) -> Iterator[tuple[str, str]]:
    """Each promise and its fault, from another process, which is killed if a check takes more than so many seconds."""

    def lost(_: Question, ending: str, message: str, __: float) -> str:
        return f"it was still running after {seconds:g} s{hint}" if ending == "timeout" else message

    questions = [(words, name) for words in promises]
    answers = pool.apply(fault, questions, 1, limit=lambda _: seconds, lost=lost)  # one worker keeps the order
    with closing(answers):
        yield from zip(promises, answers, strict=True)


def require(faults: Iterator[tuple[str, str]], name: str) -> None:
    """Raise Broken, with all faults in words, if there are any."""
    found = [f"{words}: {fault}" for words, fault in faults if fault]
    if found:
        raise Broken("\n".join([f"{name} breaks {len(found)} of its promises", *found]))
