"""Text for a terminal: tables that fit, numbers people read, nothing a dataset says taken as a command."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dsv.model.figures import count as count  # noqa: PLC0414 - with all that cli writes
from dsv.model.figures import number as number  # noqa: PLC0414 - likewise
from dsv.model.figures import size as size  # noqa: PLC0414 - likewise
from dsv.model.visible import visible as visible  # noqa: PLC0414 - most of what cli writes needs both

if TYPE_CHECKING:
    from dsv.model.standing import Occurrence

_UNLIMITED = 10_000
_ROOM, _NARROW = 16, 8
"""Columns that a text keeps where it is cut to make room for others: while something else can go, and else."""


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


def table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[int] = (),
    cut: Sequence[int] = (),
    spare: Sequence[int] = (),
) -> list[str]:
    """The rows as aligned lines under their headers; the last column is cut where the terminal ends.

    `right` are the columns of numbers, aligned at their right. A column without anything in it is left out. Where the
    lines are too long, those in `cut` are shortened too, the widest first, and those in `spare` left out in this order.
    """
    kept = [at for at in range(len(headers)) if not rows or any(row[at] for row in rows)]
    place = {at: number for number, at in enumerate(kept)}
    return aligned(
        [headers[at] for at in kept],
        [[row[at] for at in kept] for row in rows],
        right=[place[at] for at in right if at in place],
        cut=[place[at] for at in cut if at in place],
        spare=[place[at] for at in spare if at in place],
        narrow=True,
    )


def aligned(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[int] = (),
    cut: Sequence[int] = (),
    spare: Sequence[int] = (),
    narrow: bool = False,
) -> list[str]:
    """As `table`, with the columns in which nothing stands; lines too long for readable columns stay too long.

    Unless they may be `narrow`: then a column is cut to its header rather than that.
    """
    lines = [[visible(cell) for cell in row] for row in (headers, *rows)]
    natural = {at: max(width(line[at]) for line in lines) for at in range(len(headers))}
    for at in spare:
        if _columns(_least(natural, headers, cut=cut, room=_ROOM)) <= terminal_columns():
            break
        del natural[at]
    widths = _fitted(natural, _least(natural, headers, cut=cut, room=_ROOM))
    if narrow:
        widths = _fitted(widths, _least(widths, headers, cut=cut, room=_NARROW))
    return [_line(line, widths, right) for line in lines]


def _least(widths: Mapping[int, int], headers: Sequence[str], *, cut: Sequence[int], room: int) -> dict[int, int]:
    """The widths, of those that may be cut so much that a text has some room, of the last a bit more than that."""
    last = max(widths)
    floors = {at: max(width(headers[at]), room) for at in cut}
    floors[last] = max(width(headers[last]), room + room // 2 if room > _NARROW else 0)
    return {at: min(columns, floors.get(at, columns)) for at, columns in widths.items()}


def _fitted(natural: Mapping[int, int], least: Mapping[int, int]) -> dict[int, int]:
    """How wide each column is, no less than the least, so that the lines fit the terminal if that can be."""
    widths = dict(natural)
    while (excess := _columns(widths) - terminal_columns()) > 0:
        loose = [at for at in least if widths[at] > least[at]]
        if not loose:
            break
        widest = max(loose, key=lambda at: widths[at])
        next_widest = max((widths[at] for at in loose if widths[at] < widths[widest]), default=0)
        widths[widest] = max(least[widest], widths[widest] - excess, min(next_widest, widths[widest] - 1))
    return widths


def _columns(widths: Mapping[int, int]) -> int:
    """How long the lines are, with two spaces between columns."""
    return sum(widths.values()) + 2 * (len(widths) - 1)


def _line(row: Sequence[str], widths: Mapping[int, int], right: Sequence[int]) -> str:
    padded = []
    for at, columns in widths.items():
        fitted = shortened(row[at], columns)
        gap = " " * (columns - width(fitted))
        padded.append(gap + fitted if at in right else fitted + gap)
    return "  ".join(padded).rstrip()


def event_lines(events: Sequence[Occurrence]) -> list[str]:
    """What happened, a line each."""
    rows = [
        [
            f"{each.at[:10]} {each.at[11:16]}",
            _happening(each),
            each.subject,
            (each.by or "").partition(" <")[0],
            " ".join(each.reason.split()),
        ]
        for each in events
    ]
    return table(["when (UTC)", "event", "of", "by", "why"], rows, cut=[1, 3])


def _happening(event: Occurrence) -> str:
    """The kind of event, with the stage, scorer, run or name that it is about."""
    told = [str(event.data[key]) for key in ("stage", "scorer", "id") if key in event.data]
    if event.event == "rename":
        told = [f"{word} {event.data[word]}" for word in ("from", "to") if word in event.data]
    return " ".join([event.event, *told])
