"""What the records of a file come to, many at a time: their rows, and counts of all kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dsv.model.fields import Fields
from dsv.records.canonical import MalformedError, digests_of
from dsv.records.columns import Columns, columns_of
from dsv.records.file_scan import NAMED, BadRecord
from dsv.records.formats import Malformed
from dsv.records.inspection import Batch, Inspector, Notes, finished
from dsv.records.profile import Profiler
from dsv.records.runs import KEYED_ROW, ROW
from dsv.records.text import TokenCounter, count_columns, count_tokens

BATCH = 256
"""Records that are looked at together: few enough to stay in the processor's cache."""

_TYPE_NAMES: dict[type, str] = {str: "string", bool: "boolean", type(None): "null", list: "array", dict: "object"}


def type_name(kind: type) -> str:
    """The JSON type of values of this Python type."""
    return _TYPE_NAMES.get(kind, "number")


@dataclass
class Totals:
    """Grow with each batch of records of one file; `path` names the file where records are bad."""

    path: str
    key: tuple[str, ...]
    counter: TokenCounter
    columns: Sequence[str] = ()
    records: int = 0
    bad_count: int = 0
    bad: list[BadRecord] = field(default_factory=list)
    tokens: int = 0
    missing_keys: int = 0
    first_missing: list[int] = field(default_factory=list)
    profiler: Profiler = field(default_factory=Profiler)
    inspectors: Sequence[tuple[str, Inspector]] = ()

    @property
    def notes(self) -> Notes:
        """What the inspectors noted of all records so far."""
        return finished(self.inspectors)

    @property
    def fields(self) -> Fields:
        """The fields of all records so far, and columns that a header names."""
        named: dict[str, dict[str, int]] = {field_name(name): {} for name in self.columns}
        return Fields.of(named | self.profiler.types)

    def take(self, read: list[tuple[int | None, object]], *, file: int) -> list[bytes]:
        """The rows of the records that were read, each with the line where it starts; `file` is the file's number."""
        values: list[Any] = [value for _, value in read]
        columns = self._good_columns(values)
        if columns is None:
            values = [value for line, value in read if self._is_good(line, value)]
        self.profiler.add(values, columns=columns)
        rows = self._rows(values, file=file)
        if self.inspectors:
            batch = Batch(values, first=self.records + 1, columns=columns)
            for _, inspector in self.inspectors:
                inspector.take(batch)
        self.records += len(values)
        return rows

    def _good_columns(self, values: list[Any]) -> Columns | None:
        """The records in columns, their tokens counted; None where one of them is none."""
        if Malformed in set(map(type, values)):
            return None
        columns = columns_of(values)
        try:
            self.tokens += count_columns(columns, counter=self.counter)
        except MalformedError:
            return None
        return columns

    def _is_good(self, line: int | None, value: object) -> bool:
        """Whether it is a record, whose tokens are counted then; a bad one is noted."""
        if isinstance(value, Malformed):
            self._add_bad(line, value.reason)
            return False
        try:
            self.tokens += count_tokens(value, count=self.counter.count)
        except MalformedError as error:
            self._add_bad(line, error.reason)
            return False
        return True

    def _add_bad(self, line: int | None, reason: str) -> None:
        self.bad_count += 1
        if len(self.bad) < NAMED:
            self.bad.append(BadRecord(self.path, line, reason))

    def _rows(self, values: list[Any], *, file: int) -> list[bytes]:
        digests = digests_of(values)
        first = self.records + 1
        if not self.key:
            pack = ROW.pack
            return [pack(digest, file, row) for row, digest in enumerate(digests, first)]
        keyed = zip(digests, self._key_digests(values, digests), strict=True)
        pack = KEYED_ROW.pack
        return [pack(digest, key, file, row) for row, (digest, key) in enumerate(keyed, first)]

    def _key_digests(self, values: list[Any], digests: list[bytes]) -> list[bytes]:
        names = self.key
        try:
            return digests_of([[value[name] for name in names] for value in values])
        except (LookupError, TypeError):
            rows = enumerate(zip(values, digests, strict=True), self.records + 1)
            return [self._key_digest(value, digest, row) for row, (value, digest) in rows]

    def _key_digest(self, value: Any, digest: bytes, row: int) -> bytes:
        try:
            return digests_of([[value[name] for name in self.key]])[0]
        except (LookupError, TypeError):
            # Without a key it is known by its content, which never pairs with another content.
            self.missing_keys += 1
            if len(self.first_missing) < NAMED:
                self.first_missing.append(row)
            return digest


def field_name(name: str) -> str:
    """The name as files can hold it: a lone surrogate, which UTF-8 cannot carry, stands as its escape."""
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()
