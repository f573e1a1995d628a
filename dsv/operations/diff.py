"""`dsv diff`: what changed between two versions, or between one and the working tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.errors import UsageError
from dsv.model.change import Change
from dsv.model.policy_rules import decide
from dsv.model.reference import GitRevision, Ref, Work
from dsv.model.version import Level
from dsv.repository import Repository
from dsv.repository.catalog import require_dataset, resolve
from dsv.repository.comparison import change_between
from dsv.repository.datasets import load_dataset_file, policy_of
from dsv.repository.examples import RecordExample, examples_between
from dsv.repository.gather import gather
from dsv.repository.sources import RecordSource, version_source, work_source


@dataclass(frozen=True)
class Diff:
    """A change with the names of its two sides, and the level that the policy gives it (None for no change)."""

    old: str
    new: str
    change: Change
    level: Level | None
    reasons: Sequence[str]
    size_difference: int
    examples: Sequence[RecordExample] = ()
    with_examples: bool = False

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        change = self.change
        records = change.records
        document: dict[str, Any] = {
            "old": self.old,
            "new": self.new,
            "files": {
                **change.files.document(),
                "paths": {
                    "added": list(change.files.added),
                    "removed": list(change.files.removed),
                    "modified": list(change.files.modified),
                    "renamed": [list(pair) for pair in change.files.renamed],
                },
            },
            "records": {"old": records.old, "new": records.new, **change.records_document()},
            "schema": {
                "added": list(change.fields.added),
                "removed": list(change.fields.removed),
                "changed": [
                    {"field": each.field, "old": list(each.old), "new": list(each.new)}
                    for each in change.fields.changed
                ],
            },
            "sample_difference": records.new - records.old,
            "file_difference": len(change.files.added) - len(change.files.removed),
            "size_difference_bytes": self.size_difference,
            "level": None if self.level is None else self.level.word,
            "reasons": list(self.reasons),
        }
        if self.with_examples:
            document["examples"] = [each.document() for each in self.examples]
        return document


def diff(repository: Repository, old: Ref, new: Ref | None = None, *, examples: int = 0) -> Diff:
    """What differs from old to new (the working tree without one); up to `examples` changed records of each kind.

    Errors: NoDatasetError, NoVersionError, MissingDataError when a version's index and data are not here.
    """
    newer = new or Ref(old.dataset, Work(), old.prefix)
    left, right = _source(repository.home_of(old), old), _source(repository.home_of(newer), newer)
    home = repository.home_of(newer)
    policy = policy_of(home, load_dataset_file(home, newer.dataset))
    change = change_between(left.side, right.side, policy=policy)
    verdict = decide(change, policy=policy)
    return Diff(
        old=left.side.name,
        new=right.side.name,
        change=change,
        level=verdict.level,
        reasons=verdict.reasons,
        size_difference=right.side.bytes - left.side.bytes,
        examples=examples_between(left, right, keyed=change.keyed, limit=examples) if examples else (),
        with_examples=examples > 0,
    )


def _source(repository: Repository, reference: Ref) -> RecordSource:
    if isinstance(reference.selector, GitRevision):
        raise UsageError(f"{reference}: diff compares released versions and the working tree", hint="name a version")
    require_dataset(repository, reference.dataset)
    if isinstance(reference.selector, Work):
        settings = load_dataset_file(repository, reference.dataset)
        return work_source(gather(repository, reference.dataset, settings))
    return version_source(repository, resolve(repository, reference))
