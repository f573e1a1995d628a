"""Rows of scores taken in: each checked and put aside, with what tells of which record it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any

from dsv.errors import BadRecordError, UsageError
from dsv.model.problems import shown
from dsv.model.scores import ABOUT, COLUMNS, OWN_COLUMNS, By, Kind
from dsv.records.canonical import Number, fingerprint, key_fingerprint
from dsv.records.formats.contract import Malformed
from dsv.records.runs import SortedRuns
from dsv.records.scores.refusals import Refusals, Wrong
from dsv.records.scores.spool import Spool
from dsv.records.scores.values import KNOWN, BadValueError, FurtherColumn, words_of

TOKEN_BYTES = 16
TOKEN = Struct(f">{TOKEN_BYTES}sQ")
"""What tells of which record a row is, and where its values are put aside."""

PLACE_TOKEN = Struct(">II8x")
"""The token of a place: file number and row."""

MOST_COLUMNS = 200
_LONGEST_NAME = 100
_COUNTED_FROM = (("example_index", 0), ("row", 1))
_BATCH = 4096

Token = Callable[[Mapping[str, Any]], bytes]


@dataclass(frozen=True)
class Terms:
    """How rows are read: by what they name records, the version's key with the types of its fields, and its files.

    `cells` says that every value is text, as in CSV. `scorer` is whose scores they are to be.
    """

    by: By
    scorer: str
    key: tuple[tuple[str, frozenset[str]], ...] = ()
    files: Sequence[str] = ()
    cells: bool = False

    def token(self) -> Token:
        """What makes the token of a row; it raises BadValueError where the row does not tell."""
        if self.by is By.RECORD:
            return _record_token
        if self.by is By.TRAJECTORY_ID:
            return trajectory_token
        if self.by is By.INDEX:
            numbers = {path: number for number, path in enumerate(self.files)}
            return lambda row: _place_token(row, numbers)
        if not self.key:
            raise UsageError(
                "the version has no key to join by", hint="--by record or --by index; dataset.yaml declares a key"
            )
        return lambda row: key_fingerprint([_key_value(row, name, types) for name, types in self.key])


class Intake:
    """Takes rows in any order; afterwards `rows` are their tokens, ascending, and `spool` has their values.

    A value put aside is a list: the number of the row, model, SHA-256 of the prompt, then the columns' values in the
    order of `columns`, as far as there are any.
    """

    def __init__(self, terms: Terms, *, rows: SortedRuns, spool: Spool, refusals: Refusals) -> None:
        self.columns: dict[str, FurtherColumn | None] = {}
        self._terms, self._rows, self._spool, self._refusals = terms, rows, spool, refusals
        self._token = terms.token()
        skipped = {name for name, _ in terms.key if name not in COLUMNS} if terms.by is By.KEY else set()
        self._skipped = OWN_COLUMNS | skipped
        self._places: dict[str, tuple[int, Callable[[Any], Any]]] = {}

    def take(self, values: Iterable[object]) -> None:
        """Rows, as a reader gives them."""
        batch: list[bytes] = []
        for number, value in enumerate(values, self._refusals.rows + 1):
            self._refusals.rows = number
            try:
                batch.append(self._taken(number, value))
            except BadValueError as error:
                self._refusals.add(Wrong.BAD, number, str(error))
            except TypeError as error:  # of values in memory, which no file has
                self._refusals.add(Wrong.BAD, number, f"holds what JSON cannot: {error}")
            if len(batch) == _BATCH:
                self._rows.add(batch)
                batch = []
        self._rows.add(batch)

    def kinds(self) -> dict[str, Kind]:
        """What each column of scores holds."""
        return {name: COLUMNS[name] if column is None else column.kind for name, column in self.columns.items()}

    def readers(self) -> dict[str, Callable[[Any], Any] | None]:
        """What makes of a value that was put aside the one to keep; None where it is that already."""
        return {name: None if column is None else column.reader() for name, column in self.columns.items()}

    def _taken(self, number: int, row: object) -> bytes:
        if type(row) is not dict:
            raise BadValueError(row.reason if isinstance(row, Malformed) else "is no object with columns")
        if row.get("scorer") not in (None, "", self._terms.scorer):
            raise BadValueError(f"is of the scorer {shown(row['scorer'])}")
        token = self._token(row)
        kept: list[Any] = [number, words_of(row.get("model")), words_of(row.get("prompt_sha256"))]
        kept += [None] * len(self.columns)
        scored = False
        for name, value in row.items():
            if name in self._skipped:
                continue
            place, read = self._places.get(name) or self._new(name)
            try:
                found = read(value)
            except BadValueError as error:
                raise BadValueError(f"{name} {error}") from None
            if found is not None:
                if place >= len(kept):
                    kept += [None] * (place + 1 - len(kept))
                kept[place] = found
                scored = scored or name not in ABOUT
        if not scored:
            raise BadValueError("has no score")
        return TOKEN.pack(token, self._spool.put(kept))

    def _new(self, name: str) -> tuple[int, Callable[[Any], Any]]:
        """A column that no row before had: where its values go, and how they are read."""
        if not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME or "`" in name:
            raise BadRecordError(
                f"a column of scores cannot be called {shown(name)}", hint="at most 100 characters, none of control"
            )
        if len(self.columns) == MOST_COLUMNS:
            raise BadRecordError(
                f"there are more than {MOST_COLUMNS} columns of scores", hint="one row for a record, one column a score"
            )
        column = None if name in COLUMNS else FurtherColumn(cells=self._terms.cells)
        place = 3 + len(self.columns)
        self.columns[name] = column
        self._places[name] = place, KNOWN[name] if column is None else column.see
        return self._places[name]


def trajectory_token(row: Mapping[str, Any]) -> bytes:
    """The token of a trajectory's id, in rows of scores and in records: as text, however it is spelled."""
    value = words_of(row.get("trajectory_id"))
    if value is None:
        raise BadValueError("has no trajectory_id")
    return key_fingerprint([value])


