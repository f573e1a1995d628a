"""A program that runs a dsv command and dies, as by kill -9, before it calls a command of git.

`python dying.py GIT-COMMAND COMMAND...`; nothing of dsv is replaced: Python's own audit events
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

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen" and wanted in arguments[1]:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)
    sys.exit(run(command))


if __name__ == "__main__":
    main(*sys.argv[1:])
