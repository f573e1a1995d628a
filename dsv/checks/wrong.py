"""What is wrong with one record, in words: where in it, and what."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def json_path(steps: Sequence[str | int]) -> str:
    """The place in the record as JSONPath: `$.clauses[1].id`; names that are no plain words are quoted and escaped."""
    return "$" + "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" if _PLAIN_NAME.fullmatch(step) else f"[{step!a}]"
        for step in steps
    )


def short(text: str, *, longest: int = 80) -> str:
    """The text on one line, escaped where it is not printable, with its middle left out where it is long."""
    line = text if text.isprintable() else ascii(text)[1:-1]
    half = longest // 2
    return line if len(line) <= longest else f"{line[:half]}...{line[-half:]}"


def in_words(found: Sequence[str]) -> str | None:
    """The first of several things that are wrong, and how many more there are; None for none."""
    if not found:
        return None
    return f"{found[0]} (and {len(found) - 1} more)" if found[1:] else found[0]
