"""The section `change` of a manifest: what changed, by which rule that makes the number, and why."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

from pydantic import Field, field_validator, model_validator

from dsv.model.change import Change, FilesChange, RecordCounts
from dsv.model.documents import Part
from dsv.model.fields import FieldsChange
from dsv.model.policy import Policy
from dsv.model.texts import Count, LevelWord, Line, Number, Prose, Share, TypeWord, VersionText, Word
from dsv.model.version import Level, Version


class PolicyEntry(Part):
    """The bump policy that decided, with its thresholds."""

    name: Word = Field(description="The policy's name.")
    major: Share = Field(description="A changed share above it is major.")
    minor: Share = Field(description="A changed share of at least this is minor.")
    rare_fields: Number = Field(
        ge=0, le=1, description="A field that fewer than this share of the records carried may go without a major."
    )

    @model_validator(mode="after")
    def _minor_comes_first(self) -> PolicyEntry:
        if self.minor > self.major:
            raise ValueError("minor must be at most major")
        return self


class CountsEntry(Part):
    """Records by class; every record is in exactly one."""

    added: Count = Field(description="In this version only.")
    removed: Count = Field(description="In the previous version only.")
    modified: Count = Field(description="In both under one key, with other content.")
    moved: Count = Field(description="In both with one content, but in another split.")
    unchanged: Count = Field(description="In both as they were.")

    @property
    def counts(self) -> RecordCounts:
        """The counts as a value."""
        return RecordCounts(
            added=self.added,
            removed=self.removed,
            modified=self.modified,
            moved=self.moved,
            unchanged=self.unchanged,
        )


class RecordsEntry(CountsEntry):
    """What became of the records."""

    changed_share: Number = Field(
        ge=0, description="The share of the previous version's records that changed, in six decimals."
    )

    @field_validator("changed_share")
    @classmethod
    def _six_decimals(cls, share: float) -> float:
        if float(f"{share:.6f}") != share:
            raise ValueError("must have at most six decimals")
        return share


class FilesEntry(Part):
    """What became of the files."""

    added: Count = Field(description="At a new path, with new bytes.")
    removed: Count = Field(description="Gone, path and bytes.")
    modified: Count = Field(description="At the same path, with other bytes.")
    renamed: Count = Field(description="The same bytes at another path.")
    unchanged: Count = Field(description="As they were.")


class RetypedEntry(Part):
    """A field whose types changed."""

    field: str = Field(description="The field's name.")
    old: tuple[TypeWord, ...] = Field(description="Its types before.")
    new: tuple[TypeWord, ...] = Field(description="Its types now.")


class FieldsEntry(Part):
    """What became of the fields."""

    added: tuple[str, ...] = Field(description="Fields that are new.")
    removed: tuple[str, ...] = Field(description="Fields that are gone.")
    changed: tuple[RetypedEntry, ...] = Field(description="Fields with other types than before.")


class ChangeEntry(Part):
    """What changed since the previous version, and how that makes the number."""

    level: LevelWord = Field(description="The level of this release.")
    computed: LevelWord = Field(description="The level that the change asks for.")
    policy: PolicyEntry = Field(description="The bump policy that decided.")
    previous: VersionText | None = Field(description="The version compared with; null for a first version.")
    records: RecordsEntry = Field(description="What became of the records; in a first version all are added.")
    opaque: CountsEntry | None = Field(
        default=None, description="What became of the files without a reader, where readable records lie beside them."
    )
    files: FilesEntry = Field(description="What became of the files.")
    fields: FieldsEntry = Field(description="What became of the fields.")
    reasons: tuple[Line, ...] = Field(description="Why the level is what it is.")
    allow_lower: Prose | None = Field(default=None, description="Why a lower level than the computed one was allowed.")
    left_out: ClassVar[frozenset[str]] = frozenset({"opaque", "allow_lower"})

    @classmethod
    def of(
        cls,
        change: Change,
        *,
        level: Level,
        computed: Level,
        policy: Policy,
        previous: Version | None,
        reasons: Sequence[str],
        allow_lower: str | None = None,
    ) -> ChangeEntry:
        """The section for a change that was decided upon."""
        return cls(
            level=level,
            computed=computed,
            policy=PolicyEntry(
                name=policy.name, major=policy.major, minor=policy.minor, rare_fields=policy.rare_fields
            ),
            previous=previous,
            records=RecordsEntry(**_counts(change.records), changed_share=six_decimals(change.share)),
            opaque=None if change.opaque is None else CountsEntry(**_counts(change.opaque)),
            files=_files_entry(change.files),
            fields=_fields_entry(change.fields),
            reasons=tuple(reasons),
            allow_lower=allow_lower or None,
        )


def six_decimals(share: Fraction) -> float:
    """The share as a manifest writes it: rounded to six decimals, half to even."""
    return float(round(share, 6))


def _counts(counts: RecordCounts) -> dict[str, int]:
    return {
        "added": counts.added,
        "removed": counts.removed,
        "modified": counts.modified,
        "moved": counts.moved,
        "unchanged": counts.unchanged,
    }


def _files_entry(files: FilesChange) -> FilesEntry:
    return FilesEntry(
        added=len(files.added),
        removed=len(files.removed),
        modified=len(files.modified),
        renamed=len(files.renamed),
        unchanged=files.unchanged,
    )


def _fields_entry(change: FieldsChange) -> FieldsEntry:
    return FieldsEntry(
        added=change.added,
        removed=change.removed,
        changed=tuple(RetypedEntry(field=each.field, old=each.old, new=each.new) for each in change.changed),
    )
