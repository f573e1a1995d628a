"""`dsv index status`, `dsv index rebuild`, `dsv index schema`."""

from __future__ import annotations

from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import count, visible


def status() -> None:
    """Where the search index lies, and whether git has moved since.

    Example: dsv index status
    """
    from dsv.operations.index import index_status

    result = index_status(current().open())
    fresh = "needs a refresh, which the next command does" if result.stale else "up to date"
    holds = f"{count(result.versions, 'version')} of {count(result.datasets, 'dataset')}"
    show(result, [visible(result.path), f"schema {result.schema}, {holds}, {fresh}"])


def rebuild() -> None:
    """Build the search index anew from what git holds.

    Never needed: every command refreshes it, and deleting it loses nothing.

    Example: dsv index rebuild
    """
    from dsv.operations.index import index_rebuild

    result = index_rebuild(current().open())
    show(result, [f"indexed {count(result.versions, 'version')} of {count(result.datasets, 'dataset')}"])


def schema() -> None:
    """The tables and views of the index, as SQL.

    Example: dsv index schema
    """
    from dsv.operations.index import index_schema

    result = index_schema()
    show(result, result.sql.splitlines())
