"""`dsv check`: whether what git holds of datasets is well formed, unchanged since it was written, and right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.checks.declarations import check_places
from dsv.checks.events import check_event, check_stages
from dsv.checks.kept_files import KeptFile, check_kept
from dsv.checks.lineage import check_lineage
from dsv.checks.manifests import check_manifest, history_is_cut_off
from dsv.checks.numbers import check_recounted
from dsv.checks.requirements import check_required
from dsv.checks.tags import check_pointer, no_tags
from dsv.exports.junit import junit
from dsv.exports.workflow_commands import workflow_commands
from dsv.model.finding import Finding, Findings, Status
from dsv.model.version import Version, parse_version
from dsv.repository import Repository
from dsv.repository.checking.declared import Declared, declarations, places, project_settings
from dsv.repository.checking.event_texts import event_subjects
from dsv.repository.checking.kept import kept_since, kept_staged
from dsv.repository.checking.manifest_texts import ManifestTexts, manifest_texts
from dsv.repository.checking.scope import Key, Scope, scope_of
from dsv.repository.checking.staged import staged_scope
from dsv.repository.checking.subjects import (
    data_pointers,
    descents,
    known_versions,
    read_manifests,
    released,
    required_of,
    subjects,
)
from dsv.repository.known.release_tags import release_tags, releases

if TYPE_CHECKING:
    from dsv.checks.requirements import Required
    from dsv.checks.subject import Subject
    from dsv.model.manifest import Manifest


_LOWEST = Version(0, 0, 0)


@dataclass(frozen=True)
class Checked(Findings):
    """What the checks found, and how it is written."""

    def junit(self) -> str:
        """As JUnit's XML, in which each check is a test."""
        return junit(self)

    def github(self) -> str:
        """As workflow commands of GitHub, which shows them beside the lines."""
        return workflow_commands(self)


class Look(Enum):
    """What is checked."""

    WORK_TREE = "work tree"
    """All manifests of the datasets, as the work tree has them."""
    STAGED = "staged"
    """The manifests that the next commit changes, as git's index has them."""


class Reading(Enum):
    """What is read."""

    TEXTS = "texts"
    """What git keeps, and record indexes that are here."""
    DATA = "data"
    """The data too, each byte of it."""


def check(
    repository: Repository,
    *names: str,
    base: str | None = None,
    look: Look = Look.WORK_TREE,
    reading: Reading = Reading.TEXTS,
    remote: str | None = None,
) -> Checked:
    """Hold the named datasets (all without a name) against the rules of dsv.checks.

    A manifest that `base`, a commit between it and HEAD, or a release tag in HEAD's past holds must stand in
    HEAD as it was, and so must an event. Data is read of the versions that the base has not, without a base of the
    newest of each dataset; on the `remote` (by name, empty for the default one) those, without a base all are looked
    for. Errors: NoDatasetError, NoVersionError for a base that git does not know; those of a remote that does not
    answer.
    """
    if look is Look.STAGED:
        staged = staged_scope(repository, names, base=base)
        kept = _kept(repository, kept_staged(repository), status=Status.FAILED) if not names else []
        if staged is None:
            return Checked(kept, 0, base, prefix=repository.layout.prefix)
        return _checked(staged, declarations(staged), kept=kept)
    scope = scope_of(repository, names, base=base)
    declared = declarations(scope)
    status = Status.WARNING if scope.base is None else Status.FAILED
    kept = _kept(repository, kept_since(scope, list(declared.paths.values())), declared, status=status)
    return _checked(scope, declared, kept=kept, reading=reading, remote=remote)


def _kept(
    repository: Repository, files: Sequence[KeptFile], declared: Declared | None = None, *, status: Status
) -> list[Finding]:
    """The findings about files of git."""
    project = declared.project if declared is not None else project_settings(repository)
    return check_kept(files, largest=project.largest_in_git, local=dvc.LOCAL_CONFIG, status=status) if files else []


@dataclass(frozen=True)
class _Gathered:
    """What is looked at: the versions, what is known of each, and what is asked of those that are new."""

    scope: Scope
    declared: Declared
    texts: ManifestTexts
    wanted: Sequence[Key]
    manifests: Mapping[Key, Manifest | None]
    subjects: Mapping[Key, Subject]
    tagged: bool
    required: Mapping[Key, tuple[Required, Status]]


