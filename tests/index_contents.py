"""What an index holds, to compare two of them: every row that means something."""

from __future__ import annotations

import contextlib
import sqlite3

_QUERIES = {
    "repositories": "SELECT name, url, head, stamp FROM repositories",
    "walks": "SELECT * FROM walks",
    "file_history": "SELECT * FROM file_history",
    "datasets": "SELECT * FROM datasets",
    "versions": "SELECT * FROM dataset_versions",
    "lineage": """
        SELECT l.*, v.content, p.content AS parent_content FROM dataset_lineage AS l
        JOIN dataset_versions AS v ON v.id = version_id LEFT JOIN dataset_versions AS p ON p.id = parent_id""",
    "quality": "SELECT q.*, content FROM dataset_quality_metrics AS q JOIN dataset_versions ON id = version_id",
    "search": "SELECT s.*, content FROM dataset_search AS s JOIN dataset_versions ON id = version_id",
    "events": "SELECT * FROM events",
    "runs": "SELECT r.*, content FROM runs AS r JOIN events AS e ON e.id = event_id",
    "tags": "SELECT * FROM tags",
}
_NUMBERS = {"id": 0, "version_id": 0, "parent_id": 0, "event_id": 0}
"""What SQLite gives, and another index may have otherwise."""


def index_contents(path):
    """The rows of each table, sorted; without their numbers, when they were written, and what texts were parsed.

    The full-text search and all references between tables are whole, too.
    """
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("INSERT INTO dataset_search_fts (dataset_search_fts) VALUES ('integrity-check')")
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return {
            name: sorted(str({**dict(row), **_NUMBERS}) for row in connection.execute(query))
            for name, query in _QUERIES.items()
        }
