"""The records of files as whoever uses them gets them: plain Python values, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import chain, islice
from typing import Any

from dsv.errors import BadRecordError, DiskError, UnreadableError
from dsv.model.reading import Reading
from dsv.records.byte_source import shown
from dsv.records.canonical import Number
from dsv.records.formats import CannotReadError, Malformed, choose, contents_of
from dsv.records.present import is_too_deep, with_numbers
from dsv.records.text import DEEPEST_NESTING
from dsv.records.totals import BATCH


class BadRecords(Enum):
    """What becomes of records that do not parse, and of files that their reader cannot read."""

    REFUSE = "refuse"
    SKIP = "skip"


def is_readable(path: str, reading: Reading) -> bool:
    """Whether records are read in the file; an opaque one has none inside."""
    return choose(path, reading) is not None


def records_in(source: str, *, path: str, reading: Reading, bad: BadRecords) -> Iterator[Any]:
    """The records of the file that lies at `source`, in its order; none of an opaque file. Memory stays flat.

    Values are those of `json.loads`: NaN and the infinities are floats. `path` and the declarations tell the format.
    Errors, where bad ones are refused: BadRecordError with file and line, UnreadableError; DiskError.
    """
    chosen = choose(path, reading)
    if chosen is None:
        return
    try:
        with open(source, "rb") as stream:
            records = contents_of(chosen, stream, path=path).records
            while batch := list(islice(records, BATCH)):
                if _is_plain([value for _, value in batch]):
                    yield from (value for _, value in batch)
                else:
                    yield from _with_care(batch, path=path, bad=bad)
    except CannotReadError as error:
        if bad is BadRecords.REFUSE:
            raise unreadable(path, error.reason) from None
    except OSError as error:
        raise DiskError(f"{shown(path)} cannot be read: {error.strerror}", details={"file": path}) from error


def unreadable(path: str, reason: str) -> UnreadableError:
    """What is said of a file that its reader cannot read."""
    return UnreadableError(
        f"{shown(path)} cannot be read: {reason}",
        hint='on_bad_record="skip" leaves it out',
        details={"file": path, "reason": reason},
    )


def _is_plain(values: Sequence[Any]) -> bool:
    """Whether all are records as they are: nothing malformed, nothing too deep, no number of a kind of its own."""
    level: Sequence[Any] = values
    for _ in range(DEEPEST_NESTING + 1):
        kinds = set(map(type, level))
        if Malformed in kinds or Number in kinds:
            return False
        if dict not in kinds and list not in kinds:
            return True
        level = list(chain.from_iterable(_parts(level)))
    return False


def _parts(level: Iterable[Any]) -> Iterator[Iterable[Any]]:
    """What lies directly in the objects and lists among some values."""
    for value in level:
        if type(value) is dict:
            yield value.values()
        elif type(value) is list:
            yield value


def _with_care(batch: Iterable[tuple[int | None, Any]], *, path: str, bad: BadRecords) -> Iterator[Any]:
    for line, value in batch:
        malformed = isinstance(value, Malformed)
        if not malformed and not is_too_deep(value):
            yield _without_numbers(value)
        elif bad is BadRecords.REFUSE:
            reason = value.reason if malformed else f"nested more than {DEEPEST_NESTING} levels deep"
            where = shown(path) if line is None else f"{shown(path)}:{line}"
            raise BadRecordError(
                f"{where} is no record: {reason}",
                hint='on_bad_record="skip" leaves such records out, as the counts of the manifest do',
                details={"file": path, "line": line, "reason": reason},
            )


def _without_numbers(value: Any) -> Any:
    """The value with floats in place of what JSON writers of other languages say: NaN, Infinity, 1e999."""
    return with_numbers(value, lambda number: float(number.text))
