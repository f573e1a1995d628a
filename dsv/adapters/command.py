"""A command that somebody gives, run to its end: what it prints is its own, and signals are meant for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from types import FrameType

from dsv.errors import ExternalError, NoPathError

_PASSED_ON = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGCONT")
_FROM_KEYS = frozenset({signal.SIGINT, getattr(signal, "SIGQUIT", signal.SIGINT)})
"""What a terminal sends by itself to whatever runs in its foreground, the command too."""
_BY_SIGNAL = 128


class Output(Enum):
    """Where the command's standard output goes."""

    OWN = "own"
    """Where that of this process goes."""
    STDERR = "stderr"


def run_command(command: Sequence[str], *, environment: Mapping[str, str], output: Output = Output.OWN) -> int:
    """The exit code of the command, 128 and the number of the signal that ended it; `environment` is added to ours.

    Signals that come meanwhile go to the command, and this process lives until it has ended. Errors: NoPathError where
    there is no such program, ExternalError where it cannot be started.
    """
    with _held_signals() as signals:
        process = _start(command, environment={**os.environ, **environment}, output=output)
        signals.pass_on_to(process)
        ended = process.wait()
    return ended if ended >= 0 else _BY_SIGNAL - ended


def signal_name(exit_code: int) -> str | None:
    """The signal that an exit code of `run_command` tells of: `SIGKILL` for 137; None for others."""
    try:
        return signal.Signals(exit_code - _BY_SIGNAL).name
    except ValueError:
        return None


def _start(command: Sequence[str], *, environment: Mapping[str, str], output: Output) -> subprocess.Popen[bytes]:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    try:
        return subprocess.Popen(command, env=environment, stdout=2 if output is Output.STDERR else None)
    except FileNotFoundError as error:
        raise NoPathError(f"there is no program {command[0]!a}", hint="look at its spelling and at PATH") from error
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise ExternalError(f"{command[0]!a} cannot be started: {said}", hint="is it executable?") from error


class _Signals:
    """Signals that wait for a process to be passed on to."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def pass_on_to(self, process: subprocess.Popen[bytes]) -> None:
        """They go to the process from now on, those that came before it began too."""
        self._process = process
        early, self._early = self._early, []
        for number in early:
            process.send_signal(number)

    def receive(self, number: int, _: FrameType | None) -> None:
        """What Python calls for a signal."""
        if self._process is None:
            self._early.append(number)
        elif number not in _FROM_KEYS or not _in_foreground():
            self._process.send_signal(number)


@contextmanager
def _held_signals() -> Iterator[_Signals]:
    """While it is open, signals to this process are for another one; Python lets only the main thread decide that."""
    signals = _Signals()
    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in _PASSED_ON:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, signals.receive)
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _in_foreground() -> bool:
    """Whether a terminal that is ours counts this process among those in its foreground."""
    with _terminal() as terminal:
        try:
            return terminal is not None and os.tcgetpgrp(terminal) == os.getpgrp()
        except OSError:
            return False


@contextmanager
def _terminal() -> Iterator[int | None]:
    try:
        handle = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        yield None
        return
    try:
        yield handle
    finally:
        os.close(handle)
