"""What a filter asks of datasets and versions, as conditions in SQL, and how a list is sorted and cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsv.errors import UsageError
from dsv.model.filters import Filter, Order, Page, Shown, Used

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

_UNLISTED = "('archived', 'removed')"
_USED = (
    "EXISTS (SELECT 1 FROM runs AS r WHERE r.known = 1 AND r.repository = {0}.repository AND r.dataset = {0}.{1}{2})"
)


class Conditions:
    """Conditions that all hold, and the values that they name."""

    def __init__(self) -> None:
        self._conditions = ["true"]
        self.values: dict[str, Any] = {}

    def add(self, condition: str, **values: Any) -> None:
        """One more, which names these values."""
        self._conditions.append(condition)
        self.values.update(values)

    def add_known(self, columns: Mapping[str, Any], form: str) -> None:
        """One for each column whose value is not None; the form has places for the column and its value's name."""
        for column, value in columns.items():
            if value is not None:
                self.add(form.format(column, f":{column}"), **{column: value})

    def __str__(self) -> str:
        return " AND ".join(self._conditions)


def dataset_conditions(where: Filter) -> Conditions:
    """Conditions on datasets `d` and their latest versions `l`."""
    found = Conditions()
    found.add_known(
        {"type": where.type, "format": where.format, "status": where.status, "repository": where.repository},
        "d.{} = {}",
    )
    if where.shown is not Shown.ALL:
        found.add("d.known = 1")
    if where.shown in (Shown.LISTED, Shown.LATEST) and where.status is None:
        found.add(f"d.status NOT IN {_UNLISTED}")
    if where.shown is Shown.LATEST:
        found.add("l.id IS NOT NULL")
    if where.stage is not None:
        found.add("EXISTS (SELECT 1 FROM json_each(d.stages) WHERE key = :stage)", stage=where.stage)
    if where.used is Used.BY_RUNS:
        found.add(_USED.format("d", "name", ""))
    if where.period.since is not None or where.period.until is not None:
        released = "SELECT 1 FROM dataset_versions AS v WHERE v.repository = d.repository AND v.dataset = d.name"
        known = "" if where.shown is Shown.ALL else " AND v.known = 1"
        found.add(f"EXISTS ({released}{known} AND {_in_period(where)})", **_ends(where))
    _add_labels(found, where, version="l")
    return found


def version_conditions(where: Filter) -> Conditions:
    """Conditions on versions `v` and their datasets `d`."""
    found = Conditions()
    found.add_known({"type": where.type, "format": where.format, "repository": where.repository}, "v.{} = {}")
    if where.status is not None:
        found.add("(v.status = :status OR d.status = :status)", status=where.status)
    elif where.shown in (Shown.LISTED, Shown.LATEST):
        found.add(f"d.status NOT IN {_UNLISTED} AND v.status <> 'removed'")
    if where.shown is not Shown.ALL:
        found.add("v.known = 1")
    if where.shown is Shown.LATEST:
        found.add("v.id IN (SELECT id FROM v_latest_versions)")
    if where.stage is not None:
        found.add("EXISTS (SELECT 1 FROM json_each(v.stages) WHERE value = :stage)", stage=where.stage)
    if where.used is Used.BY_RUNS:
        found.add(_USED.format("v", "dataset", " AND r.version = v.version"))
    if where.period.since is not None or where.period.until is not None:
        found.add(_in_period(where), **_ends(where))
    _add_labels(found, where, version="v")
    return found


def runs_of(table: str, dataset: str, version: str = "") -> str:
    """The column of a JSON array of the runs that used a version `v.version`, or any of a dataset."""
    of_version = f" AND r.version = {version}" if version else ""
    return (
        "(SELECT json_group_array(run) FROM (SELECT DISTINCT r.run AS run FROM runs AS r WHERE r.known = 1"  # noqa: S608
        f" AND r.repository = {table}.repository AND r.dataset = {dataset}{of_version} ORDER BY r.run))"
    )


def ordering(page: Page, sorts: Mapping[str, str], *, natural: str, ties: str) -> str:
    """The end of a query: ORDER BY one of the sorts, then the ties, and the part that the page asks for."""
    sort = page.sort or natural
    if sort not in sorts:
        raise UsageError(f"{sort!a} is nothing to sort by", hint=f"sort by one of {', '.join(sorts)}")
    order = page.order or (Order.DESCENDING if sort == "score" else Order.ASCENDING)
    limit = -1 if page.limit is None else page.limit
    return f"ORDER BY {sorts[sort]} {order.value} NULLS LAST, {ties} LIMIT {limit:d} OFFSET {page.offset:d}"


def total_of(connection: sqlite3.Connection, tables: str, asked: Conditions, *, page: Page, shown: int) -> int:
    """How many rows are on all pages; asked of the database only where the page and what it shows do not tell."""
    last = page.limit is None or shown < page.limit
    if last and (shown or not page.offset):
        return page.offset + shown
    counting = f"SELECT count(*) FROM {tables}"  # noqa: S608 - our own names, values are bound
    (total,) = connection.execute(counting, asked.values).fetchone()
    return int(total)


def _in_period(where: Filter) -> str:
    ends = [("since", ">="), ("until", "<=")]
    return " AND ".join(f"v.created_at {sign} :{end}" for end, sign in ends if getattr(where.period, end) is not None)


def _ends(where: Filter) -> dict[str, str]:
    ends = {"since": where.period.since, "until": where.period.until}
    return {end: moment for end, moment in ends.items() if moment is not None}


def _add_labels(found: Conditions, where: Filter, *, version: str) -> None:
    """Conditions on the tags of `d` and of the version's table, on the owners of `d`, and on the least numbers."""
    if where.tag is not None:
        holds = "EXISTS (SELECT 1 FROM json_each({}.tags) WHERE value = :tag)"
        found.add(f"({holds.format('d')} OR {holds.format(version)})", tag=where.tag)
    if where.owner is not None:
        owned = "EXISTS (SELECT 1 FROM json_each(d.owners) WHERE instr(fold(value), fold(:owner)))"
        found.add(owned, owner=where.owner)
    least = {
        "quality_score": where.min_quality,
        "judge_pass_rate": where.min_judge_pass_rate,
        "records": where.min_records,
    }
    found.add_known(least, f"{version}.{{}} >= {{}}")
