"""dsv's own formats keep the contract of formats, and the contract notices what breaks it."""

from __future__ import annotations

from functools import partial

import pytest

from dsv.records.formats import FORMATS, Access, CannotReadError, Contents, Malformed, Number
from dsv.testing import Example, check_format

from .files import examples, many


@pytest.mark.parametrize("format_", FORMATS, ids=lambda each: each.name)
def test_each_format_keeps_the_contract(format_):
    make = None if many(format_.name, 1) is None else partial(many, format_.name)
    check_format(format_, examples()[format_.name], make=make)


class Lines:
    """A format that keeps the contract: a string a line."""

    name = "lines"
    suffixes = (".lines",)
    access = Access.STREAM

    def read(self, stream):
        return Contents(self.name, ((number, self.record(line)) for number, line in enumerate(stream, 1)))

    def record(self, line):
        return line.decode("latin-1")


GOOD = [Example(b"the first line\nthe second line\n", ["the first line\n", "the second line\n"])]


def test_a_good_format_passes():
    check_format(Lines(), GOOD, make=lambda count: b"x\n" * count)


class Bytes(Lines):
    def record(self, line):
        return line


class Float(Lines):
    def record(self, _):
        return float("nan")


class Strict(Lines):
    def record(self, line):
        return line.decode("ascii")


class Dirty(Lines):
    def record(self, _):
        return Malformed("two\nlines")


class Closing(Lines):
    def read(self, stream):
        records = [(None, self.record(line)) for line in stream]
        stream.close()
        return Contents(self.name, iter(records))


class Counting(Lines):
    def __init__(self):
        self.count = 0

    def record(self, _):
        self.count += 1
        return self.count


class Hoarding(Lines):
    def read(self, stream):
        return Contents(self.name, iter([(None, line.decode("latin-1")) for line in stream]))


class Peeking(Lines):
    def read(self, stream):
        marked = b"second" in stream.peek(30)
        return Contents(self.name, ((None, self.record(line) if marked else "unmarked") for line in stream))


class Shouting(Lines):
    suffixes = (".LINES",)


class Backwards(Lines):
    def read(self, stream):
        return Contents(self.name, ((9 - number, self.record(line)) for number, line in enumerate(stream, 1)))


@pytest.mark.parametrize(
    ("format_", "sentence"),
    [
        (Bytes(), "a value of type bytes, which no record may hold"),
        (Float(), "the float nan, which no record may hold"),
        (Strict(), "raises UnicodeDecodeError.*may only raise CannotReadError"),
        (Dirty(), "no line that people can read"),
        (Closing(), "closes the stream"),
        (Counting(), "and should have"),
        (Hoarding(), "make them one at a time"),
        (Peeking(), "when the buffer is small"),
        (Shouting(), r"the suffix '\.LINES'"),
        (Backwards(), "in line 7 after line 8"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Lines) else "",
)
def test_a_format_that_breaks_the_contract_is_told_how(format_, sentence):
    with pytest.raises(AssertionError, match=sentence):
        check_format(format_, GOOD, make=lambda count: (b"x" * 300 + b"\n") * count)


def test_numbers_beyond_doubles_are_records_too():
    class Wide(Lines):
        def record(self, _):
            return [Number("NaN"), 10**400, {"a": None, "b": True}]

    check_format(Wide(), [Example(b"x", [[Number("NaN"), 10**400, {"b": True, "a": None}]])])


def test_a_format_may_refuse_a_file_in_the_middle():
    class Refusing(Lines):
        def record(self, line):
            if not line.isascii():
                raise CannotReadError("not ASCII")
            return line.decode()

    check_format(Refusing(), GOOD)
