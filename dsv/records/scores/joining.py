"""Rows of scores joined with the records that they are of: sorted streams merged, so that memory does not grow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from dsv.errors import BadKeyError
from dsv.model.scores import By
from dsv.records.canonical import FINGERPRINT_SIZE
from dsv.records.index import RecordIndex
from dsv.records.runs import SortedRuns
from dsv.records.scores.intake import TOKEN_BYTES, Intake
from dsv.records.scores.refusals import Refusals, Wrong
from dsv.records.scores.score_file import BATCH_ROWS, Batch
from dsv.records.scores.spool import Spool

MATCH_BYTES = TOKEN_BYTES + FINGERPRINT_SIZE
"""A token, and the fingerprint of a record that has it."""

_SAID = ("model", "prompt_sha256")
_END = b"\xff" * 17
_REASONS = {
    By.KEY: "no record has this key",
    By.RECORD: "no such record",
    By.INDEX: "the file has no such row",
    By.TRAJECTORY_ID: "no record has this trajectory_id",
}


def matches_in(index: RecordIndex, *, by: By, runs: SortedRuns) -> Iterable[bytes]:
    """The tokens of the index's records with their fingerprints, ascending; BadKeyError for one without keys.

    `runs`, of MATCH_BYTES, sort them where need be.
    """
    if by is By.RECORD:
        return (row[:FINGERPRINT_SIZE] * 2 for row in index.rows())
    if by is By.INDEX:
        runs.add_one_by_one(row[-8:] + bytes(8) + row[:FINGERPRINT_SIZE] for row in index.rows())
        return runs
    if not index.keyed:
        raise BadKeyError("the version's records have no key", hint="--by record, or --by index")
    runs.add_one_by_one(row[16:32] + row[:16] for row in index.rows())
    return runs


def join(
    rows: Iterable[bytes], matches: Iterable[bytes], *, by: By, into: SortedRuns, spool: Spool, refusals: Refusals
) -> None:
    """The fingerprint of each row's record, and where its values are, into runs of rows of TOKEN's form."""
    found: list[bytes] = []
    following = iter(matches)
    match = next(following, _END)
    last = b""
    for row in rows:
        token, place = row[:TOKEN_BYTES], row[TOKEN_BYTES:]
        if token == last:
            refusals.add(Wrong.DUPLICATE, _number(spool, place), "an earlier row is of the same record")
            continue
        last = token
        while match[:TOKEN_BYTES] < token:
            match = next(following, _END)
        if match[:TOKEN_BYTES] != token:
            refusals.add(Wrong.UNMATCHED, _number(spool, place), _REASONS[by])
            continue
        while match[:TOKEN_BYTES] == token:
            found.append(match[TOKEN_BYTES:] + place)
            match = next(following, _END)
        if len(found) >= BATCH_ROWS:
            into.add(found)
            found = []
    into.add(found)
    for _ in following:  # to the end, where the index is held against its digest
        pass


def joined_batches(
    rows: Iterable[bytes], intake: Intake, *, spool: Spool, refusals: Refusals, origin: Mapping[str, str | None]
) -> Iterator[Batch]:
    """The joined rows as a file of scores has them; two rows that say different things of one record are refused.

    `origin` is the time of the import, and the model and the SHA-256 of the prompt of rows that do not say.
    """
    readers = {**dict.fromkeys(_SAID), **intake.readers()}
    fingerprints: list[bytes] = []
    values: list[list[Any]] = []
    for fingerprint, several in groupby(rows, key=_fingerprint):
        values.append(_only(spool, [row[TOKEN_BYTES:] for row in several], refusals))
        fingerprints.append(fingerprint)
        if len(fingerprints) == BATCH_ROWS:
            yield _batch(fingerprints, values, readers, origin)
            fingerprints, values = [], []
    if fingerprints:
        yield _batch(fingerprints, values, readers, origin)


def _only(spool: Spool, places: Sequence[bytes], refusals: Refusals) -> list[Any]:
    """The values that all these rows have."""
    first: list[Any]
    number, *first = spool.get(int.from_bytes(places[0], "big"))
    for place in places[1:]:
        if place == places[0]:
            continue
        again, *other = spool.get(int.from_bytes(place, "big"))
        if other != first:
            refusals.add(Wrong.DUPLICATE, again, f"row {number} scores an equal record otherwise")
    return first


def _batch(
    fingerprints: Sequence[bytes],
    values: Sequence[list[Any]],
    readers: Mapping[str, Callable[[Any], Any] | None],
    origin: Mapping[str, str | None],
) -> Batch:
    columns: dict[str, Sequence[Any]] = {}
    for row in values:
        if len(row) < len(readers):
            row.extend([None] * (len(readers) - len(row)))
    columns.update(zip(readers, map(list, zip(*values, strict=True)), strict=True))
    for name, reader in readers.items():
        if reader is not None:
            columns[name] = list(map(reader, columns[name]))
    for name in _SAID:
        usual = origin[name]
        if usual is not None:
            columns[name] = [usual if value is None else value for value in columns[name]]
    columns["scored_at"] = [origin["scored_at"]] * len(fingerprints)
    return Batch(fingerprints, columns)


def _fingerprint(row: bytes) -> bytes:
    return row[:FINGERPRINT_SIZE]


def _number(spool: Spool, place: bytes) -> int:
    number: int = spool.get(int.from_bytes(place, "big"))[0]
    return number
