"""The SQLite file of the index: opened, made anew where it is unusable, read and written in transactions."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator

from dsv.adapters.index.folding import fold
from dsv.adapters.index.lineage import repository_identity
from dsv.adapters.index.schema import APPLICATION, SCHEMA, create
from dsv.errors import BadVersionError, DiskError, LockedError, UnsupportedError

BUSY_SECONDS = 10.0
IN_MEMORY = ":memory:"


class DamagedIndexError(DiskError):
    """The index could not be read and was thrown away; opened again it is empty, to be filled from git."""


class Database:
    """A connection to the index, with the schema in place."""

    def __init__(self, path: str) -> None:
        """Open the index at the path, or one in memory where none can be written.

        A file that is not an index of this schema (older, newer, damaged, something else) is replaced by an
        empty index. LockedError when another process keeps it for longer than ten seconds.
        """
        self.path = os.path.abspath(path)
        with _translated(self.path):
            self._connection = _ready(self.path) or _made(self.path)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One state of the index, whatever others write meanwhile."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A change that happens as a whole or not at all."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextlib.contextmanager
    def read_only(self) -> Iterator[sqlite3.Connection]:
        """A connection of its own that cannot write: to the file, or to a copy of an index that is only in memory."""
        from urllib.parse import quote

        with self._thrown_away_if_damaged():
            (_, _, file) = self._connection.execute("PRAGMA database_list").fetchone()
            where = f"file:{quote(os.fsencode(self.path))}?mode=ro" if file else IN_MEMORY
            connection = sqlite3.connect(where, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
            with contextlib.closing(connection):
                if not file:
                    self._connection.backup(connection)
                connection.execute("PRAGMA query_only = ON")
                connection.create_function("fold", 1, fold, deterministic=True)
                yield connection

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        connection = self._connection
        with self._thrown_away_if_damaged():
            connection.execute(begin)
            try:
                yield connection
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextlib.contextmanager
    def _thrown_away_if_damaged(self) -> Iterator[None]:
        try:
            with _translated(self.path):
                yield
        except DamagedIndexError:
            self.close()
            discard(self.path)
            raise


def discard(path: str) -> None:
    """No index at the path any more; where there is none, nothing happens."""
    path = os.path.abspath(path)
    if os.path.lexists(path):
        with _alone(path):
            _remove(path)


def _ready(path: str) -> sqlite3.Connection | None:
    """A connection when the file is an index of this schema."""
    if not os.path.isfile(path):
        return None
    try:
        connection = _connect(path)
        with _closed_on_failure(connection):
            marks = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
            if marks == [APPLICATION, SCHEMA]:
                # reads the whole schema, so a file cut short is noticed here
                connection.execute("SELECT name FROM repositories").fetchall()
                return connection
    except sqlite3.DatabaseError as error:
        if _is_busy(error):
            raise
        return None
    connection.close()
    return None


def _made(path: str) -> sqlite3.Connection:
    """A connection to a new, empty index, unless another process made one first."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with _alone(path):
            connection = _ready(path)
            if connection is None:
                _remove(path)
                connection = _connect(path)
                with _closed_on_failure(connection):
                    connection.execute("PRAGMA journal_mode = WAL")
                    _make_tables(connection)
            return connection
    except OSError:
        # a repository that may only be read still has a list and a log
        connection = _connect(IN_MEMORY)
        _make_tables(connection)
        return connection


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    with _closed_on_failure(connection):
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.create_function("fold", 1, fold, deterministic=True)
        connection.create_function("repository_identity", 1, repository_identity, deterministic=True)
    return connection


@contextlib.contextmanager
def _closed_on_failure(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _make_tables(connection: sqlite3.Connection) -> None:
    try:
        create(connection)
        # last: a file without these is taken for no index, so one that is half made is made anew
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
    except sqlite3.OperationalError as error:
        if "fts5" in str(error).lower() or "tokenizer" in str(error):
            raise UnsupportedError(
                f"this Python's SQLite {sqlite3.sqlite_version} cannot hold the index: {error}",
                hint="use a Python whose SQLite is 3.38 or newer, with FTS5",
            ) from error
        raise


def _remove(path: str) -> None:
    for suffix in ("-wal", "-shm", "-journal", ""):
        with contextlib.suppress(FileNotFoundError):
            os.remove(path + suffix)


@contextlib.contextmanager
def _alone(path: str) -> Iterator[None]:
    """Nobody else replaces the file meanwhile: a second process would delete what the first has just made."""
    handle = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def _translated(path: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if _is_busy(error):
            raise LockedError(f"the index {path} is in use by another process", hint="try again") from error
        if any(words in str(error) for words in ("disk", "readonly", "unable to open")):
            raise DiskError(f"the index {path} cannot be used: {error}", hint="is the disk full?") from error
        raise _damaged(path, error) from error
    except sqlite3.DatabaseError as error:
        # a subclass of DatabaseError is a mistake of ours, the class itself is a file that makes no sense
        if type(error) is not sqlite3.DatabaseError:
            raise
        raise _damaged(path, error) from error
    except (UnicodeDecodeError, json.JSONDecodeError, BadVersionError) as error:
        # nothing like it was ever written
        raise _damaged(path, error) from error


def _damaged(path: str, error: Exception) -> DamagedIndexError:
    return DamagedIndexError(
        f"the index {path} was damaged and has been thrown away: {error}",
        hint="run the command again: the index is built anew from git",
    )


def _is_busy(error: sqlite3.DatabaseError) -> bool:
    return "locked" in str(error) or "busy" in str(error)
