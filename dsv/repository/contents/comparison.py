"""Two states of a dataset side by side: from their record indexes to the change between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dsv.model.change import Change, FilesChange, RecordCounts
from dsv.model.executor import Executor
from dsv.model.fields import Fields
from dsv.model.policy import Policy, compare_fields, rare
from dsv.model.reading import Reading
from dsv.model.where import Where
from dsv.records.built_index import BuiltIndex
from dsv.records.compare import Comparison, compare_files, compare_opaque, compare_with_examples
from dsv.records.index import RecordIndex
from dsv.repository.contents.workers import workers_for_rows


@dataclass(frozen=True)
class Side:
    """A version, or the working tree, as a comparison sees it; `name` is `NAME@X.Y.Z` or `NAME@work`."""

    name: str
    index: RecordIndex
    reading: Reading
    key: tuple[str, ...]
    fields: Fields
    records: int
    bytes: int

    def split_of_file(self) -> Callable[[int], str | None]:
        """File number -> split."""
        splits = [self.reading.split_of(path) for path, _ in self.index.files]
        return splits.__getitem__


def compared_records(
    old: Side, new: Side, *, keyed: bool, executor: Executor, limit: int = 0, where: Where | None = None
) -> Comparison:
    """The records in their classes, by key only where that is asked for; of each kind up to `limit` examples.

    `where` restricts the examples and the counts by split and file; the counts of the whole stay those of the whole.
    """
    with workers_for_rows(max(old.index.count, new.index.count), executor=executor) as workers:
        return compare_with_examples(
            old.index,
            new.index,
            old_split=old.split_of_file(),
            new_split=new.split_of_file(),
            keyed=keyed,
            limit=limit,
            inside=None if where is None else where.holds,
            workers=workers,
        )


def are_keyed(old: Side, new: Side) -> bool:
    """Whether both sides know their records by the same key."""
    return old.key == new.key and old.index.keyed and new.index.keyed


def change_between(
    old: Side, new: Side, *, policy: Policy, executor: Executor, records: RecordCounts | None = None
) -> Change:
    """Everything that differs, as the policy looks at it; `records` where these were counted already."""
    keyed = are_keyed(old, new)
    beside = old.index.opaque_count is not None or new.index.opaque_count is not None
    return Change(
        records=records or compared_records(old, new, keyed=keyed, executor=executor).counts,
        files=compare_files(old.index.files, new.index.files),
        fields=compare_fields(old.fields, new.fields),
        opaque=_compared_opaque(old, new) if beside else None,
        keyed=keyed,
        key_changed=old.key != new.key,
        declarations_changed=old.reading != new.reading,
        rare=rare(old.fields, records=old.records, policy=policy),
    )


def _compared_opaque(old: Side, new: Side) -> RecordCounts:
    return compare_opaque(old.index, new.index, old_split=old.split_of_file(), new_split=new.split_of_file())


def first_change(built: BuiltIndex, *, paths: Iterable[str]) -> Change:
    """The change of a first version: everything is added."""
    return Change(
        records=RecordCounts(added=built.records),
        files=FilesChange(added=tuple(paths)),
        keyed=built.keyed,
    )
