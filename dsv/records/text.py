"""The length of a record in tokens: parted by whitespace, or as a tokenizer cuts them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from zlib import adler32

from dsv.records.canonical import MalformedError
from dsv.records.columns import Columns

DEEPEST_NESTING = 500
"""Levels of lists and objects in a record. Fixed, so that no record depends on an interpreter's own limit."""

SHORT = 300
AT_ONCE = 1 << 16
"""About so many characters are counted in one go: a few copies of them stay in the processor's cache."""

_ONE_IF_SPACE = bytes(map(str.isspace, map(chr, range(256))))
_WIDE_SPACES = tuple(space for space in map(chr, range(256, 0x3001)) if space.isspace())
_SAMPLE = 1000
_DENSE = 2.2
_TWO_SPACES = "\u0101"
_ADLER_MODULUS = 65521
_ADLER_PART = _ADLER_MODULUS - 1


def whitespace_tokens(text: str) -> int:
    """The number of words of a text, as `str.split` parts it."""
    if len(text) < SHORT:
        return len(text.split())
    if len(text) <= AT_ONCE:
        return _words(text)
    total = 0
    for first in range(0, len(text), AT_ONCE):
        total += _words(text[first : first + AT_ONCE])
        if first and not (text[first - 1].isspace() or text[first].isspace()):
            total -= 1  # one word, of which both parts were counted
    return total


def _words(text: str) -> int:
    """The number of words: of white space that follows no other, once there is some behind the last word.

    Several times as fast as `split`, because every step is one loop over bytes in C, without an object for each word:
    ones stand in place of white space and zeros in place of all else; the sum in an Adler-32 is the number of ones; and
    two neighbours are one character of UTF-16, in which a rare one is found quickly.
    """
    if not text.isascii():
        if len(text[:_SAMPLE].encode("utf-8", "surrogatepass")) > _DENSE * _SAMPLE:
            return len(text.split())  # scripts that write words without white space between them
        for space in _WIDE_SPACES:
            if space in text:
                text = text.replace(space, " ")
    ones = (text + "\n").encode("latin-1", "replace").translate(_ONE_IF_SPACE)
    size = len(ones)
    spaces = 0
    for first in range(0, size, _ADLER_PART):
        spaces += ((adler32(ones[first : first + _ADLER_PART]) & 0xFFFF) - 1) % _ADLER_MODULUS
    even = ones[: size & ~1].decode("utf-16-le").count(_TWO_SPACES)
    odd = ones[1 : size - (~size & 1)].decode("utf-16-le").count(_TWO_SPACES)
    return spaces - even - odd - ones[0]


@dataclass(frozen=True)
class TokenCounter:
    """A way to count the tokens of a text, and the name under which manifests state it."""

    name: str
    count: Callable[[str], int]


WHITESPACE = TokenCounter("whitespace", whitespace_tokens)
"""The counter of a dataset that declares none."""


def count_columns(columns: Columns, *, counter: TokenCounter = WHITESPACE) -> int:
    """The tokens of all strings in some records together, without the names of fields.

    MalformedError when one of the records is too deep; `count_tokens` says which.
    """
    texts: list[str] = []
    nested: list[Any] = []
    for _, cells in columns.fields:
        kinds = set(map(type, cells))
        if str in kinds:
            texts += cells if len(kinds) == 1 else [cell for cell in cells if type(cell) is str]
        if list in kinds or dict in kinds:
            nested += cells if len(kinds) == 1 else [cell for cell in cells if type(cell) in (list, dict)]
    if nested:
        texts += strings_of(nested, deepest=DEEPEST_NESTING - 1)
    if columns.others:
        texts += strings_of(columns.others)
    return _tokens(texts, counter=counter)


def _tokens(texts: list[str], *, counter: TokenCounter) -> int:
    if counter.count is not whitespace_tokens:
        return sum(map(counter.count, texts))
    sizes = list(map(len, texts))
    total = 0
    if max(sizes, default=0) > AT_ONCE:
        total = sum([whitespace_tokens(text) for text in texts if len(text) > AT_ONCE])
        texts = [text for text in texts if len(text) <= AT_ONCE]
        sizes = list(map(len, texts))
    step = max(1, len(texts) * AT_ONCE // max(1, sum(sizes)))
    for first in range(0, len(texts), step):
        total += _words_of(texts[first : first + step])
    return total


def _words_of(texts: Sequence[str]) -> int:
    """The number of words of some texts together."""
    joined = "\n".join(texts)
    if joined.isascii():
        return _words(joined)
    # Apart, because a single wide character makes every other of a joined text wide.
    narrow = [text for text in texts if text.isascii()]
    wide = [text for text in texts if not text.isascii()]
    return _words("\n".join(narrow)) + _words("\n".join(wide))


def strings_of(values: Sequence[Any], *, deepest: int = DEEPEST_NESTING) -> list[str]:
    """All strings in some values, in no order that means something; MalformedError when one is too deep."""
    found: list[str] = []
    level: Sequence[Any] = values
    for _ in range(deepest + 1):
        kinds = set(map(type, level))
        if str in kinds:
            found += level if len(kinds) == 1 else [value for value in level if type(value) is str]
        parts: list[Any] = []
        if dict in kinds:
            parts += chain.from_iterable(
                map(dict.values, level if len(kinds) == 1 else [value for value in level if type(value) is dict])
            )
        if list in kinds:
            parts += chain.from_iterable(
                level if len(kinds) == 1 else [value for value in level if type(value) is list]
            )
        if dict not in kinds and list not in kinds:
            return found
        level = parts
    raise MalformedError(f"nested more than {DEEPEST_NESTING} levels deep")


def count_tokens(value: Any, *, count: Callable[[str], int] = whitespace_tokens, depth: int = 0) -> int:
    """The tokens of all strings in a value, without the names of fields; MalformedError when it is too deep."""
    kind = type(value)
    if kind is str:
        return count(value)
    if kind is dict:
        items = value.values()
    elif kind is list:
        items = value
    else:
        return 0
    if depth == DEEPEST_NESTING:
        raise MalformedError(f"nested more than {DEEPEST_NESTING} levels deep")
    total = 0
    for item in items:
        kind = type(item)
        if kind is str:
            total += count(item)
        elif kind is dict or kind is list:
            total += count_tokens(item, count=count, depth=depth + 1)
    return total
