"""GitHub flavoured Markdown out of text that nobody has vetted.

Inside a code span or a fenced block nothing of a text is a link, an image, a mention, a reference or a tag. So data
stands in one of the two only, made longer than any run of backticks in it, with control characters as escapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dsv.model.visible import visible

_BACKTICKS = re.compile("`+")


def code(text: str) -> str:
    """The text as a code span, on one line, that may stand in a table too."""
    # A bar ends a table's cell even inside a code span, and a backslash in front of it may itself be escaped.
    shown = visible(text).replace("|", "\\x7c")
    ticks = "`" * (_longest_run(shown) + 1)
    # One space at each end is taken off a span, so that backticks may stand at its ends.
    padded = f" {shown} " if not shown.strip(" ") or shown[0] in "` " or shown[-1] in "` " else shown
    return f"{ticks}{padded}{ticks}"


def fence(lines: Iterable[str], *, language: str = "") -> list[str]:
    """The lines as a fenced block that none of them can close."""
    shown = [visible(line) for line in lines]
    ticks = "`" * max(3, 1 + max(map(_longest_run, shown), default=0))
    return [f"{ticks}{language}", *shown, ticks]


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> list[str]:
    """The rows as a table; the cells are Markdown, with no data in them but in code spans."""
    numbers = frozenset(right)
    rule = ["---:" if at in numbers else "---" for at in range(len(headers))]
    return [f"| {' | '.join(cells)} |" for cells in (headers, rule, *rows)]


def cut(text: str, *, longest: int) -> str:
    """The text, cut where it is longer."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)


def details(summary: str, lines: Iterable[str], *, opened: bool = False) -> list[str]:
    """The lines under a summary that opens and closes them; the summary is HTML, and the lines are Markdown."""
    content = "\n".join(lines).strip("\n")
    return [f"<details{' open' if opened else ''}><summary>{summary}</summary>", "", content, "", "</details>"]
