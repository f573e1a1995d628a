"""Questions in SQL that anybody may ask the index: they read and do nothing else, and end in time.

What a statement may do is decided by SQLite's authorizer while the statement is compiled, on a connection that
cannot write in the first place; how long it may take by a progress handler, which also lets an interrupt through.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from typing import TYPE_CHECKING, TypeVar

from dsv.errors import DeadlineError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Cell = int | float | str | bytes | None
    Cells = Sequence[Cell]
    Receive = Callable[[Sequence[str], Iterator[Cells]], "Answer"]

Answer = TypeVar("Answer")

_READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_PRAGMAS = frozenset(
    {
        "data_version",  # full-text search asks it by itself
        "foreign_key_list",
        "function_list",
        "index_info",
        "index_list",
        "index_xinfo",
        "table_info",
        "table_list",
        "table_xinfo",
    }
)
"""The pragmas that only describe."""
_OUTSIDE = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"})
"""The functions that reach beyond the index, where SQLite was built with them."""
_WORDS = {
    sqlite3.SQLITE_ATTACH: "open another database",
    sqlite3.SQLITE_DETACH: "close a database",
    sqlite3.SQLITE_PRAGMA: "use the pragma {}",
    sqlite3.SQLITE_FUNCTION: "call {}",
    sqlite3.SQLITE_TRANSACTION: "begin or end a transaction",
    sqlite3.SQLITE_SAVEPOINT: "begin or end a transaction",
}
_OF_THE_FILE = (
    "database is locked",
    "database table is locked",
    "database schema is locked",
    "disk I/O error",
    "database disk image is malformed",
    "file is not a database",
    "unable to open database file",
    "database or disk is full",
)
"""How the messages begin that are not about the statement."""
_INSTRUCTIONS = 20_000
_ROWS = 256
_LONGEST = 100_000_000
"""Bytes that one value may have: an expression cannot ask for all memory."""


def query(connection: sqlite3.Connection, statement: str, receive: Receive[Answer], *, seconds: float | None) -> Answer:
    """What `receive` makes of the columns and the rows, which come as they are found.

    Errors: UsageError for a statement that is none, does anything but read, or is more than one; DeadlineError
    when SQLite works on it for longer than these seconds (None: however long it takes).
    """
    _refuse_what_is_no_text(statement)
    guard = _Guard(seconds)
    connection.text_factory = _text
    connection.set_authorizer(guard.allows)
    connection.set_progress_handler(guard.is_over, _INSTRUCTIONS)
    if sys.version_info >= (3, 11):
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    cursor = guard.watched(lambda: connection.execute(statement))
    if cursor.description is None:
        raise UsageError("there is nothing to ask in this SQL", hint=_EXAMPLE)
    return receive([column[0] for column in cursor.description], _rows(cursor, guard))


_EXAMPLE = 'for instance dsv sql "select dataset, version, records from v_latest_datasets"'
_HINT = "dsv index schema shows the tables and views"


def _refuse_what_is_no_text(statement: str) -> None:
    """UsageError for characters that SQLite does not take; what Python says of them differs by its version."""
    if "\0" in statement:
        raise UsageError("the SQL holds a NUL character", hint=_EXAMPLE)
    try:
        statement.encode()
    except UnicodeEncodeError:
        raise UsageError("the SQL holds a lone surrogate, which is no text", hint=_EXAMPLE) from None


def _rows(cursor: sqlite3.Cursor, guard: _Guard) -> Iterator[Cells]:
    while rows := guard.watched(lambda: cursor.fetchmany(_ROWS)):
        yield from rows


def _text(content: bytes) -> str:
    return content.decode("utf-8", "backslashreplace")


class _Guard:
    """Says what one statement may do, and when it has taken too long; only time that SQLite takes counts."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._taken = 0.0
        self._since = 0.0
        self._late = False
        self._refused = ""

    def allows(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        """SQLite's question for each thing that the statement would do."""
        named = second if action == sqlite3.SQLITE_FUNCTION else first
        name = (named or "").lower()
        if (
            (action in _READING and name not in _OUTSIDE)
            or (action == sqlite3.SQLITE_PRAGMA and name in _PRAGMAS)
            # asked where a virtual table is named; such a statement of the user's is refused by SQLite itself
            or (action == sqlite3.SQLITE_UPDATE and name == "sqlite_master")
        ):
            return sqlite3.SQLITE_OK
        self._refused = self._refused or _WORDS.get(action, "change the index").format(name)
        return sqlite3.SQLITE_DENY

    def is_over(self) -> bool:
        """SQLite's question from time to time; it stops at a true answer, and when an interrupt arrives here."""
        self._late = self._seconds is not None and self._taken + time.monotonic() - self._since > self._seconds
        return self._late

    def watched(self, work: Callable[[], Answer]) -> Answer:
        """What the work of SQLite gives, its errors as those of dsv."""
        self._since = time.monotonic()
        try:
            return work()
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise self._translated(error) from error
        finally:
            self._taken += time.monotonic() - self._since

    def _translated(self, error: Exception) -> BaseException:
        said = " ".join(str(error).split())
        if self._late:
            return DeadlineError(
                f"the query was stopped after {self._seconds:g} s",
                hint="narrow it, or give it more time with --time-limit SECONDS (0: no limit)",
            )
        if said == "interrupted":
            return KeyboardInterrupt()
        if self._refused:
            return UsageError(f"dsv sql only reads: this would {self._refused}", hint=_HINT)
        if isinstance(error, sqlite3.Error) and said.startswith(_OF_THE_FILE):
            return error
        return _mistake(said)


def _mistake(said: str) -> UsageError:
    """What is wrong with the statement."""
    if "one statement at a time" in said:
        return UsageError("this is more than one SQL statement", hint="ask one at a time")
    return UsageError(f"SQLite cannot run this: {said}", hint=_HINT)
