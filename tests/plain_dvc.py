"""Plain DVC, as its users run it, without the second that each start of it takes.

One process of a test run has DVC loaded and does nothing but fork: each call is a process of its own, with the
directory, the environment and the exit code that `python -m dvc` would have.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Done:
    """How a call of DVC ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def plain_dvc(*arguments: str, cwd: Path) -> Done:
    """What `dvc ARGUMENTS` does in a directory."""
    waiting = _waiting()
    assert waiting.stdin is not None
    assert waiting.stdout is not None
    with tempfile.TemporaryDirectory() as directory:
        out, err = Path(directory, "out"), Path(directory, "err")
        order = {
            "arguments": arguments,
            "cwd": str(cwd),
            "environment": dict(os.environ),
            "out": str(out),
            "err": str(err),
        }
        waiting.stdin.write(json.dumps(order) + "\n")
        waiting.stdin.flush()
        code = int(waiting.stdout.readline())
        return Done(code, out.read_text(), err.read_text())


@cache
def _waiting() -> subprocess.Popen[str]:
    """The process with DVC loaded; it ends with its standard input."""
    process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(process.communicate)
    return process


def _wait() -> None:
    """Fork for each order on standard input, and answer with the exit code."""
    import dvc.repo
    from dvc.cli import main
    from dvc.cli.parser import get_main_parser

    assert dvc.repo  # loaded by most commands, and the larger part of their start
    get_main_parser()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(_carried_out(main, **json.loads(line)))
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def _carried_out(
    main: Callable[[list[str]], int], *, arguments: list[str], cwd: str, environment: dict[str, str], out: str, err: str
) -> int:
    """The exit code of DVC, run in this process as if it had been started here."""
    for descriptor, path in ((0, os.devnull), (1, out), (2, err)):
        flags = os.O_RDONLY if descriptor == 0 else os.O_WRONLY | os.O_CREAT
        os.dup2(os.open(path, flags), descriptor)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    try:
        return main(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


if __name__ == "__main__":
    _wait()
