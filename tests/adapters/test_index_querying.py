"""Asking the index in SQL: it answers, and nothing that is asked changes it, leaves it, or goes on for ever."""

from __future__ import annotations

import hashlib
import time

import pytest

from dsv.adapters.index import DatasetRow, Index
from dsv.errors import DeadlineError, UsageError
from tests.adapters.test_index_search import DATASETS, VERSIONS

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT {} FROM n"


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    with Index(str(tmp_path_factory.mktemp("queried") / "100%? #index.db")) as opened:
        opened.replace("s", datasets=DATASETS, versions=VERSIONS)
        yield opened


def answer(index, statement, **options):
    """The columns and all rows."""
    return index.query(statement, lambda columns, rows: (list(columns), list(rows)), **options)


def test_tables_views_search_and_json_can_be_asked(index):
    assert answer(index, "SELECT name, format FROM datasets WHERE name LIKE 'retail%' ORDER BY name") == (
        ["name", "format"],
        [("retail", "jsonl"), ("retail-leases", "jsonl")],
    )
    assert answer(index, "SELECT version FROM v_latest_datasets WHERE dataset = 'retail'")[1] == [("1.10.0",)]
    assert answer(index, "SELECT count(*) FROM dataset_search_fts WHERE dataset_search_fts MATCH '\"retail\"'")[1]
    assert answer(index, "SELECT value FROM json_each('[1, null]')")[1] == [(1,), (None,)]
    assert ("name",) in answer(index, "SELECT name FROM pragma_table_info('datasets')")[1]
    assert answer(index, "SELECT fold('Ä')")[1] == [("ä",)]
    assert answer(index, "EXPLAIN QUERY PLAN SELECT 1")[1]
    assert answer(index, "SELECT 1 AS a WHERE false") == (["a"], [])


WRITING = [
    "ATTACH 'other.db' AS other",
    "ATTACH ':memory:' AS other",
    "DETACH main",
    "VACUUM",
    "VACUUM INTO 'copy.db'",
    "PRAGMA writable_schema = ON",
    "PRAGMA query_only = OFF",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA user_version = 7",
    "PRAGMA wal_checkpoint",
    "PRAGMA hard_heap_limit = 1",
    "PRAGMA temp_store_directory = '/'",
    "SELECT * FROM pragma_wal_checkpoint",
    "SELECT load_extension('nothing')",
    "INSERT INTO datasets SELECT * FROM datasets",
    "UPDATE datasets SET name = 'x'",
    "DELETE FROM datasets",
    "WITH x AS (SELECT 1) DELETE FROM datasets",
    "REPLACE INTO about VALUES ('stamp', 'x')",
    "INSERT INTO about VALUES ('a', 'b') RETURNING key",
    "INSERT INTO dataset_search_fts(dataset_search_fts) VALUES ('delete-all')",
    "DROP TABLE datasets",
    "CREATE TABLE mine (a)",
    "CREATE TEMP TABLE mine (a)",
    "CREATE VIEW mine AS SELECT 1",
    "CREATE VIRTUAL TABLE mine USING fts5(a)",
    "ALTER TABLE datasets RENAME TO mine",
    "UPDATE sqlite_master SET sql = ''",
    "ANALYZE",
    "REINDEX",
    "BEGIN",
    "BEGIN EXCLUSIVE",
    "COMMIT",
    "SAVEPOINT a",
    "SELECT 1; DROP TABLE datasets",
    "EXPLAIN DELETE FROM datasets",
]


@pytest.mark.parametrize("statement", WRITING)
def test_whatever_does_more_than_read_is_refused_and_changes_nothing(index, statement, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = contents(index)
    with pytest.raises(UsageError):
        answer(index, statement)
    assert contents(index) == before
    assert list(tmp_path.iterdir()) == []


def contents(index):
    """A digest of the file and of what was written beside it."""
    path = index.status().path
    found = hashlib.sha256()
    for suffix in ("", "-wal"):
        with open(path + suffix, "rb") as stream:
            found.update(stream.read())
    return found.hexdigest()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SELECT price", "no such column: price"),
        ("SELECT locked, busy, disk FROM datasets", "no such column: locked"),
        ("SELEC 1", "syntax error"),
        ("SELECT 'a\0b'", "a NUL character"),
        ("SELECT '\ud800'", "lone surrogate"),
        ("", "nothing to ask"),
        (" -- nothing", "nothing to ask"),
        (";", "nothing to ask"),
        ("SELECT 1; SELECT 2", "more than one"),
        ("SELECT ?", "SQLite cannot run this"),
        ("SELECT " + "(" * 5000, "SQLite cannot run this"),
        ("SELECT rowid FROM dataset_search_fts WHERE dataset_search_fts MATCH 'NEAR(('", "fts5: syntax error"),
        ("SELECT json('{')", "malformed JSON"),
        ("SELECT abs(-9223372036854775808)", "integer overflow"),
        ("SELECT zeroblob(2000000000)", "too big"),
        ("PRAGMA journal_mode = DELETE", "dsv sql only reads: this would use the pragma journal_mode"),
        ("ATTACH 'x' AS y", "dsv sql only reads: this would open another database"),
        ("DELETE FROM datasets", "dsv sql only reads: this would change the index"),
    ],
)
def test_a_mistake_is_told_in_one_line(index, statement, said):
    with pytest.raises(UsageError) as error:
        answer(index, statement)
    assert said in error.value.message
    assert "\n" not in error.value.message
    assert len(error.value.message) < 300


def test_text_that_is_no_utf_8_is_shown_as_escapes(index):
    assert answer(index, "SELECT CAST(x'ff41' AS TEXT)")[1] == [("\\xffA",)]


@pytest.mark.parametrize("column", ["count(*)", "max(i)", "i WHERE i < 0"])
def test_what_would_never_end_is_stopped(index, column):
    what, _, condition = column.partition(" WHERE ")
    statement = ENDLESS.format(what) + (f" WHERE {condition}" if condition else "")
    started = time.monotonic()
    with pytest.raises(DeadlineError, match=r"stopped after 0\.1 s"):
        answer(index, statement, seconds=0.1)
    assert time.monotonic() - started < 5


def test_of_endless_rows_the_first_are_there_at_once_and_time_of_the_reader_does_not_count(index):
    def first(_, rows):
        found = [next(rows)]
        time.sleep(0.3)
        return [*found, *(next(rows) for _ in range(1000))]

    assert index.query(ENDLESS.format("i"), first, seconds=0.2)[-1] == (1001,)


def test_an_index_that_is_only_in_memory_can_be_asked_and_not_written(tmp_path):
    (tmp_path / "file").write_text("")
    with Index(str(tmp_path / "file" / "index.db")) as opened:
        opened.replace("s", datasets=[DatasetRow("a", "t", "jsonl", "data/a")], versions=[])
        assert answer(opened, "SELECT name FROM datasets")[1] == [("a",)]
        with pytest.raises(UsageError):
            answer(opened, "DELETE FROM datasets")
