"""Paths that another operating system cannot hold, told before somebody there misses a file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

_NOT_ON_WINDOWS = (
    re.compile(r'[<>:"|?*\\\x00-\x1f]'),
    re.compile(r"[. ]/"),
    re.compile(r"/(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])[./]", re.IGNORECASE),
)
"""What no path there may hold, each part of it standing between two slashes."""


def portability_warnings(paths: Sequence[str]) -> Iterator[str]:
    """A line for each reason why the files of a dataset, by path, would not all arrive on Windows or macOS."""
    pairs = _alike(paths)
    if pairs:
        kept, other = pairs[0]
        yield (
            f"{kept!a} and {other!a} differ only in case or Unicode normalisation{_more(len(pairs) - 1)}; "
            "Windows and macOS keep one of them"
        )
    # One look at all of them first: mostly there is nothing to find among many thousands.
    if any(rule.search(f"/{'/'.join(paths)}/") for rule in _NOT_ON_WINDOWS):
        found = [path for path in paths if any(rule.search(f"/{path}/") for rule in _NOT_ON_WINDOWS)]
        if found:
            yield f"Windows cannot hold a file named {found[0]!a}{_more(len(found) - 1)}"


def place_warnings(path: str) -> Iterator[str]:
    """A line when the path of a dataset, and so the pointer beside it, cannot be made on Windows."""
    if any(rule.search(f"/{path}/") for rule in _NOT_ON_WINDOWS):
        yield f"Windows cannot hold {path!a}, and git there cannot check out its pointer: another path would be better"


def _alike(paths: Sequence[str]) -> list[tuple[str, str]]:
    """Each path that folds to the same as an earlier one, behind that one."""
    first: dict[str, str] = {}
    pairs = []
    for path in paths:
        folded = path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()
        kept = first.setdefault(folded, path)
        if kept is not path:
            pairs.append((kept, path))
    return pairs


def _more(count: int) -> str:
    return f" (and {count:,} more)" if count else ""
