"""The contract of a format, as a check that its tests can call: `check_format` raises AssertionError with a sentence.

It needs no test framework. dsv's own formats pass it; a format that another package adds (entry-point group
`dsv.formats`) should too. docs/formats.md shows an example.
"""

from __future__ import annotations

import random
import re
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import DEFAULT_BUFFER_SIZE, BufferedReader, BytesIO

from dsv.records.canonical import encode
from dsv.records.formats.contract import Access, CannotReadError, Contents, Format, Malformed, outside_domain

__all__ = ["Example", "check_format"]

TRIALS = 200
"""How many damaged files a format is given."""

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_SUFFIX = re.compile(r"\.[a-z0-9_-]+")
_FEW, _MANY = 1_000, 20_000
_MOST_GROWTH = 4 << 20
_SMALL_BUFFER = 16
_SEED = 20_261_122


@dataclass(frozen=True)
class Example:
    """A file of the format, and what is in it: the records in their order, Malformed for one that does not parse.

    The reason and the line of a Malformed are not compared. `columns` are the names that a header gives.
    """

    content: bytes
    records: Sequence[object]
    columns: Sequence[str] = ()


def check_format(
    format_: Format, examples: Iterable[Example], *, make: Callable[[int], bytes] | None = None, trials: int = TRIALS
) -> None:
    """Nothing, when the format keeps its promises to dsv; AssertionError says which one it breaks.

    `make(n)` gives a file of n small records. With it the memory that reading takes is checked too; leave it out for
    a format that has to hold a whole file.
    """
    examples = tuple(examples)
    _require(bool(examples), "check_format needs an example of the format")
    _check_names(format_)
    for number, example in enumerate(examples, 1):
        _check_example(format_, example, what=f"example {number}")
    _check_state(format_, examples)
    for content, what in _damaged(examples, trials=trials):
        _check_damaged(format_, content, what=what)
    if make is not None:
        _check_memory(format_, make)


def _check_names(format_: Format) -> None:
    name = format_.name
    _require(isinstance(name, str) and _NAME.fullmatch(name) is not None, f"the name {name!r} is no word in lower case")
    _require(isinstance(format_.access, Access), f"access is {format_.access!r}, and must be one of Access")
    for suffix in format_.suffixes:
        fits = isinstance(suffix, str) and _SUFFIX.fullmatch(suffix) is not None
        _require(fits, f"the suffix {suffix!r} is not a dot and letters in lower case")


def _check_example(format_: Format, example: Example, *, what: str) -> None:
    found = _read(format_, _stream(example.content), what=what)
    wanted = [_comparable(record) for record in example.records]
    _require(found.records == wanted, f"{what} has the records {found.records!r}, and should have {wanted!r}")
    columns = tuple(example.columns)
    _require(found.columns == columns, f"{what} has the columns {found.columns!r}, and should have {columns!r}")
    again = _read(format_, _stream(example.content), what=what)
    _require(again == found, f"{what} has other records when it is read again")
    if format_.access is Access.STREAM:
        small = _stream(example.content, buffer_size=_SMALL_BUFFER)
        _require(_read(format_, small, what=what) == found, f"{what} has other records when the buffer is small")


def _check_state(format_: Format, examples: Sequence[Example]) -> None:
    """Two files read at the same time must not disturb each other."""
    streams = [_stream(example.content) for example in examples]
    readers = [iter(format_.read(stream).records) for stream in streams]
    found: list[list[object]] = [[] for _ in examples]
    waiting = set(range(len(examples)))
    while waiting:
        for number in sorted(waiting):
            record = next(readers[number], None)
            if record is None:
                waiting.discard(number)
            else:
                found[number].append(_comparable(record[1]))
    for number, example in enumerate(examples):
        wanted = [_comparable(record) for record in example.records]
        _require(found[number] == wanted, f"example {number + 1} has other records while another file is read")
        _require(not streams[number].closed, f"reading example {number + 1} closes the stream, which is not its own")


