"""How CSV files are spelled, where a person says so because the files themselves do not tell."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

_NO_ENCODINGS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})


@dataclass(frozen=True)
class CsvReading:
    """What is declared of CSV files; None leaves it to be found.

    The delimiter is that of the header line, the encoding UTF-8 or what a byte order mark says. The quote is a double
    quote unless told otherwise, and empty where no cell is quoted.
    """

    delimiter: str | None = None
    quote: str | None = None
    encoding: str | None = None


def check_delimiter(text: str) -> None:
    """ValueError unless the text can part cells."""
    if len(text) != 1 or text in "\r\n\0\"' " or "\ud800" <= text <= "\udfff":
        raise ValueError("must be one character that is no quote, blank or line end")


def check_quote(text: str) -> None:
    """ValueError unless the text can stand around a cell, or is empty."""
    if text and (len(text) != 1 or text in "\r\n\0\t " or text.isalnum() or "\ud800" <= text <= "\udfff"):
        raise ValueError("must be one sign, or empty where no cell is quoted")


def check_encoding(text: str) -> None:
    """ValueError unless the text names an encoding of text that Python knows."""
    try:
        "".encode(text)  # which refuses the codecs that are none of text
        known = codecs.lookup(text).name not in _NO_ENCODINGS
    except (LookupError, ValueError):
        known = False
    if not known:
        raise ValueError("must name a text encoding, for instance cp1252 or utf-16")
