"""Whether other repositories were added at all: what every list asks, and most clones have none."""

from __future__ import annotations

import os

START = "dsv.repository."
"""What names in git's settings begin with."""

_SECTION = b'[dsv "repository.'


def any_added(common: str) -> bool:
    """Whether git's settings, in its common directory, name another repository."""
    try:
        with open(os.path.join(common, "config"), "rb") as file:
            return _SECTION in file.read()
    except OSError:
        return False
