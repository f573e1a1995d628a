"""`dsv index status`, `dsv index rebuild`, `dsv index schema`, `dsv index records`, `dsv index publish`."""

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


def examples(ref: Annotated[str, typer.Argument(metavar="REF", help="The version, such as leases@1.1.0.")]) -> None:
    """The scores of single records, for questions in SQL.

    The table dataset_quality_examples holds those of this version, as they stand today. They go with the next
    rebuild.

    Example: dsv index examples leases@1.1.0
    """
    from dsv.operations.index_examples import index_examples

    result = index_examples(current().open(), reference(ref))
    lines = [visible(f"{scorer}: {count(rows, 'row')}") for scorer, rows in result.scorers.items()]
    show(result, lines or [f"{result.reference} has no scores; dsv quality import brings them"])


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


def publish(
    target: Annotated[
        str, typer.Argument(metavar="URL", help="postgresql://USER@HOST/DATABASE, or a file such as catalogue.db.")
    ],
    schema: Annotated[
        str | None, typer.Option("--schema", metavar="NAME", help="The database's schema for it; else dsv.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Also where another repository published before.")] = False,
) -> None:
    """Put the index where others can query it: a PostgreSQL database, or a file that Datasette serves.

    The same tables and views, of this repository and of those that were added. Only what differs is written, in one
    transaction, and what dsv did not make is not touched. Passwords
    come from PGPASSWORD or ~/.pgpass, as psql takes them.

    Example: dsv index publish postgresql://ana@db.example.com/catalogue
    """
    from dsv.operations.publish import Replacing, index_publish

    result = index_publish(
        current().open(), target, schema=schema, replacing=Replacing.ANY if replace else Replacing.OWN
    )
    rows = {each.name: each.rows for each in result.tables}
    place = visible(result.target) + (f", schema {result.schema}" if result.schema else "")
    holds = f"{count(rows['dataset_versions'], 'version')} of {count(rows['datasets'], 'dataset')}"
    news = "" if result.changed else ", as it was"
    show(result, [f"{place}: {holds}{news}"])
