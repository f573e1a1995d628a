"""Globs that select some files out of all: as few as do it, and names where none does."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence

from dsv.model.table import suffix_of

_SPECIAL = re.compile(r"[*?\[]")


def selecting(paths: Sequence[str], *, among: Sequence[str]) -> list[str]:
    """Globs that fit all of the paths and none of the others `among` which they are, by path.

    One for each directory and ending where that tells them from all others, else the paths themselves. They mean the
    same whether a star stops at a slash or not.
    """
    wanted = set(paths)
    places = sorted({(path.rpartition("/")[0], suffix_of(path)) for path in paths})
    globs = [
        f"{literal(directory)}/*{literal(ending)}" if directory else f"*{literal(ending)}"
        for directory, ending in places
    ]
    patterns = [re.compile(fnmatch.translate(glob)) for glob in globs]
    others = (path for path in among if path not in wanted)
    if not any(pattern.match(path) for path in others for pattern in patterns):
        return globs
    return [literal(path) for path in sorted(paths)]


def literal(path: str) -> str:
    """A glob that fits this path alone."""
    return _SPECIAL.sub(lambda found: f"[{found[0]}]", path)
