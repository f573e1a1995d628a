"""Running git: one place that knows the environment, the errors and the oldest version."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from dsv.errors import DeadlineError, GitError
from dsv.model.progress import Tell

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
) -> subprocess.CompletedProcess[bytes]:
    """The finished git process; GitError when its exit code is not an accepted one, DeadlineError when it takes longer.

    What a caller's hook says about where the repository lies is left out: the directory decides.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in _LOCATION}
    inherited.update({"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", **(environment or {})})
    command = ["git", "-C", directory, *arguments]
    try:
        done = subprocess.run(
            command, input=stdin, env=inherited, capture_output=True, check=False, timeout=timeout_seconds
        )
    except FileNotFoundError:
        raise GitError("git is not installed, or not on PATH", hint="install git 2.36 or newer") from None
    except subprocess.TimeoutExpired:
        raise DeadlineError(f"git {arguments[0]} was not done after {timeout_seconds:.0f} seconds") from None
    if done.returncode not in accept:
        said = done.stderr.decode(errors="replace").strip()
        raise GitError(
            f"git {arguments[0]} failed: {said.splitlines()[-1] if said else f'exit code {done.returncode}'}",
            hint=_hint(said),
            details={"arguments": list(arguments)[:8], "stderr": said[-2000:]},
        )
    return done


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
        raise GitError("git is not installed, or not on PATH", hint="install git 2.36 or newer") from None
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
    return "run it by hand to see more"
