"""The index as it would have been at the end of an earlier day: what was released by then, named and standing as then.

Temporary tables of the same names lie over those of the index while it is looked back: SQLite finds them first, so
every query on datasets, versions and runs answers as of then. What dataset.yaml says (type, description, owners) has
no date in the index, and is as today.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from dsv.adapters.index.views import VIEWS
from dsv.model.standing import COUNTING, Happening, PastEvent, Standing, standing_of
from dsv.model.version import Version, parse_version

if TYPE_CHECKING:
    import sqlite3

_OVERLAID = ("dataset_versions", "datasets", "runs")
_LATEST = next(view for view in VIEWS if view.name == "v_latest_versions")
_EVENTS = (
    "SELECT repository, dataset, path, event, told_of, version, at, by, reason, data FROM main.events"
    " WHERE known = 1 AND event IN (SELECT value FROM json_each(?)) ORDER BY repository, dataset, at, path"
)


@contextlib.contextmanager
def looking_back(connection: sqlite3.Connection, at: str) -> Iterator[None]:
    """Inside it, the connection answers as of that second (`2026-11-22T23:59:59Z`)."""
    _overlay(connection, at)
    try:
        yield
    finally:
        connection.execute("DROP VIEW temp.v_latest_versions")
        for table in _OVERLAID:
            connection.execute(f"DROP TABLE temp.{table}")


def _overlay(connection: sqlite3.Connection, at: str) -> None:
    connection.execute(
        "CREATE TEMP TABLE dataset_versions AS SELECT * FROM main.dataset_versions WHERE created_at <= ?", (at,)
    )
    connection.execute("CREATE INDEX temp.versions_by_name ON dataset_versions (repository, dataset, sort_key)")
    connection.execute("CREATE UNIQUE INDEX temp.versions_by_id ON dataset_versions (id)")
    connection.execute(
        "CREATE TEMP TABLE datasets AS SELECT * FROM main.datasets AS d WHERE EXISTS (SELECT 1"
        " FROM temp.dataset_versions AS v WHERE v.repository = d.repository AND v.dataset = d.name)"
    )
    connection.execute("CREATE INDEX temp.datasets_by_name ON datasets (repository, name)")
    connection.execute("CREATE TEMP TABLE runs AS SELECT * FROM main.runs WHERE at <= ?", (at,))
    connection.execute(f"CREATE TEMP VIEW v_latest_versions AS {_LATEST.select}")
    rows = connection.execute(_EVENTS, (json.dumps(sorted(COUNTING)),)).fetchall()
    for (repository, dataset), told in groupby(rows, key=lambda row: (row[0], row[1])):
        events = [_event(row) for row in told]
        then = standing_of(each for each in events if each.at <= at)
        _set_standing(connection, repository, dataset, then)
        name = _name_before(dataset, [each for each in events if each.at > at])
        if name != dataset:
            for table, column in (("datasets", "name"), ("dataset_versions", "dataset"), ("runs", "dataset")):
                connection.execute(
                    f"UPDATE temp.{table} SET {column} = ? WHERE repository = ? AND {column} = ?",  # noqa: S608
                    (name, repository, dataset),
                )


def _event(row: Sequence[Any]) -> PastEvent:
    _, _, path, event, told_of, version, at, by, reason, data = row
    file = path.rpartition("/")[2]
    number = None if version is None else parse_version(version)
    return PastEvent(event, told_of, number, at, by, reason, json.loads(data), file)


def _set_standing(connection: sqlite3.Connection, repository: str, dataset: str, then: Standing) -> None:
    stages = {stage: str(version) for stage, version in sorted(then.stages.items())}
    connection.execute(
        "UPDATE temp.datasets SET status = ?, stages = ? WHERE repository = ? AND name = ?",
        (then.dataset.value, json.dumps(stages), repository, dataset),
    )
    asked = "SELECT id, version FROM temp.dataset_versions WHERE repository = ? AND dataset = ?"
    versions = [(number, Version.parse(text)) for number, text in connection.execute(asked, (repository, dataset))]
    connection.executemany(
        "UPDATE temp.dataset_versions SET status = ?, stages = ? WHERE id = ?",
        [(then.status(each).value, json.dumps(then.stages_of(each)), number) for number, each in versions],
    )


def _name_before(name: str, events: Sequence[PastEvent]) -> str:
    """What the dataset of this name was called before these events, the first of them first."""
    for each in reversed(events):
        old = each.data.get("from")
        if each.event == Happening.RENAME.value and each.dataset == name and isinstance(old, str):
            name = old
    return name
