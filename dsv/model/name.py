"""Names of datasets, and of the splits and stages that follow the same rules."""

from __future__ import annotations

import re
from functools import lru_cache

from dsv.errors import BadNameError

MAXIMUM_LENGTH = 100
_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9])?", re.ASCII)
_RESERVED = frozenset({"latest", "work", "all", "major", "minor", "patch"})
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
)


def check_name(text: str, *, what: str = "dataset name") -> str:
    """The name itself, when it is one; BadNameError says which rule it breaks."""
    if problem := _problem(text):
        shown = ascii(text[:60])
        raise BadNameError(
            f"{what} {shown} {problem}",
            hint="letters, digits, - and _, starting with a letter and ending with a letter or digit",
            details={"name": text},
        )
    return text


@lru_cache(maxsize=1024)  # the paths of thousands of manifests name the same datasets again and again
def is_name(text: str) -> bool:
    """Whether the text may name a dataset."""
    return _problem(text) is None


def _problem(text: str) -> str | None:
    if not text:
        return "is empty"
    if len(text) > MAXIMUM_LENGTH:
        return f"has {len(text)} characters; at most {MAXIMUM_LENGTH} are allowed"
    if not _NAME.fullmatch(text):
        return "is not a valid name"
    if text.lower() in _RESERVED:
        return "is a word with a meaning of its own in references"
    if text.lower() in _DEVICES:
        return "is a device on Windows"
    return None
