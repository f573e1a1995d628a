"""The version that is to be released, as the checks see it: what they ask, answered from this repository."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dsv.checks.rules.outcome import Example
from dsv.checks.rules.overlaps import is_elsewhere
from dsv.checks.rules.version import Before, CheckedVersion, Elsewhere, Found, Labels, Scores
from dsv.checks.rules.whole import labels
from dsv.errors import MissingDataError
from dsv.model.ranges import Range
from dsv.model.reference import parse_reference
from dsv.model.standing import Status
from dsv.records.index import NAMED, RecordIndex
from dsv.records.profile import merge
from dsv.repository.comparing.sources import version_source
from dsv.repository.comparing.statistics import label_profile
from dsv.repository.comparing.versions import record_index, side_of
from dsv.repository.contents.comparison import are_keyed, compared_records
from dsv.repository.contents.notes import NotesOf
from dsv.repository.known.catalog import find, read_manifest, require_dataset, versions_of
from dsv.repository.releasing.near import found_near

if TYPE_CHECKING:
    from dsv.records.column import FieldSketch
    from dsv.repository.known.catalog import KnownVersion
    from dsv.repository.releasing.decision import Decision
    from dsv.repository.repository import Repository


def checked_version(
    repository: Repository, decision: Decision, *, scores: Mapping[str, Scores], metadata: Mapping[str, Any]
) -> CheckedVersion:
    """The version that is to be, as checks see it; what takes long is found out when a check asks."""
    snapshot = decision.snapshot
    place = _Place(repository, decision)
    return CheckedVersion(
        records=snapshot.records,
        noted=NotesOf(snapshot, executor=repository.executor),
        files=len(snapshot.files),
        bytes=snapshot.bytes,
        tokens=snapshot.tokens,
        bad_records=snapshot.bad_count,
        splits=snapshot.splits,
        key=snapshot.key,
        fields=lambda: place.fields,
        more_fields=lambda: snapshot.profile.more,
        index=lambda: place.index,
        split_of_file=lambda number: snapshot.reading.split_of(place.index.files[number][0]),
        change=decision.change.records,
        changed_share=decision.change.share,
        before=place.before(),
        elsewhere=place.elsewhere,
        near=place.near,
        scores=scores,
        metadata=metadata,
        spill=os.path.dirname(snapshot.index_directory),
    )


class _Place:
    """What the checks of one release ask of the repository."""

    def __init__(self, repository: Repository, decision: Decision) -> None:
        self._repository = repository
        self._decision = decision

    @cached_property
    def fields(self) -> Mapping[str, FieldSketch]:
        """The profiles of the fields by name."""
        return {each.name: each for each in merge([self._decision.snapshot.profile]).fields}

    @cached_property
    def index(self) -> RecordIndex:
        """The record index of the version that is to be."""
        return RecordIndex.open(self._decision.snapshot.index_directory)

    def before(self) -> Before | None:
        """The version before; None where this is the first, or its change is what was asked for."""
        base = self._decision.base
        if base is None or self._decision.change_is_wanted:
            return None
        return Before(
            name=base.name,
            records=self._decision.change.records.old,
            examples=lambda word: self._examples(base, word),
            labels=lambda field: self._labels(base, field),
        )

    def _examples(self, base: KnownVersion, word: str) -> tuple[Example, ...]:
        old, new = side_of(self._repository, base), self._decision.snapshot.side()
        compared = compared_records(
            old, new, keyed=are_keyed(old, new), executor=self._repository.executor, limit=NAMED
        )
        found = []
        for each in compared.examples:
            if each.kind.word == word and (place := each.new or each.old):
                side = new if each.new else old
                found.append(Example(side.index.files[place.file][0], place.row, f"{word} since {base.name}"))
        return tuple(found)

    def _labels(self, base: KnownVersion, field: str) -> Labels | None:
        """How many of its records have which value: its manifest tells of label fields, its data of any."""
        manifest = read_manifest(self._repository, base)
        told = {each.field: each for each in manifest.profiled.fields} if manifest.profiled else {}
        profile = told.get(field)
        if all(each.name != field for each in manifest.observed.fields):
            return labels(manifest.data.records, present=0, nulls=0, counts=())
        if profile is None or profile.labels is None:
            profile = label_profile(version_source(self._repository, base), field)
        if profile is None or profile.labels is None:
            return None
        return labels(manifest.data.records, present=profile.present, nulls=profile.nulls, counts=profile.labels)

    def near(self, left: str | None, right: str, field: str | None, similarity: float) -> Found | None:
        """The records that are like one of another place; None where that has no version yet."""
        versions = _named_versions(self._repository, right) if is_elsewhere(right) else ()
        if is_elsewhere(right) and not versions:
            return None
        return found_near(
            self._repository,
            self._decision.snapshot,
            left=left,
            right=right,
            versions=versions,
            field=field,
            similarity=similarity,
        )

    def elsewhere(self, text: str) -> Sequence[Elsewhere]:
        """The versions that a text names: all that were not removed for `NAME@*`, of a range each in it, else one."""
        repository = self._repository
        found = []
        for known in _named_versions(repository, text):
            manifest = read_manifest(repository, known)
            try:
                found.append(Elsewhere(known.name, record_index(repository, known, manifest)))
            except MissingDataError as error:
                raise MissingDataError(
                    f"the record index of {known.name} is not here", hint=f"dsv fetch --index {known.name} brings it"
                ) from error
        return found


def _named_versions(repository: Repository, text: str) -> Sequence[KnownVersion]:
    name, _, selector = text.partition("@")
    if selector == "*":
        if name in repository.settings().protected:  # which may be written down before there is any version
            versions = versions_of(repository, name)
        else:
            versions = versions_of(repository, require_dataset(repository, name))
        return [each for each in versions.known if each.status is not Status.REMOVED]
    reference = parse_reference(text)
    known, versions = find(repository, reference)
    if isinstance(reference.selector, Range):
        inside = reference.selector
        return [each for each in versions.known if inside.admits(each.version) and each.status is not Status.REMOVED]
    return [known]