def _checked(
    scope: Scope,
    declared: Declared,
    *,
    kept: Sequence[Finding],
    reading: Reading = Reading.TEXTS,
    remote: str | None = None,
) -> Checked:
    """All findings; those about files of git were made already."""
    found = _gather(scope, declared)
    results = [
        *declared.findings,
        *check_places(places(scope, declared), asked=scope.declared, manifests=scope.repository.layout.manifests),
        *_of_manifests(found),
        *_of_events(found),
        *kept,
        *(_of_records(found, reading) if scope.repository.staged is None else ()),
        *(_on_remote(found, remote) if remote is not None else ()),
    ]
    base = scope.base.given if scope.base is not None else None
    before = found.texts.in_base
    new = [] if before is None else [f"{key[0]}@{key[1]}" for key in found.wanted if key not in before]
    return Checked(sorted(results, key=_place), len(found.wanted), base, new, scope.repository.layout.prefix)


def _place(finding: Finding) -> tuple[str, bool, Version]:
    """What is about the repository first, then by dataset, of each what is about all of it first."""
    version = parse_version(finding.version or "")
    return finding.dataset or "", version is not None, version or _LOWEST


def _gather(scope: Scope, declared: Declared) -> _Gathered:
    tags = release_tags(scope.repository, scope.names)
    told = releases(scope.repository, tags)
    texts = manifest_texts(scope, tags=tags, told=told)
    wanted = texts.known if scope.only is None else [key for key in texts.known if key in scope.only]
    manifests = read_manifests(scope, texts, wanted)
    tagged = bool(tags) or not scope.shallow
    looked_at = subjects(scope, wanted, texts=texts, manifests=manifests, told=told, has_tags=tagged)
    required = required_of(scope, declared, wanted, texts=texts, manifests=manifests)
    return _Gathered(scope, declared, texts, wanted, manifests, looked_at, tagged, required)


def _of_manifests(found: _Gathered) -> Iterator[Finding]:
    """About manifests, tags, pointers and lineage."""
    scope, manifests = found.scope, found.manifests
    if scope.base is not None and not scope.base.whole:
        yield history_is_cut_off(scope.base.given)
    for key, subject in found.subjects.items():
        manifest = manifests.get(key)
        yield from check_manifest(subject, manifest)
        if key in found.required and manifest is not None:
            asked, status = found.required[key]
            yield from check_required(subject, manifest, asked, status=status)
    if not found.tagged and found.wanted:
        yield no_tags()
    if scope.repository.staged is None:
        yield from map(check_pointer, data_pointers(scope, found.declared.datasets, manifests))
    families = descents(scope, found.subjects, texts=found.texts, manifests=manifests)
    yield from check_lineage(families, complete=found.tagged and not scope.shallow)


def _of_events(found: _Gathered) -> Iterator[Finding]:
    """About events, and what they come to."""
    for event in event_subjects(found.scope):
        yield from check_event(event, stages=found.declared.project.vocabulary.stages)
    for name in found.scope.declared:
        if name in found.scope.lines:
            yield from check_stages(name, found.scope.lines[name].standing)


def _of_records(found: _Gathered, reading: Reading) -> Iterator[Finding]:
    """About what record indexes tell and, where it is read, the data, of the versions that are new."""
    from dsv.repository.checking.recounted import Recount

    recount = Recount(found.scope, found.manifests, data=reading is Reading.DATA)
    for key in found.required:
        manifest = found.manifests.get(key)
        if manifest is not None:
            yield from check_recounted(found.subjects[key], manifest, recount.of(key, manifest))
    if reading is Reading.DATA:
        from dsv.repository.checking.reread import check_data

        subjects, manifests = found.subjects, found.manifests
        for each in released(found.scope, found.declared, found.required, subjects=subjects, manifests=manifests):
            yield from check_data(found.scope.repository, each)


def _on_remote(found: _Gathered, remote: str) -> list[Finding]:
    """About what is on the remote: of the versions that are new, without a base of all."""
    from dsv.repository.checking.on_remote import check_remote

    chosen = found.required if found.scope.base is not None else found.subjects
    return check_remote(found.scope.repository, known_versions(found.scope, chosen, found.subjects), remote)
