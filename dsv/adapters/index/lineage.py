"""The parents of versions found among the versions that the index holds, whichever of the two came first."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

# two lookups rather than one with OR, which SQLite answers by reading all versions for each parent
_NAMED = """
        SELECT v.id, v.dataset, r.name, {same_name} AS same_name,
            coalesce(v.tree_digest = l.parent_digest, 0) AS same_data
        FROM dataset_lineage AS l JOIN dataset_versions AS c ON c.id = l.version_id JOIN repositories AS r
            ON CASE WHEN l.parent_repository = '' THEN r.name = c.repository
                ELSE repository_identity(r.url) = repository_identity(l.parent_repository) END
        JOIN dataset_versions AS v
            ON v.repository = r.name AND v.{column} = l.parent_dataset AND v.version = l.parent_version
        WHERE l.version_id = dataset_lineage.version_id AND l.position = dataset_lineage.position"""
_PARENT = f"""(
    SELECT id FROM ({_NAMED.format(column="released_as", same_name=1)}
        UNION ALL{_NAMED.format(column="dataset", same_name=0)}
    ) ORDER BY same_data DESC, same_name DESC, name, dataset LIMIT 1
)"""  # noqa: S608 - our own names
"""The version that a parent's columns name: by its name then or today, in the same repository or the one of a URL."""


@lru_cache(maxsize=1024)
def repository_identity(url: str) -> str:
    """What all addresses of a repository share; a text that is none is itself. SQL calls this."""
    from dsv.errors import UsageError
    from dsv.model.git_address import GitAddress

    try:
        return GitAddress.parse(url).identity
    except UsageError:
        return url


def find_parents(
    connection: sqlite3.Connection, *, of: Sequence[int], named: Collection[str], everywhere: bool
) -> None:
    """Look again for the parents of these versions, for those of these names, and for all in other repositories."""
    connection.execute(
        f"UPDATE dataset_lineage SET parent_id = {_PARENT}"  # noqa: S608 - our own names, values are bound
        " WHERE version_id IN (SELECT value FROM json_each(?)) OR parent_dataset IN (SELECT value FROM json_each(?))",
        (json.dumps(of), json.dumps(sorted(named))),
    )
    if everywhere:
        connection.execute(f"UPDATE dataset_lineage SET parent_id = {_PARENT} WHERE parent_repository <> ''")  # noqa: S608 - our own names


def lose_parents(connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
    """Leave these versions as nobody's parents: they are about to go."""
    connection.executemany(
        "UPDATE dataset_lineage SET parent_id = NULL WHERE parent_id = ?", [(number,) for number in numbers]
    )
