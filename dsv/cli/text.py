"""Text for a terminal: tables that fit, numbers people read, nothing a dataset says taken as a command."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dsv.model.visible import visible as visible  # noqa: PLC0414 - most of what cli writes needs both

if TYPE_CHECKING:
    from dsv.model.standing import PastEvent

_KIBI = 1024
_UNLIMITED = 10_000


def width(text: str) -> int:
    """How many columns the text takes; East Asian wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    wide = {"W": 2, "F": 2}
    return sum(
        0 if unicodedata.combining(character) else wide.get(unicodedata.east_asian_width(character), 1)
        for character in text
    )


def shortened(text: str, columns: int) -> str:
    """The text, cut to the columns with an ellipsis when it is longer."""
    if width(text) <= columns:
        return text
    kept, used = [], 0
    for character in text:
        used += width(character)
        if used > columns - 1:
            break
        kept.append(character)
    return "".join(kept) + "…"


def terminal_columns() -> int:
    """How wide output may be: the terminal, or COLUMNS; without either there is no limit."""
    if "COLUMNS" not in os.environ and not sys.stdout.isatty():
        return _UNLIMITED
    return shutil.get_terminal_size().columns


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> list[str]:
    """The rows as aligned lines under their headers; the last column is cut where the terminal ends.

    `right` are the columns of numbers, aligned at their right. A column without anything in it is left out.
    """
    kept = [at for at in range(len(headers)) if not rows or any(row[at] for row in rows)]
    headers = [headers[at] for at in kept]
    right = [kept.index(at) for at in right if at in kept]
    cells = [[visible(row[at]) for at in kept] for row in rows]
    widths = [max([width(header), *(width(row[at]) for row in cells)]) for at, header in enumerate(headers)]
    before_last = sum(widths[:-1]) + 2 * (len(widths) - 1)
    widths[-1] = max(min(widths[-1], terminal_columns() - before_last), min(len(headers[-1]), widths[-1]))
    return [_line(row, widths, right) for row in ([*headers], *cells)]


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> str:
    padded = []
    for at, (cell, columns) in enumerate(zip(row, widths, strict=True)):
        fitted = shortened(cell, columns)
        gap = " " * (columns - width(fitted))
        padded.append(gap + fitted if at in right else fitted + gap)
    return "  ".join(padded).rstrip()


def event_lines(events: Sequence[PastEvent]) -> list[str]:
    """What happened, a line each."""
    rows = [
        [
            each.at.replace("T", " ").rstrip("Z"),
            each.event,
            each.subject,
            str(each.data.get("stage", "")),
            (each.by or "").partition(" <")[0],
            " ".join(each.reason.split()),
        ]
        for each in events
    ]
    return table(["when (UTC)", "event", "of", "stage", "by", "why"], rows)


def number(value: int) -> str:
    """With a comma every three digits."""
    return f"{value:,}"


def count(value: int, noun: str) -> str:
    """`1 record`, `2,000 records`."""
    return f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}s"


def size(value: int) -> str:
    """A number of bytes in the unit that keeps it short, of 1,024 each: `12.3 MiB`."""
    if value < _KIBI:
        return count(value, "byte")
    units = ("KiB", "MiB", "GiB", "TiB", "PiB")
    power = min((value.bit_length() - 1) // 10, len(units))
    return f"{value / _KIBI**power:.1f} {units[power - 1]}"