def _damaged(examples: Sequence[Example], *, trials: int) -> Iterable[tuple[bytes, str]]:
    """Files that are no good: empty, foreign, cut off, and changed in a few bytes; the same ones every time."""
    yield b"", "an empty file"
    yield bytes(1000), "a file of zeros"
    yield b"\xff\xfe" * 500, "a file of no text"
    yield bytes(range(256)) * 8, "a file of every byte"
    choose = random.Random(_SEED)  # noqa: S311 - the same again, not secret
    for number in range(trials):
        example = choose.randrange(len(examples))
        content = bytearray(examples[example].content or b"\n")
        if number % 4 == 0:
            length = choose.randrange(len(content))
            yield bytes(content[:length]), f"example {example + 1} cut off after {length} bytes"
            continue
        places = [choose.randrange(len(content)) for _ in range(choose.choice((1, 2, 8)))]
        for place in places:
            content[place] = choose.randrange(256)
        yield bytes(content), f"example {example + 1} with other bytes at {places}"


def _check_damaged(format_: Format, content: bytes, *, what: str) -> None:
    first, again = (_outcome(format_, content, what=what) for _ in range(2))
    _require(first == again, f"{what} is read in another way when it is read again")


def _outcome(format_: Format, content: bytes, *, what: str) -> _Found | str:
    try:
        return _read(format_, _stream(content), what=what)
    except CannotReadError as error:
        _check_reason(error.reason, what=what)
        return error.reason


def _check_memory(format_: Format, make: Callable[[int], bytes]) -> None:
    """Twenty times the records must not take the memory that holding them would."""
    few, many = (_peak(format_, make(count), count=count) for count in (_FEW, _MANY))
    grown = many - few
    _require(
        grown < _MOST_GROWTH,
        f"reading {_MANY:,} records takes {grown >> 10:,} KiB more than {_FEW:,}: make them one at a time",
    )


def _peak(format_: Format, content: bytes, *, count: int) -> int:
    stream = _stream(content)
    found = 0
    tracemalloc.start()
    try:
        for _ in format_.read(stream).records:
            found += 1
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    _require(found == count, f"a file of {count:,} records has {found:,}")
    return peak


@dataclass(frozen=True)
class _Found:
    format: str
    columns: tuple[str, ...]
    records: list[object]


def _read(format_: Format, stream: BufferedReader, *, what: str) -> _Found:
    """What is in the stream, in a form to compare; CannotReadError is let through, all else is a breach."""
    try:
        contents = format_.read(stream)
        return _Found(contents.format, tuple(contents.columns), list(_checked(contents, what=what)))
    except (CannotReadError, AssertionError):
        raise
    except Exception as error:
        raise AssertionError(f"reading {what} raises {error!r}, and may only raise CannotReadError") from error


def _checked(contents: Contents, *, what: str) -> Iterable[object]:
    before = 0
    for line, record in contents.records:
        if isinstance(record, Malformed):
            _check_reason(record.reason, what=what)
        elif found := outside_domain(record):
            raise AssertionError(f"{what} has a record with {found}, which no record may hold")
        if line is not None:
            _require(type(line) is int and line > before, f"{what} has a record in line {line!r} after line {before}")
            before = line
        yield _comparable(record)


def _check_reason(reason: str, *, what: str) -> None:
    fits = bool(reason.strip()) and reason.isprintable()
    _require(fits, f"{what} is refused with {reason!r}, which is no line that people can read")


def _comparable(record: object) -> object:
    """Records that are equal to dsv are equal here; those that do not parse are all alike."""
    return Malformed if isinstance(record, Malformed) else encode(record)


def _stream(content: bytes, *, buffer_size: int = DEFAULT_BUFFER_SIZE) -> BufferedReader:
    return BufferedReader(BytesIO(content), buffer_size)


def _require(holds: bool, sentence: str) -> None:  # noqa: FBT001 - as assert has it, but not left out by python -O
    if not holds:
        raise AssertionError(sentence)
