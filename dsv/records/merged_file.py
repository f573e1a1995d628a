"""One file of a merge, written: the lines of a party's file as they are, some taken out, replaced or put to the end.

Files of lines are written so: JSON Lines, CSV and TSV, compressed or not. What is not touched keeps its bytes.
"""

from __future__ import annotations

import tempfile
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, NamedTuple

from dsv.model.reading import Reading
from dsv.records.formats import CannotReadError, Contents, Format, Malformed, choose, contents_of
from dsv.records.formats.compression import compressing, decompressed, is_compressed
from dsv.records.formats.delimited import Delimited
from dsv.records.formats.dialect import UTF8
from dsv.records.formats.jsonl import NAME as JSON_LINES
from dsv.records.present import is_too_deep
from dsv.records.three_way import FilePlan, Party

_MARK = b"\xef\xbb\xbf"
_DEEP = 100
"""Brackets that a line must have to be looked at for its depth."""


class CannotMergeError(Exception):
    """A file that cannot be put together from records; the reason is a phrase, without the file's name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Source:
    """A file of one party: where it lies, and its path in the dataset, which tells its format."""

    place: str
    path: str


SourceOf = Callable[[Party, int], Source]
"""The file of a party, by its number."""


class _Line(NamedTuple):
    """A record's bytes with the end of its line, and its row from 1; the head of the file has row 0."""

    row: int
    data: bytes


def whole_source(plan: FilePlan, own: Source, source_of: SourceOf, *, reading: Reading) -> Source | None:
    """The file that is the result as it is; None where one has to be written.

    A document that is one record is replaced by the document that the record comes from.
    """
    if plan.whole:
        return own
    if plan.drop or plan.append or list(plan.replace) != [1]:
        return None
    origin = plan.replace[1]
    other = source_of(origin.party, origin.file)
    form = _one_record_format(own, reading)
    return other if form is not None and form == _one_record_format(other, reading) else None


def write_merged(target: BinaryIO, plan: FilePlan, own: Source, source_of: SourceOf, *, reading: Reading) -> None:
    """Write the file of the plan, `own` being the one that it is mostly made of.

    CannotMergeError where its format, or what it holds, leaves no way to do that.
    """
    with (
        _lines_of(own, reading) as (form, lines),
        tempfile.TemporaryFile() as replacing,
        tempfile.TemporaryFile() as appended,
        compressing(target, path=plan.path) as out,
    ):
        found, sizes = _collect(plan, source_of, form=form, reading=reading, replacing=replacing, appended=appended)
        ending, last = b"", b"\n"
        for row, line in lines:
            if not ending and line.endswith(b"\n"):
                ending = b"\r\n" if line.endswith(b"\r\n") else b"\n"
            if row in plan.drop:
                continue
            data = line
            if row in found:
                data = _at(replacing, *found[row]) + line[len(line.rstrip(b"\r\n")) :]
            out.write(data)
            last = data or last
        if sizes and not last.endswith(b"\n"):
            out.write(ending or b"\n")
        appended.seek(0)
        for size in sizes:
            out.write(appended.read(size) + (ending or b"\n"))


def check_records(source: Source, *, reading: Reading) -> None:
    """CannotMergeError where the file holds more than records, as lines that do not parse."""
    chosen = choose(source.path, reading)
    if chosen is None:
        return
    try:
        with open(source.place, "rb") as stream:
            for line, value in contents_of(chosen, stream, path=source.path).records:
                if isinstance(value, Malformed):
                    raise CannotMergeError(f"line {line} of one side is no record: {value.reason}")
    except CannotReadError as error:
        raise CannotMergeError(f"it cannot be read: {error.reason}") from error


