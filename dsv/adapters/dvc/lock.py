"""DVC's own note of which of its commands are at work, which one that is killed may leave half written."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

_FILE = os.path.join(".dvc", "tmp", "rwlock")
_INSIDE = "DVC_STAGE"
"""What DVC sets for the command of a stage, which may work on what the stage makes."""


def damaged_lock(root: str) -> str | None:
    """The note, where DVC could not read it and would refuse everything; None where it is sound or not there.

    What it says of processes that are gone DVC forgets by itself.
    """
    path = os.path.join(root, _FILE)
    try:
        with open(path, "rb") as stream:
            held = json.loads(stream.read())
    except OSError:
        return None
    except ValueError:
        return path
    return None if isinstance(held, dict) and set(held) <= {"read", "write"} else path


@dataclass(frozen=True)
class Writer:
    """A process of DVC that is writing a path of the repository, as it noted it in a file."""

    process: int
    command: str
    path: str
    file: str


def writer_of(root: str, path: str) -> Writer | None:
    """The process that makes the path, something in it or something around it: of a stage that is running.

    Notes of processes that are gone, and of others that have got their numbers since, count for nothing.
    """
    if os.environ.get(_INSIDE):
        return None
    file = os.path.join(root, _FILE)
    try:
        with open(file, encoding="utf-8") as stream:
            noted = json.load(stream)["write"]
        entries = [(str(where), int(each["pid"]), str(each["cmd"])) for where, each in noted.items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    wanted = os.path.join(root, *path.split("/"))
    for where, process, command in entries:
        if _overlap(where, wanted) and _runs_dvc(process):
            return Writer(process, command, os.path.relpath(where, root), os.path.relpath(file, root))
    return None


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(other + os.sep) or other.startswith(one + os.sep)


def _runs_dvc(process: int) -> bool:
    """Whether the process is there and, as far as that can be seen, one of DVC."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    try:
        with open(f"/proc/{process}/cmdline", "rb") as stream:
            return b"dvc" in stream.read()
    except OSError:  # no Linux
        return True
