"""`dsv index status`, `dsv index rebuild`, `dsv index schema`, `dsv index records`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli.options import reference
from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import count, table, visible

_NAMED = 10
"""How many versions a line names."""


def status() -> None:
    """Where the search index lies, and whether git has moved since.

    Also the versions whose manifests were edited or deleted after their release, which the index keeps.

    Example: dsv index status
    """
    from dsv.operations.index import index_status

    result = index_status(current().open())
    fresh = "needs a refresh, which the next command does" if result.stale else "up to date"
    holds = f"{count(result.versions, 'version')} of {count(result.datasets, 'dataset')}"
    holds += f", {count(result.events, 'event')}"
    lines = [visible(result.path), f"schema {result.schema}, {holds}, {fresh}"]
    for what, names in (("edited", result.edited), ("deleted", result.deleted)):
        if names:
            more = f", and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
            lines.append(f"{what} after the release: {', '.join(names[:_NAMED])}{more}")
    show(result, lines)


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


def records(
    refs: Annotated[list[str], typer.Argument(metavar="REF...", help="Versions, such as leases@1.0.0.")],
) -> None:
    """Make the record indexes of versions from their data.

    For diff and which, where no record index can be fetched. Data that is not in the cache is read from the DVC
    remote without being kept, with --executor dask://HOST:PORT by the workers of a cluster.

    Example: dsv index records leases@1.0.0
    """
    from dsv.operations.index import index_records

    result = index_records(current().open(), *(reference(each) for each in refs))
    rows = [
        [each.reference, count(each.records, "record"), "made" if each.made else "was here"] for each in result.indexes
    ]
    show(result, table(["version", "records", "index"], rows))
