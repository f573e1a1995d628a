"""How a file of rows is spelled: its delimiter, its quote, its encoding, found or declared."""

from __future__ import annotations

import codecs
from collections import Counter
from dataclasses import dataclass
from io import BufferedReader

from dsv.model.csv_reading import CsvReading
from dsv.records.formats.contract import CannotReadError

UTF8 = "utf-8"
QUOTE = '"'

_NAMES = {"\t": "tab"}
_OTHER_DELIMITERS = ";\t|"
_MARKS = ((codecs.BOM_UTF8, UTF8), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_UTF32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


@dataclass(frozen=True)
class Dialect:
    """The spelling of one file; the quote is empty where no cell is quoted."""

    delimiter: str
    quote: str = QUOTE
    encoding: str = UTF8

    @property
    def text(self) -> str:
        """The dialect in a few words, `delimiter=; encoding=utf-16`."""
        words = [f"delimiter={_shown(self.delimiter)}", f"encoding={self.encoding}"]
        if self.quote != QUOTE:
            words.append(f"quote={_shown(self.quote) or 'none'}")
        return " ".join(words)

    @classmethod
    def parse(cls, text: str) -> Dialect:
        """The dialect that `text` tells of."""
        words = dict(word.split("=", 1) for word in text.split(" "))
        quote = words.get("quote", QUOTE)
        return cls(_meant(words["delimiter"]), "" if quote == "none" else _meant(quote), words["encoding"])


def encoding_of(stream: BufferedReader, declared: CsvReading) -> str:
    """The encoding of the text in the stream: a byte order mark tells it, else the declaration, else it is UTF-8.

    A mark that the decoder would not skip is skipped. CannotReadError for that of UTF-32.
    """
    head = stream.peek(4)
    if head.startswith(_UTF32_MARKS):
        raise CannotReadError("UTF-32")
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            if encoding == UTF8:
                stream.read(len(mark))
            return encoding
    name = codecs.lookup(declared.encoding or UTF8).name
    return UTF8 if name == "utf-8-sig" else name


def delimiter_in(header: str, *, quote: str) -> str:
    """What parts the cells of a header line: a comma where it has one outside quotes, else the most frequent other."""
    outside = header.split(quote)[::2] if quote else [header]
    counts = Counter("".join(outside))
    other = max(_OTHER_DELIMITERS, key=lambda each: counts[each])
    return other if counts[other] and not counts[","] else ","


def _shown(character: str) -> str:
    return _NAMES.get(character) or character.encode("unicode_escape").decode()


def _meant(word: str) -> str:
    return next((each for each, name in _NAMES.items() if name == word), None) or word.encode().decode("unicode_escape")


USUAL = frozenset(Dialect(delimiter).text for delimiter in ",\t")
"""The dialects of which nobody needs to be told."""
