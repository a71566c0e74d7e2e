"""What every oracle has, whatever it answers: it charges, records and stops. Its questions are in the other files.

What a solver asks is charged: function values, directional derivatives, gradients and Hessian-vector products, each
counted apart, and the terms that each touched (pairs of points of a map), so that part of a pass costs part of a call.
A pass for a derivative yields the value as well: that is recorded, not charged a second time. A call is charged when it
is made, so one that raises is charged too. Only a charged evaluation makes an improvement, reaches the target or is the
result.

An iterate is a position that the solver has moved to. It is free of charge and goes into the path, with its loss if the
solver asks there next. If not, the referee looks: it evaluates the function there for the path alone, off the clock,
and counts this in `looks`. A function of a user's is looked at only if this is asked for.

A run ends by `Stop`, raised at the exact call that the limits no longer allow, or that reaches the target. It
derives from BaseException so that a solver's `except Exception` does not eat it; one that catches everything gets it
again at its next call, and no call after the first `Stop` is computed. A problem's function that raises ends the run.

A value that is not a finite number is an answer, for a method that compares values: inf, also for NaN. A gradient there
is the end of the run: there is no direction to follow.

A problem may disturb what the solver receives (noise, rounding): the records, the target and the stopping criteria
keep to the undisturbed numbers. Where values are noisy by themselves, nobody knows the undisturbed numbers, and the
lowest value is the luckiest. The result is then valued again by calls that the budget and the time limit keep for it,
see `revalue`. A value that reaches the target is valued again at once, and the run ends only if the mean reaches it.

Calls from several threads are made one after the other. An oracle cannot be sent to another process, where calls would
be charged to a copy.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf, isfinite, isnan, nan
from threading import RLock, get_ident
from time import perf_counter
from typing import Any, NoReturn, TypeVar

import numpy as np

from mdsbench.errors import UsageError, in_words
from mdsbench.oracle.account import Limits, Moment, SolverError, Stop, StoppedInThread
from mdsbench.oracle.claims import Claims
from mdsbench.oracle.endings import Ending
from mdsbench.oracle.path import Path
from mdsbench.oracle.valued import Valued
from mdsbench.problems.edge import ProblemError
from mdsbench.problems.problem import Array, Problem

DOUBLE = np.dtype(float)

Number = TypeVar("Number", float, Array)
Answer = TypeVar("Answer")


class _Process:
    """Stands for the process: another object in each process that is forked."""

    here = object()

    @classmethod
    def forked(cls) -> None:
        """Stand for the new process."""
        cls.here = object()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_Process.forked)


class Referee:
    """The account, the records and the end of a run. It answers no question.

    `improvements` is the account at every new lowest loss; `path` is the account and the position at the iterates, see
    `mdsbench.oracle.path.Path`, and of large maps no more than fit into `path_bytes`; `best_x` is where the lowest loss
    was found. `remarks` are sentences of the solver's for the message of the run's end. `claims` is what the solver's
    library says that it has called. `callback(x,
    best_loss)` is called at every iterate; if it raises StopIteration, the run ends.

    A look costs a pass. The referee looks at the first `every_iterate` iterates where the solver asks nothing, then at
    ever fewer (each 1 % later), and where a pass is long at most once in three passes of the solver's.
    """

    every_iterate = 512
    path_bytes = 2**26
    most_idle_iterates = 10_000
    long_pass = 100_000  # terms

    def __init__(
        self,
        problem: Problem,
        x: Array,
        limits: Limits,
        rng: np.random.Generator | None = None,
        snapshots: int = 512,
        clock: Callable[[], float] = perf_counter,
        look: bool | None = None,
    ) -> None:
        """`rng` is where the noise of a noisy problem comes from; without one, a fixed seed. `clock` gives seconds.

        `look` says whether the referee looks at iterates; by default if the function is one of this package.
        """
        self.dimension = problem.dimension
        self.smoothness = problem.smoothness
        self.best_known = problem.best_known  # for Polyak's step alone: no other solver knows where it is going
        self.bounds = problem.bounds
        self.noise = problem.noise
        self.terms_per_pass = problem.terms
        self.batch = problem.batch
        self.iterations = self.evaluations = self.gradients = self.hessian_vectors = self.terms = self.looks = 0
        self.comparisons = self.directional_derivatives = 0
        self.improvements: list[Moment] = []
        self.remarks: list[str] = []
        self.claims: Claims | None = None
        self.callback: Callable[[Array, float], object] | None = None
        self.best_loss = inf
        self.stopped: Stop | None = None
        self._problem = problem
        self._observe = problem.observe
        self._rng = rng or np.random.default_rng(0)
        self._shape = (problem.dimension,)
        self._limits = limits
        self._repeats = problem.repeats if limits.calls is None else min(problem.repeats, limits.calls // 2)
        self._affordable = inf if limits.calls is None else (limits.calls - self._repeats) * problem.terms
        self._target = -inf if limits.target is None else limits.target
        self._valued: Valued | None = None  # the result, if it was valued again
        self._lucky = 0  # values that reached the target by luck
        self._best_position = self._last_position = self._unseen = _position(x)  # the start is the first iterate
        self._last_loss = nan
        self._path = Path(snapshots, max(64, self.path_bytes // x.nbytes))
        self._looks_at_all = problem.ours if look is None else look
        self._last_asked = self._terms_at_look = self._next_look = 0
        self._lock, self._thread, self._process = RLock(), get_ident(), _Process.here
        self._clock = clock
        self._began = clock()
        self._deadline = inf if limits.seconds is None else self._began + limits.seconds
        self._there = self._moment(nan)  # the account at the unseen iterate

    def __reduce__(self) -> NoReturn:
        """Raise SolverError: a copy of the oracle would not charge this one."""
        raise SolverError("the oracle cannot be sent to another process: evaluate in this one, for example workers=1")

    def iterate(self, x: Array) -> None:
        """Take note that the solver has moved to x: free of charge."""
        with self._lock:
            if self.stopped or self._process is not _Process.here:
                self._refuse()
            if type(x) is not np.ndarray or x.shape != self._shape or x.dtype is not DOUBLE:
                x = self._converted(x, "moved to {}; yield arrays of shape {}")
            if self._unseen:
                self._pass_by()
            self.iterations += 1
            if self.iterations - self._last_asked > self.most_idle_iterates:
                raise SolverError(f"{self.most_idle_iterates} iterates without a question: ask the oracle, or return")
            position = _position(x)
            if position != self._best_position:
                self._unseen = position
                if self.iterations >= self._path.next:
                    self._there = self._moment(nan)
            else:  # most iterates are where the lowest loss was just found
                if self.iterations >= self._path.next:
                    self._path.add(self._moment(self.best_loss), position)
                self._compare(self.best_loss)
            if self.callback is not None:
                self._call_back(x)
            if self._limits.xtol is not None:
                if np.linalg.norm(x - np.frombuffer(self._last_position)) < self._limits.xtol:
                    self._stop(Ending.CONVERGED, f"|dx| < {self._limits.xtol:g}")
                self._last_position = position
            if self._limits.iterations is not None and self.iterations >= self._limits.iterations:
                self._stop(Ending.BUDGET, f"all {self.iterations} iterations are spent")

    def diverge(self, message: str) -> NoReturn:
        """End the run: the solver has no finite number to go on with."""
        self._stop(Ending.DIVERGED, message)

    def settle(self) -> None:
        """Write the last iterate down, as the end of a run must."""
        if self._unseen:
            self._pass_by(last=True)

    def revalue(self, ask: bool = True) -> None:
        """Value the result again where values are noisy by themselves: the mean of those values is its loss.

        They are charged, and the budget and the time limit keep them. The first call that raises is the last one. The
        records that are not above the mean are dropped, because they were luck. The result counts as found when its own
        record was made. If there is no new value, because `ask` is false or there is no time left, all records are
        dropped, and the loss is not known: inf.
        """
        with self._lock:
            if not self._repeats or not self.improvements:
                return
            self._end()
            if not self._valued:
                self._value_again(self._repeats if ask else 0)
            assert self._valued
            self.remarks.append(self._valued.in_words())
            if self._lucky:
                self.remarks.append(f"values below the target that were luck: {self._lucky}")

    def close(self, look: bool = True) -> None:
        """End the run for good, with or without a last look: a thread that the solver has left behind asks in vain."""
        with self._lock:
            self._looks_at_all = self._looks_at_all and look
            self._end()
            self.settle()

    def _end(self) -> None:
        """Answer no more questions."""
        if not self.stopped:
            self.stopped = Stop(Ending.CONVERGED, "the run has ended")

    @property
    def path(self) -> list[tuple[Moment, Array]]:
        """The account and the position at the iterates."""
        return self._path.entries

    @property
    def best_x(self) -> Array:
        """Where the lowest loss was found, shape (dimension,): the start, as long as there is none."""
        return np.frombuffer(self._best_position).copy()

    @property
    def seconds(self) -> float:
        """The solver's own time so far."""
        return self._clock() - self._began

    def account(self) -> Moment:
        """What is spent so far, and the lowest loss."""
        return self._moment(self.best_loss)

    @contextmanager
    def off_the_clock(self) -> Iterator[None]:
        """The clock stands still meanwhile."""
        began = self._clock()
        try:
            yield
        finally:
            elapsed = self._clock() - began
            self._began += elapsed
            self._deadline += elapsed

    def _observed(self, number: Number) -> Number:
        """What the solver receives if the undisturbed answer is `number`."""
        return number if self._observe is None else self._observe(number, self._rng)

    def _value_for_solver(self, loss: float) -> float:
        """What the solver receives as a value: NaN is no order, so it is inf."""
        if isnan(loss):
            return inf
        return loss if self._observe is None else self._observed(loss)

    def _refuse(self) -> NoReturn:
        """Raise the end of the run again, or say that this is another process."""
        if self.stopped:
            self._raise_stop()
        raise SolverError("the oracle is asked in another process, where nothing is charged: evaluate in this one")

    def _converted(self, x: Array, words: str) -> Array:
        """What a solver gives, as an array of doubles; raises SolverError with these words."""
        if not isinstance(x, np.ndarray) or x.shape != self._shape or x.dtype.kind not in "fiub":
            raise SolverError(words.format(_described(x), self._shape))
        return np.array(x, dtype=float)

    def _admit(self, x: Array, terms: int) -> Array:
        """Charge a question at x that touches so many terms, or end the run here; x as an array of doubles."""
        if self.stopped or self._process is not _Process.here:
            self._refuse()
        if type(x) is not np.ndarray or x.shape != self._shape or x.dtype is not DOUBLE:
            x = self._converted(x, "asked at {}; this problem takes an array of shape {}")
        if self.terms + terms > self._affordable:
            self._stop(Ending.BUDGET, f"all {self._limits.calls} calls are spent")
        self._in_time()
        self.terms += terms
        self._last_asked = self.iterations
        return x

    def _in_time(self) -> None:
        """End the run if its time is over, but for what is kept to value the result again."""
        now = self._clock()
        if now > self._deadline - (self._kept_seconds(now) if self._repeats else 0.0):
            self._stop(Ending.TIMEOUT, f"the time limit of {self._limits.seconds:g} s is over")

    def _kept_seconds(self, now: float) -> float:
        """The time for the calls that value the result again, at most the time so far."""
        return min(self._repeats * self._seconds_of_a_call(now), now - self._began)

    def _seconds_of_a_call(self, now: float) -> float:
        """The solver's time so far, divided by its calls."""
        return (now - self._began) * self.terms_per_pass / self.terms if self.terms else 0.0

    def _value_again(self, times: int) -> BaseException | None:
        """Value the result again, as often as there is time for, and correct the records; what a call has raised."""
        losses: list[float] = []
        fault: BaseException | None = None
        try:
            while len(losses) < times and not fault:
                now = self._clock()
                if now + self._seconds_of_a_call(now) > self._deadline:
                    break
                self.terms += self.terms_per_pass
                self.evaluations += 1
                try:
                    losses.append(self._problem.value(self.best_x))
                except (Exception, SystemExit) as error:
                    fault = error
        finally:  # also after a KeyboardInterrupt
            self._correct(Valued.of(losses, self.best_loss, fault))
        return fault

    def _correct(self, valued: Valued) -> None:
        """Let the mean of new values be the loss of the result, and drop the records that were luck."""
        found = self.improvements.pop()
        self._valued, self.best_loss = valued, valued.mean
        self.improvements = [moment for moment in self.improvements if moment.loss > valued.mean]
        if isfinite(valued.mean):
            self.improvements.append(found._replace(loss=valued.mean))

    def _computed(self, function: Callable[..., Answer], *arguments: Any) -> Answer:
        """What the problem answers; if it raises, the run ends here and the problem is not asked again."""
        try:
            return function(*arguments)
        except (Exception, SystemExit) as error:
            self._failed(error)

    def _failed(self, error: BaseException) -> NoReturn:
        """End the run: the problem's function has raised."""
        if isinstance(error, UsageError):
            raise error
        if isinstance(error, ProblemError):
            self._stop(Ending.ERROR, str(error))
        if isinstance(error, MemoryError):
            self._stop(Ending.MEMORY, f"there is no memory for an evaluation: {in_words(error)}")
        self._stop(Ending.ERROR, in_words(error))

    def _learn(self, x: Array, loss: float) -> None:
        """Record what a charged evaluation at x has shown; end the run at the target."""
        moved_here = bool(self._unseen) and self._pass_by(x, loss)
        if loss < self.best_loss:
            if loss == -inf:
                self._stop(Ending.DIVERGED, "the value is -inf: the function is not bounded below")
            self.best_loss, self._valued = loss, None
            self._best_position = _position(x)
            self.improvements.append(self._moment(loss))
            if loss <= self._target and self._is_no_luck():
                self._stop(Ending.TARGET, f"the target {self._target:g} is reached")
        if moved_here:
            self._compare(loss)

    def _is_no_luck(self) -> bool:
        """Whether the target is reached by the mean of new values too, if values are noisy by themselves.

        They are charged like the solver's calls, and the last ones are those that the budget keeps.
        """
        if not self._repeats:
            return True
        if fault := self._value_again(self._repeats):
            self._failed(fault)
        reached = self.best_loss <= self._target
        self._lucky += not reached
        return reached

    def _pass_by(self, x: Array | None = None, loss: float = nan, last: bool = False) -> bool:
        """Write the last iterate down if that is due: with `loss`, if the solver has now asked there, at x.

        Returns whether it has.
        """
        position, self._unseen = self._unseen, b""
        asked = x is not None and _position(x) == position
        start = not self.iterations
        if last and self._there.iterations < self.iterations:
            self._there = self._moment(nan)
        if last or start or self.iterations >= self._path.next:
            if not asked and self._looks_at_all:
                if not (last or start or self._worth_a_pass()):
                    return False
                loss = self._look(position)
            self._path.add(self._there._replace(loss=loss if asked or self._looks_at_all else nan), position)
        return asked

    def _look(self, position: bytes) -> float:
        """The loss at an iterate, for the path alone."""
        self.looks += 1
        self._terms_at_look = self.terms
        self._next_look = self.iterations + 1 + max(0, self.iterations - self.every_iterate) // 100
        try:
            with self.off_the_clock(), np.errstate(all="ignore"):
                return self._problem.value(np.frombuffer(position).copy())
        except Exception:  # a look ends no run
            return nan

    def _worth_a_pass(self) -> bool:
        """Whether the referee may spend a pass on an iterate: one that is due and affordable."""
        affordable = self.terms - self._terms_at_look >= 3 * self.terms_per_pass or self.terms_per_pass < self.long_pass
        return affordable and self.iterations >= self._next_look

    def _compare(self, loss: float) -> None:
        """Look whether the loss still changes from one evaluated iterate to the next."""
        if self._limits.ftol is not None:
            change, self._last_loss = abs(loss - self._last_loss), loss
            if change < self._limits.ftol:
                self._stop(Ending.CONVERGED, f"|df| < {self._limits.ftol:g}")

    def _call_back(self, x: Array) -> None:
        assert self.callback
        try:
            with self.off_the_clock():
                self.callback(x.copy(), self.best_loss)
        except StopIteration:
            self._stop(Ending.INTERRUPTED, "the callback ended the run")
        except Exception as error:
            self._stop(Ending.ERROR, f"the callback failed: {in_words(error)}")

    def _moment(self, loss: float) -> Moment:
        seconds = self._clock() - self._began
        account = self.iterations, self.evaluations, self.gradients, self.hessian_vectors, self.terms, seconds, loss
        return tuple.__new__(
            Moment, (*account, self.comparisons, self.directional_derivatives)
        )  # what Moment(*account) does, in half the time

    def _stop(self, ending: Ending, message: str) -> NoReturn:
        if not self.stopped:
            self.stopped = Stop(ending, message)
            self.settle()
        self._raise_stop()

    def _raise_stop(self) -> NoReturn:
        assert self.stopped
        if get_ident() != self._thread:
            raise StoppedInThread(self.stopped.message)
        raise self.stopped


def _position(x: Array) -> bytes:
    """An array's numbers by value: quick to compare, and safe from a solver that changes the array later."""
    return np.asarray(x, float).tobytes()


def _described(x: object) -> str:
    if isinstance(x, np.ndarray):
        return f"an array of shape {x.shape}" + ("" if x.dtype.kind in "fiub" else f" of {x.dtype}")
    return f"{x!r:.60}, which is no array"
