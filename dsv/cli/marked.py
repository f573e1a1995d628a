"""Text with marked words on a terminal: red and green where there is colour, `[-gone-]` and `{+come+}` where not."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from dsv.cli.output import dim, green, red
from dsv.cli.session import current
from dsv.cli.text import terminal_columns, visible, width

if TYPE_CHECKING:
    from dsv.records.word_diff import Segment

_NARROWEST = 24
_LINES = 8
"""Lines of one field that are shown."""

_WORDS = re.compile(r"\s+|\S+")
Style = Callable[[str], str]


def marked_lines(segments: Sequence[Segment], *, start: str, indent: str) -> Iterator[str]:
    """The segments as lines that fit the terminal, the first behind `start`, the others behind `indent`."""
    room = max(terminal_columns(), len(indent) + _NARROWEST)
    line, used, written = start, width(click.unstyle(start)), 0
    for text, style in _pieces(segments):
        for word in _WORDS.findall(text):
            for piece in _fitting(word, room - len(indent)):
                if used + width(piece) > room:
                    yield line.rstrip()
                    written += 1
                    if written == _LINES:
                        yield f"{indent}{dim('…')}"
                        return
                    line, used = indent, len(indent)
                    if piece.isspace() and style is None:
                        continue
                line += piece if style is None else style(piece)
                used += width(piece)
    yield line


def _pieces(segments: Sequence[Segment]) -> Iterator[tuple[str, Style | None]]:
    from dsv.records.word_diff import Mark

    coloured = in_colour()
    for each in segments:
        text = visible(each.text)
        if each.mark is Mark.SAME:
            yield text, None
        elif each.mark is Mark.OMITTED:
            yield text, dim
        elif each.mark is Mark.REMOVED:
            yield (text, red) if coloured else (f"[-{text}-]", None)
        else:
            yield (text, green) if coloured else (f"{{+{text}+}}", None)


def _fitting(word: str, room: int) -> Iterator[str]:
    """A word, cut into pieces where it is longer than a line."""
    piece = ""
    for character in word if width(word) > room else ():
        if width(piece + character) > room:
            yield piece
            piece = ""
        piece += character
    yield piece or word


def in_colour() -> bool:
    """Whether what is printed will keep its colours."""
    coloured = current().coloured
    return sys.stdout.isatty() if coloured is None else coloured