def _record_token(row: Mapping[str, Any]) -> bytes:
    if "record" in row:
        return fingerprint(row["record"])
    text = row.get("fingerprint")
    try:
        found = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        found = b""
    if len(found) != TOKEN_BYTES:
        raise BadValueError("has neither a record nor a fingerprint of 32 digits")
    return found


def _place_token(row: Mapping[str, Any], numbers: Mapping[str, int]) -> bytes:
    given = [
        (name, row[name], first) for name, first in (("example_index", 0), ("row", 1)) if row.get(name) is not None
    ]
    if len(given) != 1:
        raise BadValueError("has neither example_index nor row" if not given else "has both example_index and row")
    [(name, value, first)] = given
    if isinstance(value, str) and value.isdecimal() and value.isascii():
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or not 0 <= value - first < 1 << 32:
        raise BadValueError(f"{name} {shown(value)} is no place in a file")
    file = row.get("file")
    if file in (None, "") and len(numbers) == 1:
        number: int | None = 0
    else:
        number = numbers.get(file) if isinstance(file, str) else None
    if number is None:
        raise BadValueError("names no file, and there are several" if file in (None, "") else f"no file {shown(file)}")
    return PLACE_TOKEN.pack(number, value - first + 1)


def _key_value(row: Mapping[str, Any], name: str, types: frozenset[str]) -> Any:
    """The key's value as the records have it: where their values are all numbers, or all texts, it is spelled so."""
    if name not in row or row[name] is None:
        raise BadValueError(f"has no {name}")
    value = row[name]
    if isinstance(value, str) and "number" in types and "string" not in types:
        return _number(value)
    if type(value) is int and "string" in types and "number" not in types:
        return str(value)
    return value


def _number(text: str) -> Any:
    from dsv.records.canonical import MalformedError, decode

    try:
        found = decode(text.encode())
    except (MalformedError, UnicodeEncodeError):
        return text
    return found if isinstance(found, int | float | Number) and not isinstance(found, bool) else text
