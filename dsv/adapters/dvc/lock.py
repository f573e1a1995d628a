"""DVC's own note of which of its commands are at work, which one that is killed may leave half written."""

from __future__ import annotations

import json
import os

_FILE = os.path.join(".dvc", "tmp", "rwlock")


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
