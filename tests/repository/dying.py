"""A program that runs a dsv command and dies, as by kill -9, before it calls a command of git, or renames a file.

`python dying.py GIT-COMMAND|N COMMAND...`, N for the n-th file; nothing of dsv is replaced: Python's own audit events
say what it is about to do.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from dsv.cli.app import run


def main(wanted: str, *command: str) -> None:
    """See above."""
    renamed = 0

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal renamed
        renamed += event == "os.rename"
        called = event == "subprocess.Popen" and wanted in arguments[1]
        if called or (event == "os.rename" and wanted == str(renamed)):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)
    sys.exit(run(command))


if __name__ == "__main__":
    main(*sys.argv[1:])
