"""Why a change asks for its level: each reason with a record, and the field in it, that made it so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.model.change import Change
from dsv.model.policy import Cause, Reason, Verdict
from dsv.records.changed_record import RecordExample, RecordPlace, changed_record
from dsv.records.present import records_of
from dsv.records.totals import type_name
from dsv.repository.comparing.examples import examples_between
from dsv.repository.comparing.sources import RecordSource, version_source, work_source
from dsv.repository.contents.snapshot import Snapshot
from dsv.repository.known.catalog import KnownVersion

if TYPE_CHECKING:
    from dsv.model.executor import Executor
    from dsv.repository.repository import Repository

_FILES_NAMED = 3


@dataclass(frozen=True)
class Explanation:
    """A reason, what it looks at, and what shows it: records, or files where nothing reads them."""

    reason: str
    cause: str
    field: str | None
    examples: Sequence[RecordExample] = ()
    files: Sequence[str] = ()

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "reason": self.reason,
            "cause": self.cause,
            "field": self.field,
            "examples": [each.document() for each in self.examples],
            "files": list(self.files),
        }


def explain_since(
    repository: Repository, base: KnownVersion, snapshot: Snapshot, change: Change, verdict: Verdict
) -> list[Explanation]:
    """Why the change since the base asks for its level."""
    old, new = version_source(repository, base), work_source(snapshot)
    return explain(old, new, change=change, verdict=verdict, executor=repository.executor)


def explain(
    old: RecordSource, new: RecordSource, *, change: Change, verdict: Verdict, executor: Executor
) -> list[Explanation]:
    """The reasons of the verdict with their examples; only files that hold an example are read, from their start."""
    return [
        Explanation(
            reason=reason.text,
            cause=reason.cause.value,
            field=reason.fields[0] if reason.fields else None,
            examples=_examples(reason, old, new, change=change, executor=executor),
            files=_files(reason, change),
        )
        for reason in verdict.causes
    ]


def explanation_document(explanations: Sequence[Explanation]) -> dict[str, Any]:
    """The key that a result's document has where an explanation was asked for."""
    return {"explanation": [each.document() for each in explanations]} if explanations else {}


def _examples(
    reason: Reason, old: RecordSource, new: RecordSource, *, change: Change, executor: Executor
) -> list[RecordExample]:
    if reason.cause is Cause.RECORDS:
        return examples_between(old, new, keyed=change.keyed, executor=executor, limit=1)
    if not reason.fields:
        return []
    field = reason.fields[0]
    if reason.cause is Cause.FIELD_REMOVED:
        return list(_first(old, field, lambda _: True, before=True))
    if reason.cause is Cause.FIELD_ADDED:
        return list(_first(new, field, lambda _: True, before=False))
    types = next((each for each in change.fields.changed if each.field == field), None)
    if types is None:
        return []
    gone, come = set(types.old) - set(types.new), set(types.new) - set(types.old)
    return [
        *_first(old, field, lambda kind: kind in (gone or types.old), before=True),
        *_first(new, field, lambda kind: kind in (come or types.new), before=False),
    ]


def _first(source: RecordSource, field: str, wanted: Callable[[str], bool], *, before: bool) -> Iterator[RecordExample]:
    """The first record whose field has a wanted type, showing the field alone; none when no file at hand has one."""
    for path, _ in source.side.index.files:
        where = source.places.get(path)
        if where is None:
            continue
        try:
            for row, value in records_of(where, path=path, reading=source.side.reading):
                if isinstance(value, dict) and field in value and wanted(type_name(type(value[field]))):
                    shown = {field: value[field]}
                    place = RecordPlace(path, row, source.side.reading.split_of(path))
                    yield changed_record(
                        "field",
                        key=[value.get(name) for name in source.side.key] or None,
                        old=shown if before else {},
                        new={} if before else shown,
                        before=place if before else None,
                        after=None if before else place,
                    )
                    return
        except FileNotFoundError:
            continue


def _files(reason: Reason, change: Change) -> list[str]:
    if reason.cause not in (Cause.OPAQUE, Cause.FILES):
        return []
    files = change.files
    named = [*files.modified, *files.added, *files.removed, *(new for _, new in files.renamed)]
    return named[:_FILES_NAMED]
