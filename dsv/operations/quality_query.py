"""`dsv quality query`: the scores of a version's records that keep a condition."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.errors import UsageError
from dsv.model.problems import shown
from dsv.model.reference import Ref
from dsv.model.score_expression import parse_expression
from dsv.model.scores import COLUMNS, Kind
from dsv.records.present import presentable
from dsv.records.scores.revisions import latest_scores, merged_kinds, text_of
from dsv.records.scores.summing import matched
from dsv.records.scores.written import arrow_table, write_rows
from dsv.repository import Repository
from dsv.repository.scoring.score_files import opened_scores
from dsv.repository.scoring.target import Target, target_of

if TYPE_CHECKING:
    import pyarrow as pa

    from dsv.records.scores.score_file import ScoreFile

_PLACE = {"file": Kind.TEXT, "row": Kind.NUMBER, "split": Kind.TEXT, "scorer": Kind.TEXT}
_ORIGIN = {"model": Kind.TEXT, "prompt_sha256": Kind.TEXT, "scored_at": Kind.TEXT, "fingerprint": Kind.TEXT}
_RECORD = "record"


@dataclass(frozen=True)
class ScoreRows:
    """Rows of scores, a row for each record and scorer: the columns with what they hold, and the values in that order.

    `total` is how many rows keep the condition, of which there may be fewer here.
    """

    reference: str
    kinds: Mapping[str, Kind]
    rows: Sequence[tuple[Any, ...]]
    total: int

    def write(self, path: str) -> None:
        """A file of the rows: .jsonl, .csv or .parquet. Cells of CSV that spreadsheets would run begin with `'`."""
        write_rows(path, self.rows, kinds=self.kinds)

    def to_arrow(self) -> pa.Table:
        """The rows as Arrow's table; a record stands as JSON."""
        return arrow_table(self.rows, kinds=self.kinds)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        rows = [dict(zip(self.kinds, map(presentable, row), strict=True)) for row in self.rows]
        return {"ref": self.reference, "total": self.total, "columns": list(self.kinds), "rows": rows}


@dataclass(frozen=True)
class Order:
    """By which column rows come, by file and row without one; rows without a value come last. At most `limit` rows."""

    column: str = ""
    descending: bool = False
    limit: int | None = None


def quality_query(
    repository: Repository,
    reference: Ref,
    *,
    where: str = "",
    order: Order | None = None,
    with_records: bool = False,
) -> ScoreRows:
    """The rows that keep the condition, all of them without one; `with_records` adds each record as it is.

    Errors: UsageError for a condition that does not read, with the place, and for an unknown column; MissingDataError
    where scores, or the records that are asked for, are not here.
    """
    repository, order = repository.home_of(reference), order or Order()
    # gather
    target = target_of(repository, reference)
    scorers = opened_scores(repository, target.pointers)
    kinds = _kinds(scorers)
    test = parse_expression(where, kinds=kinds) if where.strip() else None
    if order.column and order.column not in kinds:
        raise UsageError(f"--sort {shown(order.column)} is no column", hint=f"there are {', '.join(kinds)}")
    # decide
    total = 0

    def kept() -> Iterator[dict[str, Any]]:
        nonlocal total
        for row in _rows(target, scorers, kinds):
            if test is None or test(row):
                total += 1
                yield row

    key = _sort_key(order)
    found = sorted(kept(), key=key) if order.limit is None else heapq.nsmallest(order.limit, kept(), key=key)
    if with_records:
        kinds = {**kinds, _RECORD: Kind.TEXT}
        _add_records(target, found)
    rows = [tuple([row[name] for name in kinds]) for row in found]
    return ScoreRows(target.name, kinds, rows, total)


def _kinds(scorers: Mapping[str, Sequence[ScoreFile]]) -> dict[str, Kind]:
    """All columns: where the record is, the scores, and where these come from."""
    found = merged_kinds([file for several in scorers.values() for file in several])
    scores = {name: found[name] for name in (*COLUMNS, *found) if name in found}
    return {**_PLACE, **scores, **_ORIGIN}


def _rows(
    target: Target, scorers: Mapping[str, Sequence[ScoreFile]], kinds: Mapping[str, Kind]
) -> Iterator[dict[str, Any]]:
    paths = [path for path, _ in target.side.index.files]
    splits = [target.side.reading.split_of(path) for path in paths]
    for scorer, files in sorted(scorers.items()):
        own = merged_kinds(files)
        empty = dict.fromkeys(kinds)
        for found in matched(latest_scores(files), target.side.index.entries()):
            batch = found.batch
            columns = {
                name: list(map(text_of, values)) if own.get(name, kinds[name]) is not kinds[name] else values
                for name, values in batch.columns.items()
            }
            for place, file, row in zip(found.places, found.files, found.rows, strict=True):
                yield {
                    **empty,
                    **{name: values[place] for name, values in columns.items()},
                    "file": paths[file],
                    "row": row,
                    "split": splits[file],
                    "scorer": scorer,
                    "fingerprint": batch.fingerprints[place].hex(),
                }


class _Descending:
    """A value that comes before smaller ones."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and bool(self.value == other.value)

    def __lt__(self, other: _Descending) -> bool:
        return bool(other.value < self.value)

    __hash__ = None  # type: ignore[assignment] # nobody looks one up


def _sort_key(order: Order) -> Any:
    def key(row: Mapping[str, Any]) -> tuple[Any, ...]:
        place = row["file"], row["row"], row["scorer"]
        if not order.column:
            return place
        value = row[order.column]
        if value is None:
            return True, 0, *place
        return False, _Descending(value) if order.descending else value, *place

    return key


def _add_records(target: Target, rows: Sequence[dict[str, Any]]) -> None:
    """Each row with its record; of an opaque file there is none to show."""
    wanted: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in rows:
        row[_RECORD] = None
        wanted.setdefault((row["file"], row["row"]), []).append(row)
    if not wanted or not target.side.index.readable:
        return
    paths = [path for path, _ in target.side.index.files]
    for file, number, value in target.records({path for path, _ in wanted}):
        for row in wanted.get((paths[file], number), ()):
            row[_RECORD] = value
