"""git at work for somebody else's repository: what it prints, writes and takes has limits."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from dsv.adapters.git.process import ANY_END, command_of, environment_of, failed, no_git, refuse_of_disk
from dsv.errors import DeadlineError, OutsideError

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.005, 0.2
_GRACE_SECONDS = 2.0


@dataclass(frozen=True)
class Limits:
    """How much a git process may take: seconds in all, seconds without a sign of life, bytes printed or written."""

    seconds: float
    silent_seconds: float
    bytes: int


@dataclass(frozen=True)
class Growing:
    """A directory that a git process writes into; what it had before does not count."""

    directory: str
    before: int

    @classmethod
    def now(cls, directory: str) -> Growing:
        """The directory as it is now."""
        return cls(directory, _size(directory))

    @property
    def bytes(self) -> int:
        """How much more is in it."""
        return max(0, _size(self.directory) - self.before)


def run_within(
    directory: str,
    arguments: Sequence[str],
    *,
    limits: Limits,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    accept: Sequence[int] = (0,),
    growing: Growing | None = None,
    heed: Callable[[str], None] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """The finished git process, ended where it goes past a limit.

    `heed` sees what it says on standard error so far, time and again, and may end it with an error of its own.
    Errors: DeadlineError; OutsideError for more bytes than are taken; GitError when the exit code is not an accepted
    one; DiskError when that is why git failed.
    """
    with TemporaryFile() as given, TemporaryFile() as printed, TemporaryFile() as said:
        given.write(stdin)
        given.seek(0)
        command = ["git", "-C", directory, *arguments]
        try:
            process = subprocess.Popen(
                command, stdin=given, stdout=printed, stderr=said, env=environment_of(environment or {})
            )
        except FileNotFoundError:
            raise no_git() from None
        try:
            _watch(process, arguments, limits, printed=printed, said=said, growing=growing, heed=heed)
        finally:
            _end(process)
        told = _read(said)
        if heed is not None:
            heed(os.fsdecode(told))
        if process.returncode:
            refuse_of_disk(arguments, told.decode(errors="replace"))
        if accept is not ANY_END and process.returncode not in accept:
            raise failed(arguments, process.returncode, told)
        return subprocess.CompletedProcess(command, process.returncode, _read(printed), told)


def _watch(
    process: subprocess.Popen[bytes],
    arguments: Sequence[str],
    limits: Limits,
    *,
    printed: IO[bytes],
    said: IO[bytes],
    growing: Growing | None,
    heed: Callable[[str], None] | None,
) -> None:
    """Until the process has ended; an error where it must not go on."""
    begun = alive = time.monotonic()
    pause, seen = _FIRST_PAUSE_SECONDS, (0, 0, 0)
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(pause)
        sizes = (_length(printed), _length(said), growing.bytes if growing is not None else 0)
        if max(sizes) > limits.bytes:
            raise OutsideError(
                f"git {command_of(arguments)} gives more than the {limits.bytes >> 20} MiB that are taken of it",
                hint="only metadata is wanted: has somebody put data into that repository's git?",
            )
        if process.returncode is not None:
            return
        now = time.monotonic()
        if sizes != seen:
            alive, seen = now, sizes
            if heed is not None:
                heed(os.fsdecode(_read(said)))
        if now - begun > limits.seconds or now - alive > limits.silent_seconds:
            waited = limits.seconds if now - begun > limits.seconds else limits.silent_seconds
            raise DeadlineError(f"git {command_of(arguments)} was not done after {waited:.0f} seconds")
        pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)


def _end(process: subprocess.Popen[bytes]) -> None:
    """The process has ended, and those that it started with it: git ends them when it is asked to end."""
    for end in (process.terminate, process.kill):
        if process.poll() is None:
            end()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE_SECONDS)


def _length(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_size


def _read(file: IO[bytes]) -> bytes:
    """All of the file, wherever its writer is: the two share a position, so it is not moved."""
    return os.pread(file.fileno(), _length(file), 0)


def _size(directory: str) -> int:
    """How many bytes the files at and below the directory have."""
    total = 0
    for where, _, names in os.walk(directory):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(where, name)).st_size
    return total
