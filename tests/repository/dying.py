"""A program that runs a dsv command and cuts it short at one of its steps: the process dies, or the step fails.

`python dying.py each HOW TEMPLATE WORK COMMAND...` copies the repository TEMPLATE to WORK/1, WORK/2, ... and lets
the n-th run come to grief at its n-th step, until one has fewer steps: the last copy is that of a run that came
through. HOW is `killed` (as by kill -9), `EIO` or `ENOSPC` (the step fails, later ones do not), or `full` (from that
step on dsv cannot write a byte). A line is printed for each: its exit code (0 when it
was killed) and what it said last. `python dying.py GIT-COMMAND COMMAND...` kills the one run before it calls that
command of git.

Nothing of dsv is replaced: Python's own audit events say what it is about to do, and an exception out of
their hook is the failure of the call. A flush to the disk has no such event, so that call is replaced.
"""

from __future__ import annotations

import errno
import itertools
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from typing import Any

CHANGING = {"os.rename", "os.remove", "os.rmdir", "os.link"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
HIDDEN = ("/.dvc/cache/", "/.git/dsv/work/")


def is_step(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether it may change what anybody looks at; of the work in hidden places only the renames count."""
    if event == "subprocess.Popen":
        return "update-ref" in arguments[1]
    if event == "open":
        path, _, flags = arguments
        changing = isinstance(path, str) and isinstance(flags, int) and bool(flags & WRITING)
    else:
        changing, path = event in CHANGING, arguments[0] if arguments else ""
    return changing and (event == "os.rename" or not any(part in str(path) for part in HIDDEN))


def watch(wanted: int | str, act: Callable[[str], None], *, lasting: bool = False, flushes: bool = False) -> None:
    """Act before the n-th step, and where it is lasting at all that follow; or before the git command is called."""
    steps = 0

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal steps
        step = is_step(event, arguments)
        steps += step
        if isinstance(wanted, str):
            reached = event == "subprocess.Popen" and wanted in arguments[1]
        else:
            later = lasting and steps >= wanted and event in ("open", "subprocess.Popen")
            reached = later or (step and steps == wanted)
        if reached:
            act(event)

    if flushes:  # for who dies, it makes no difference whether before these or before the next step
        CHANGING.update(("fsync", "os.mkdir"))
        flush = os.fsync

        def fsync(descriptor: int) -> None:
            look("fsync", ())
            flush(descriptor)

        os.fsync = fsync
    sys.addaudithook(look)


def killed(event: str) -> None:
    """As kill -9 does."""
    os.kill(os.getpid(), signal.SIGKILL)


def failing(number: int) -> Callable[[str], None]:
    """The step fails once, with this error."""

    def fail(event: str) -> None:
        if event != "subprocess.Popen":  # git's failures are its own
            raise OSError(number, os.strerror(number))

    return fail


def full(event: str) -> None:
    """From now on no file takes a byte from this process; git, which the limit would kill, is spared."""
    limit = resource.RLIM_INFINITY if event == "subprocess.Popen" else 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


def telling(descriptor: int, act: Callable[[str], None]) -> Callable[[str], None]:
    """The same, told of before in a line."""

    def tell(event: str) -> None:
        os.write(descriptor, f"{event}\n".encode())
        act(event)

    return tell


WAYS: dict[str, Callable[[str], None]] = {
    "killed": killed,
    "EIO": failing(errno.EIO),
    "ENOSPC": failing(errno.ENOSPC),
    "full": full,
}


def cut_short_each(way: str, template: str, work: str, command: list[str]) -> None:
    """A copy of the template for each step, the last one for the run that had fewer."""
    from dsv.cli.app import run
    from dsv.operations import add, bump, init, rollback, tag  # noqa: F401 - loaded once, for all the children

    for number in itertools.count(1):
        place = os.path.join(work, str(number))
        shutil.copytree(template, place, symlinks=True)
        reached, told = os.pipe()
        said, saying = os.pipe()
        child = os.fork()
        if child == 0:
            os.chdir(place)
            os.dup2(saying, 1)
            os.dup2(saying, 2)

            watch(number, telling(told, WAYS[way]), lasting=way == "full", flushes=way != "killed")
            os._exit(run(command))
        os.close(told)
        os.close(saying)
        with open(reached, encoding="utf-8") as stream:
            event = stream.readline().rstrip()
        with open(said, encoding="utf-8") as stream:
            lines = stream.read().splitlines()
        _, status = os.waitpid(child, 0)
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0
        sys.stdout.write(f"{code} {event or 'through'} {' | '.join(lines)}\n")
        if not event:
            assert code == 0, f"exit {code}"
            return


def main() -> None:
    """See above."""
    if sys.argv[1] == "each":
        _, _, way, template, work, *command = sys.argv
        cut_short_each(way, template, work, command)
    else:
        from dsv.cli.app import run

        watch(sys.argv[1], killed)
        sys.exit(run(sys.argv[2:]))


if __name__ == "__main__":
    main()
