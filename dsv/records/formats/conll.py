"""CoNLL and its kin: a block of lines is a sentence, a line is a token, its columns are the annotations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

from dsv.records.formats import jsonl
from dsv.records.formats.contract import (
    LARGEST_RECORD,
    Access,
    CannotReadError,
    Contents,
    Malformed,
    skip_byte_order_mark,
)

TOKENS, COMMENTS = "tokens", "comments"


@dataclass(frozen=True)
class Conll:
    """Files of blocks, parted by blank lines."""

    name = "conll"
    suffixes = (".conll", ".conllu", ".conllx", ".iob", ".iob2")
    access = Access.STREAM

    def read(self, stream: BufferedReader) -> Contents:
        """One record a block: its tokens, each a list of columns, and its comments.

        Columns are parted by tabs where the line has one, else by spaces. Comments are the lines with # ahead of
        the first token, without it; a line there that has a tab is a token all the same.
        """
        skip_byte_order_mark(stream)
        return Contents(self.name, _records(stream))


def _records(stream: BufferedReader) -> Iterator[tuple[int, object]]:
    for first, lines in _blocks(stream):
        tokens: list[list[str]] = []
        comments: list[str] = []
        try:
            for line in lines:
                text = line.decode()
                if not tokens and text.startswith("#") and "\t" not in text:
                    comments.append(text[1:].strip(" "))
                else:
                    tokens.append(text.split("\t") if "\t" in text else [each for each in text.split(" ") if each])
        except UnicodeDecodeError as error:
            number = first + len(tokens) + len(comments)
            yield first, Malformed(f"invalid UTF-8 at byte offset {error.start} of line {number}")
        else:
            yield first, {TOKENS: tokens, COMMENTS: comments}


def _blocks(stream: BufferedReader) -> Iterator[tuple[int, list[bytes]]]:
    """The number of the first line of each block, and its lines without their ends."""
    block: list[bytes] = []
    size = number = 0
    for number, line in enumerate(jsonl.lines(stream), 1):
        if line.strip():
            size += len(line)
            if size >= LARGEST_RECORD:
                first, limit = number - len(block), LARGEST_RECORD >> 20
                raise CannotReadError(f"the block in line {first} is longer than {limit} MiB (no blank lines?)")
            block.append(line.rstrip(b"\r\n"))
        elif block:
            yield number - len(block), block
            block, size = [], 0
    if block:
        yield number + 1 - len(block), block
