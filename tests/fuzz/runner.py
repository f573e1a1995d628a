"""Runs targets on hostile input, and says what went wrong: a crash, a hang, or memory without bound."""

from __future__ import annotations

import random
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from dsv.errors import DsvError

from .mutator import mutate

BUG = 70
LONGEST_SECONDS = 20
"""Processor time for one input, however busy the machine is; good input of this size takes milliseconds."""

MOST_MEMORY = 400 << 10
"""KiB by which one input may raise the highest memory use of the process."""


class TooSlowError(BaseException):
    """An input took too long. No Exception, so that nothing on the way takes it for one of its own."""


@dataclass(frozen=True)
class Target:
    """One reader: good input for it, and what to do with an input.

    `run` raises DsvError where dsv refuses the input by name, and anything else where something is wrong.
    """

    name: str
    good: Sequence[bytes]
    run: Callable[[bytes], None]


@dataclass(frozen=True)
class Finding:
    """An input that a target could not cope with: the number that makes it again, and what happened."""

    target: str
    number: int
    data: bytes
    said: str

    def __str__(self) -> str:
        shown = repr(self.data) if len(self.data) < 2000 else f"{self.data[:2000]!r}... ({len(self.data)} bytes)"
        return f"{self.target} --number {self.number}\n{shown}\n{self.said}"


def hostile(target: Target, *, seed: int, number: int) -> bytes:
    """The input with a number: the same one whenever it is asked for."""
    choose = random.Random(f"{seed}/{target.name}/{number}")  # noqa: S311 - the same again, not secret
    return mutate(choose.choice(target.good), others=target.good, choose=choose)


def attack(target: Target, *, seed: int, numbers: Iterator[int] | range) -> Iterator[Finding | None]:
    """What each of the inputs does to the target: a finding, or None where all is well."""
    for number in numbers:
        data = hostile(target, seed=seed, number=number)
        said = outcome(target, data)
        yield Finding(target.name, number, data, said) if said else None


def outcome(target: Target, data: bytes) -> str:
    """What went wrong with one input, empty where nothing did."""
    before = _highest_memory()
    unseen: list[str] = []
    try:
        with _limited(LONGEST_SECONDS), _noting(unseen):
            target.run(data)
    except DsvError as error:
        said = refusal_problem(error)
    except TooSlowError:
        said = f"took more than {LONGEST_SECONDS} s of processor time\n{traceback.format_exc()}"
    except Exception:  # noqa: BLE001 - whatever escapes is what is looked for
        said = traceback.format_exc()
    else:
        said = ""
    said = said or "\n".join(unseen)
    grown = _highest_memory() - before
    return said or (f"took {grown >> 10} MiB of memory" if grown > MOST_MEMORY else "")


def refusal_problem(error: DsvError) -> str:
    """What is wrong with a refusal, which people read on a terminal: empty where it is as it must be."""
    if error.code == BUG:
        return f"refused as a bug: {error.message!r}"
    return line_problem(error.message)


def line_problem(text: str) -> str:
    """What is wrong with a line that people read, empty where nothing is."""
    if not text.strip():
        return "an empty message"
    if not text.isprintable():
        return f"a message with control characters: {text!r}"
    return f"a message of {len(text)} characters: {text[:200]!r}" if len(text) > 1000 else ""


def _highest_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@contextmanager
def _noting(unseen: list[str]) -> Iterator[None]:
    """Inside, errors that Python only prints, those of a finalizer, are kept."""

    def note(unraisable: sys.UnraisableHookArgs) -> None:
        unseen.append("".join(traceback.format_exception(unraisable.exc_value)))

    before, sys.unraisablehook = sys.unraisablehook, note
    try:
        yield
    finally:
        sys.unraisablehook = before


@contextmanager
def _limited(seconds: int) -> Iterator[None]:
    """At most so much processor time inside; TooSlowError where it is used up."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
