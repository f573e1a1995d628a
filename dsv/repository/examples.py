"""Changed records to look at: only the files that hold one of those shown are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.errors import MissingDataError
from dsv.records.compare import Kind, compare_with_examples
from dsv.records.index import Place
from dsv.records.present import field_changes, presentable, read_rows, short_text

if TYPE_CHECKING:
    from dsv.repository.sources import RecordSource


@dataclass(frozen=True)
class RecordExample:
    """One changed record; `old` and `new` are its values (None where it was not), place and row those of the newer."""

    kind: str
    key: Sequence[Any] | None
    old: Any
    new: Any
    file: str
    row: int

    @property
    def key_text(self) -> str:
        """The key as people read it."""
        return "" if self.key is None else ", ".join(short_text(part) for part in self.key)

    def lines(self) -> Iterator[tuple[str, str]]:
        """Lines with their mark, `-` for what was and `+` for what is; of a modified record only what differs."""
        if self.kind in (Kind.MODIFIED.word, "field"):
            yield from field_changes(self.old, self.new)
            return
        if self.kind != Kind.ADDED.word:
            yield "-", short_text(self.old)
        if self.kind != Kind.REMOVED.word:
            yield "+", short_text(self.new)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "kind": self.kind,
            "key": None if self.key is None else list(self.key),
            "old": self.old,
            "new": self.new,
            "file": self.file,
            "row": self.row,
        }


def examples_between(old: RecordSource, new: RecordSource, *, keyed: bool, limit: int) -> list[RecordExample]:
    """Up to `limit` changed records of each kind: modified, added, removed, moved, in the order of their places.

    MissingDataError when the bytes of a file that holds one of them are not here.
    """
    found = compare_with_examples(
        old.side.index,
        new.side.index,
        old_split=old.side.split_of_file(),
        new_split=new.side.split_of_file(),
        keyed=keyed,
        limit=limit,
    ).examples
    before = _values(old, [each.old for each in found if each.old])
    after = _values(new, [each.new for each in found if each.new])
    shown = []
    for each in found:
        source, place = (new, each.new) if each.new else (old, each.old)
        if place is None:
            continue
        old_value = before[each.old] if each.old else None
        new_value = after[each.new] if each.new else None
        newest = new_value if each.new else old_value
        key = [newest.get(name) for name in new.side.key] if keyed and isinstance(newest, dict) else None
        path = source.side.index.files[place.file][0]
        shown.append(RecordExample(each.kind.word, key, old_value, new_value, path, place.row))
    return shown


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
                hint="dvc fetch --all-tags brings it",
            )
        for row in rows:
            found[Place(file, row)] = presentable(values.get(row, {"sha256": digest}))
    return found
