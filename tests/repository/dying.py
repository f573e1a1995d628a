"""A program that runs a dsv command and kills it, as kill -9 does, before one of its steps.

`python dying.py each TEMPLATE WORK COMMAND...` copies the repository TEMPLATE to WORK/1, WORK/2, ... and kills the
n-th run before its n-th step, until one is not killed any more. `python dying.py GIT-COMMAND COMMAND...` kills the
one run before it calls that command of git. Nothing of dsv is replaced: Python's own audit events say what it is
about to do.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sys
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


def die_before(wanted: int | str) -> None:
    """End this process before the n-th step, or before it calls the git command."""
    steps = 0

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal steps
        step = is_step(event, arguments)
        steps += step
        if (step and steps == wanted) or (event == "subprocess.Popen" and wanted in arguments[1]):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)


def main() -> None:
    """Print how many runs were killed; the last copy is that of the run that came through."""
    from dsv.cli.app import run
    from dsv.operations import add, bump, init, rollback  # noqa: F401 - loaded once, for all the children

    if sys.argv[1] != "each":
        die_before(sys.argv[1])
        sys.exit(run(sys.argv[2:]))
    template, work, *command = sys.argv[2:]
    for number in itertools.count(1):
        place = os.path.join(work, str(number))
        shutil.copytree(template, place, symlinks=True)
        child = os.fork()
        if child == 0:
            os.chdir(place)
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            die_before(number)
            os._exit(run(command))
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, f"exit {os.WEXITSTATUS(status)}"
            sys.stdout.write(f"{number - 1}\n")
            return


if __name__ == "__main__":
    main()