def _collect(
    plan: FilePlan,
    source_of: SourceOf,
    *,
    form: str,
    reading: Reading,
    replacing: BinaryIO,
    appended: BinaryIO,
) -> tuple[dict[int, tuple[int, int]], array[int]]:
    """Read what comes from other files: by row where the records lie that replace others, and the sizes of the others.

    Those are put to the end one behind the other. All without the ends of their lines.
    """
    wanted: dict[tuple[Party, int], dict[int, int]] = defaultdict(dict)
    for row, (party, file, origin_row) in plan.replace.items():
        wanted[party, file][origin_row] = row
    for party, file, origin_row in plan.append:
        wanted[party, file][origin_row] = 0
    found: dict[int, tuple[int, int]] = {}
    sizes = array("Q")
    for (party, file), rows in sorted(wanted.items()):
        with _lines_of(source_of(party, file), reading) as (other, lines):
            if other != form:
                raise CannotMergeError(f"its records would have to come from {other} into {form}")
            left = len(rows)
            for row, line in lines:
                target = rows.get(row) if row else None
                if target is None:
                    continue
                data = line.rstrip(b"\r\n")
                if target:
                    found[target] = replacing.tell(), len(data)
                    replacing.write(data)
                else:
                    appended.write(data)
                    sizes.append(len(data))
                left -= 1
                if not left:
                    break
            if left:
                raise CannotMergeError("it holds other records than its record index says")
    return found, sizes


def _at(stream: BinaryIO, offset: int, size: int) -> bytes:
    stream.seek(offset)
    return stream.read(size)


@contextmanager
def _lines_of(source: Source, reading: Reading) -> Iterator[tuple[str, Iterator[_Line]]]:
    """What the lines are, in words that differ where lines cannot go from one file to the other; and the lines."""
    chosen = choose(source.path, reading)
    if chosen is None:
        raise CannotMergeError("it holds no records")
    with open(source.place, "rb") as stream, open(source.place, "rb") as again:
        try:
            contents = contents_of(chosen, stream, path=source.path)
            form = _form(chosen, contents)
            raw: Iterator[bytes] = iter(decompressed(again, path=source.path) if is_compressed(source.path) else again)
        except CannotReadError as error:
            raise CannotMergeError(f"it cannot be read: {error.reason}") from error
        yield form, _cut(raw, contents.records, bare_returns=isinstance(chosen, Delimited))


def _form(chosen: Format, contents: Contents) -> str:
    if isinstance(chosen, Delimited):
        if f"encoding={UTF8}" not in contents.dialect:
            raise CannotMergeError(f"its text is not UTF-8 ({contents.dialect})")
        return f"{contents.format} with {contents.dialect} and the columns {', '.join(map(repr, contents.columns))}"
    if contents.format != JSON_LINES:
        raise CannotMergeError(f"files of the format {contents.format} are merged as a whole")
    return contents.format


def _cut(raw: Iterator[bytes], records: Iterator[tuple[int | None, object]], *, bare_returns: bool) -> Iterator[_Line]:
    """The lines of each record up to the next, by the numbers of the lines where they start; of row 0 what is ahead."""
    at, row, before = 1, 0, None
    try:
        for start, value in records:
            if start is None or isinstance(value, Malformed):
                raise CannotMergeError(f"line {start} holds no record")
            yield from _piece(row, islice(raw, start - at), before, bare_returns=bare_returns)
            at, row, before = start, row + 1, value
        yield from _piece(row, raw, before, bare_returns=bare_returns)
    except CannotReadError as error:
        raise CannotMergeError(f"it cannot be read: {error.reason}") from error


def _piece(row: int, lines: Iterator[bytes], value: object, *, bare_returns: bool) -> Iterator[_Line]:
    data = b"".join(lines)
    if data.count(b"[") + data.count(b"{") > _DEEP and is_too_deep(value):
        raise CannotMergeError("a record is nested too deeply")
    if bare_returns and b"\r" in data.replace(b"\r\n", b""):
        raise CannotMergeError("it has carriage returns that end no line")
    if row == 1 and data.startswith(_MARK):
        yield _Line(0, _MARK)
        data = data[len(_MARK) :]
    yield _Line(row, data)


def _one_record_format(source: Source, reading: Reading) -> str | None:
    """The format of a file that is one record, and not one of lines; None for others."""
    chosen = choose(source.path, reading)
    if chosen is None:
        return None
    try:
        with open(source.place, "rb") as stream:
            contents = contents_of(chosen, stream, path=source.path)
            if contents.format == JSON_LINES or isinstance(chosen, Delimited):
                return None
            records = [value for _, value in islice(contents.records, 2)]
    except CannotReadError:
        return None
    return contents.format if len(records) == 1 and not isinstance(records[0], Malformed) else None
