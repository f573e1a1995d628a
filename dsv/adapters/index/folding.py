"""Texts as the index compares them: without regard to case, to how an accent is written, or to line breaks."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """The text to compare; equal for texts that differ in case, composition or white space only."""
    words = text.replace("\0", " ").split()
    joined = " ".join(words)
    if joined.isascii():
        return joined.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", joined).casefold())


def storable(text: str) -> str:
    r"""The text as UTF-8 can hold it: a lone surrogate becomes `\udxxx`."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
