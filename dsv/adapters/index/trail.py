"""The audit trail: releases and events in the order in which they happened, the last first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters.index.conditions import Conditions, ordering, total_of
from dsv.adapters.index.rows import OWN, Found, TrailRow
from dsv.model.filters import Order, Page
from dsv.model.period import ALWAYS, Period
from dsv.model.version import parse_version

if TYPE_CHECKING:
    import sqlite3

_TRAIL = """(
    SELECT created_at AS at, 'release' AS event, dataset, version, created_by AS by, summary AS reason,
        json_object('level', level, 'records', records) AS data, repository, 0 AS later, sort_key AS place
    FROM dataset_versions WHERE known = 1
    UNION ALL
    SELECT at, event, dataset, version, by, reason, data, repository, 1, path FROM events WHERE known = 1
)"""
_SORTS = {"at": "at DESC, later DESC, dataset DESC, place"}


@dataclass(frozen=True)
class Asked:
    """What of the trail is asked for; None does not narrow. `by` is any part of who did it, in any case."""

    dataset: str | None = None
    version: str | None = None
    kinds: tuple[str, ...] = ()
    by: str | None = None
    period: Period = ALWAYS
    repository: str | None = OWN


def trail(connection: sqlite3.Connection, asked: Asked, *, page: Page) -> Found[TrailRow]:
    """One page of what happened."""
    conditions = Conditions()
    conditions.add_known(
        {"dataset": asked.dataset, "version": asked.version, "repository": asked.repository}, "{} = {}"
    )
    if asked.kinds:
        conditions.add("event IN (SELECT value FROM json_each(:kinds))", kinds=json.dumps(asked.kinds))
    if asked.by is not None:
        conditions.add("instr(fold(coalesce(by, '')), fold(:by))", by=asked.by)
    if asked.period.since is not None:
        conditions.add("at >= :since", since=asked.period.since)
    if asked.period.until is not None:
        conditions.add("at <= :until", until=asked.period.until)
    tables = f"{_TRAIL} WHERE {conditions}"
    order = ordering(Page("at", Order.DESCENDING, page.limit, page.offset), _SORTS, natural="at", ties="repository")
    columns = "event, dataset, version, at, by, reason, data, repository"
    rows = connection.execute(f"SELECT {columns} FROM {tables} {order}", conditions.values)  # noqa: S608 - our own names
    found = [
        TrailRow(event, dataset, parse_version(version or ""), at, by, reason, json.loads(data), repository)
        for event, dataset, version, at, by, reason, data, repository in rows
    ]
    return Found(found, total_of(connection, tables, conditions, page=page, shown=len(found)))
