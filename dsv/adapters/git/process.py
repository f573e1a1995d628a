"""Running git: one place that knows the environment, the errors and the oldest version."""

from __future__ import annotations

import os
import re
import selectors
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO

from dsv.errors import DeadlineError, DiskError, GitError
from dsv.model.progress import Tell

_PATTERNS = ("GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS")
"""Variables by which a shell makes git read patterns otherwise: with them, files would be overlooked."""
_LOCATION = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_CEILING_DIRECTORIES",
)

ANY_END = tuple(range(-128, 256))
"""What a git process may end with when its caller looks at that itself: any exit code, or any signal.

git is ended by a signal where a program it feeds, a signature's for instance, goes away before it has read all.
"""

# An object is what its id says: one that refs/replace/ puts in its place would have another's signature and digest.
_OURS = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_REPLACE_OBJECTS": "1"}
# Looking at a repository runs no program that its settings name to watch the work tree; and files of a repository that
# look like one themselves, which a clone can bring along with settings of their own, are none.
_SETTINGS = {"core.fsmonitor": "false", "safe.bareRepository": "explicit"}

_OF_DISK = re.compile(r"No space left on device|Disk quota exceeded|Input/output error|Read-only file system")
_BLOCK = 1 << 16
_PAUSE_SECONDS = 0.05
_GRACE_SECONDS = 3.0


def run(
    directory: str,
    arguments: Sequence[str],
    *,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    accept: tuple[int, ...] = (0,),
    timeout_seconds: float | None = None,
    inherited: Sequence[int] = (),
) -> subprocess.CompletedProcess[bytes]:
    """The finished git process; GitError when its exit code is not an accepted one, DeadlineError when it takes longer.

    What a caller's hook says about where the repository lies is left out: the directory decides. The descriptors
    `inherited` stay open in git as long as it runs. Errors: DiskError when that is why git failed.
    """
    command, found = ["git", "-C", directory, *arguments], environment_of(environment or {})
    try:
        done = subprocess.run(
            command,
            input=stdin,
            env=found,
            capture_output=True,
            check=False,
            timeout=timeout_seconds,
            pass_fds=inherited,
        )
    except FileNotFoundError:
        raise no_git() from None
    except subprocess.TimeoutExpired:
        raise DeadlineError(f"git {arguments[0]} was not done after {timeout_seconds:.0f} seconds") from None
    if done.returncode:
        refuse_of_disk(arguments, done.stderr.decode(errors="replace"))
    if done.returncode not in accept:
        raise failed(arguments, done.returncode, done.stderr)
    return done


def refuse_of_disk(arguments: Sequence[str], said: str) -> None:
    """DiskError when what git said on its way out is that the disk refused."""
    found = next((line for line in said.splitlines() if _OF_DISK.search(line)), None)
    if found is not None:
        raise DiskError(
            f"git {command_of(arguments)} failed: {found.removeprefix('fatal: ').removeprefix('error: ')}",
            hint="is the disk full? Free some space, then run this again",
        )


@contextmanager
def talking(
    directory: str, arguments: Sequence[str], *, stdin: bytes, environment: Mapping[str, str] | None = None
) -> Iterator[IO[bytes]]:
    """What a git process prints, to be read as it comes; GitError when it fails though all of it was read.

    Whoever stops reading early, by an exception, ends it.
    """
    command, found = ["git", "-C", directory, *arguments], environment_of(environment or {})
    with TemporaryFile() as given, TemporaryFile() as said:
        given.write(stdin)
        given.seek(0)
        try:
            process = subprocess.Popen(command, stdin=given, stdout=subprocess.PIPE, stderr=said, env=found)
        except FileNotFoundError:
            raise no_git() from None
        with process:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            try:
                yield process.stdout
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            said.seek(0)
            raise failed(arguments, process.returncode, said.read())


def environment_of(more: Mapping[str, str]) -> dict[str, str]:
    """What a git process of ours finds: nothing of what a caller's hook says about where the repository lies."""
    number = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    found = {name: value for name, value in os.environ.items() if name not in (*_LOCATION, *_PATTERNS)}
    found["GIT_CONFIG_COUNT"] = str(number + len(_SETTINGS))
    for place, (key, value) in enumerate(_SETTINGS.items(), start=number):
        found |= {f"GIT_CONFIG_KEY_{place}": key, f"GIT_CONFIG_VALUE_{place}": value}
    return {**found, **_OURS, **more}


def no_git() -> GitError:
    """The error where there is no git."""
    return GitError("git is not installed, or not on PATH", hint="install git 2.36 or newer")


def command_of(arguments: Sequence[str]) -> str:
    """The command among the arguments, before which options of git itself may stand."""
    values = {number + 1 for number, each in enumerate(arguments) if each == "-c"}
    named = (each for number, each in enumerate(arguments) if number not in values and not each.startswith("-"))
    return next(named, arguments[0])


def failed(arguments: Sequence[str], code: int, stderr: bytes) -> GitError:
    """The error of a git process, in the last words that it said."""
    said = stderr.decode(errors="replace").strip()
    return GitError(
        f"git {command_of(arguments)} failed: {said.splitlines()[-1] if said else f'exit code {code}'}",
        hint=_hint(said),
        details={"arguments": list(arguments)[:8], "stderr": said[-2000:]},
    )


def run_aloud(
    directory: str, arguments: Sequence[str], *, environment: Mapping[str, str], tell: Tell
) -> tuple[int, str]:
    """The exit code of a git command that runs programs of the user's, and all they said; `tell` hears each line.

    They find the language and the settings of the user's own shell. What they leave running is not waited for.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in _LOCATION}
    output, theirs = os.pipe()
    try:
        process = subprocess.Popen(
            ["git", "-C", directory, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.STDOUT,
            env={**inherited, **environment},
        )
    except FileNotFoundError:
        os.close(output)
        raise no_git() from None
    finally:
        os.close(theirs)
    said = []
    try:
        for line in _lines_of(output, ended=lambda: process.poll() is not None):
            said.append(line)
            tell(line)
        return process.wait(), "\n".join(said)
    except BaseException:
        _let_end(process, output)
        raise
    finally:
        os.close(output)


def _lines_of(output: int, *, ended: Callable[[], bool]) -> Iterator[str]:
    """What comes out of the pipe, line by line without empty ones, until it closes, or is silent when all has ended."""
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while True:
            if selector.select(_PAUSE_SECONDS):
                block = os.read(output, _BLOCK)
                *lines, rest = (rest + block).split(b"\n")
                yield from (_text(line) for line in lines if line.strip())
                if not block:
                    break
            elif ended():
                break
    if rest.strip():
        yield _text(rest)


def _let_end(process: subprocess.Popen[bytes], output: int) -> None:
    """Nothing of it runs any more: it gets time to put its own things in order, then it is told to end, then killed.

    An interrupt from the keyboard reached it as well; git ends before the hook it runs has, which keeps the pipe.
    """
    for end in (process.terminate, process.kill):
        deadline = time.monotonic() + _GRACE_SECONDS
        for _ in _lines_of(output, ended=lambda: time.monotonic() > deadline):  # noqa: B023 - used up in this round
            pass
        if time.monotonic() <= deadline:
            break
        end()
    process.wait()


def _text(line: bytes) -> str:
    return line.decode(errors="replace").rstrip()


def _hint(said: str) -> str:
    if "dubious ownership" in said:
        return "the repository belongs to another user: see git config safe.directory"
    if "index.lock" in said or "Unable to create" in said:
        return "another git process seems to be running; try again when it has finished"
    return "dsv doctor looks for the cause; run it by hand to see more"
