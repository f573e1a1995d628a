"""Changed records to look at: only the files that hold one of those shown are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from dsv.errors import MissingDataError
from dsv.records.changed_record import RecordExample, RecordPlace, changed_record
from dsv.records.compare import Example
from dsv.records.index import Place
from dsv.records.present import read_rows
from dsv.repository.contents.comparison import compared_records

if TYPE_CHECKING:
    from dsv.model.executor import Executor
    from dsv.repository.comparing.sources import RecordSource


def examples_between(
    old: RecordSource, new: RecordSource, *, keyed: bool, executor: Executor, limit: int
) -> list[RecordExample]:
    """Up to `limit` changed records of each kind: modified, added, removed, moved, in the order of their places.

    MissingDataError when the bytes of a file that holds one of them are not here.
    """
    found = compared_records(old.side, new.side, keyed=keyed, executor=executor, limit=limit).examples
    return examples_at(found, old, new, keyed=keyed)


def examples_at(found: Sequence[Example], old: RecordSource, new: RecordSource, *, keyed: bool) -> list[RecordExample]:
    """The records that a comparison found, read from the files that hold them; MissingDataError as above."""
    before = _values(old, [each.old for each in found if each.old])
    after = _values(new, [each.new for each in found if each.new])
    shown = []
    for each in found:
        old_value = before[each.old] if each.old else None
        new_value = after[each.new] if each.new else None
        newest = new_value if each.new else old_value
        shown.append(
            changed_record(
                each.kind.word,
                key=[newest.get(name) for name in new.side.key] if keyed and isinstance(newest, dict) else None,
                old=old_value,
                new=new_value,
                before=_place(old, each.old),
                after=_place(new, each.new),
            )
        )
    return shown


def _place(source: RecordSource, place: Place | None) -> RecordPlace | None:
    if place is None:
        return None
    path = source.side.index.files[place.file][0]
    return RecordPlace(path, place.row, source.side.reading.split_of(path))


def _values(source: RecordSource, places: Iterable[Place]) -> dict[Place, object]:
    """The records at the places, read from as few files as hold them; of an opaque file, its digest."""
    by_file: dict[int, set[int]] = {}
    for place in places:
        by_file.setdefault(place.file, set()).add(place.row)
    found: dict[Place, object] = {}
    for file, rows in by_file.items():
        path, digest = source.side.index.files[file]
        where = source.places.get(path)
        try:
            values = {} if where is None else read_rows(where, path=path, reading=source.side.reading, rows=rows)
        except FileNotFoundError:
            where, values = None, {}
        if where is None:
            raise MissingDataError(
                f"{path!a} of {source.side.name} is not in the cache, so its records cannot be shown",
                hint=f"dsv fetch {source.side.name} brings it",
            )
        for row in rows:
            found[Place(file, row)] = values.get(row, {"sha256": digest})
    return found
