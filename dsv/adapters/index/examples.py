"""What scorers said of single records of a version, for those who want to ask in SQL."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from dsv.adapters.index.filling import insert
from dsv.adapters.index.folding import storable
from dsv.adapters.index.values import example_values

if TYPE_CHECKING:
    import sqlite3

    from dsv.adapters.index.rows import ExampleRow
    from dsv.model.version import Version

_AT_ONCE = 20_000


def keep(
    connection: sqlite3.Connection,
    repository: str,
    dataset: str,
    version: Version,
    *,
    scorer: str,
    rows: Iterable[ExampleRow],
) -> int | None:
    """Put the rows of a scorer in the place of those that it had; how many, or None where there is no such version."""
    number = _number(connection, repository, dataset, version)
    if number is None:
        return None
    drop(connection, repository, dataset, version, scorer=scorer)
    scorer = storable(scorer)
    position = 0
    remaining = iter(rows)
    while some := list(islice(remaining, _AT_ONCE)):
        numbered = enumerate(some, position)
        insert(
            connection,
            "dataset_quality_examples",
            [(number, scorer, place, *example_values(row)) for place, row in numbered],
        )
        position += len(some)
    return position


def drop(
    connection: sqlite3.Connection, repository: str, dataset: str, version: Version, *, scorer: str | None
) -> None:
    """Remove the rows of one scorer, or of all."""
    connection.execute(
        "DELETE FROM dataset_quality_examples WHERE version_id = :number AND (:scorer IS NULL OR scorer = :scorer)",
        {
            "number": _number(connection, repository, dataset, version),
            "scorer": None if scorer is None else storable(scorer),
        },
    )


def _number(connection: sqlite3.Connection, repository: str, dataset: str, version: Version) -> int | None:
    found = connection.execute(
        "SELECT id FROM dataset_versions WHERE repository = ? AND dataset = ? AND version = ?",
        (repository, dataset, str(version)),
    ).fetchone()
    return None if found is None else int(found[0])
