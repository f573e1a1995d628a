"""`dsv check`: whether what git holds of datasets is well formed, unchanged since it was written, and right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from dsv.adapters import dvc
from dsv.checks.declarations import check_places
from dsv.checks.events import check_event, check_stages
from dsv.checks.kept_files import KeptFile, check_kept
from dsv.checks.lineage import check_lineage
from dsv.checks.manifests import check_manifest, history_is_cut_off
from dsv.checks.requirements import check_required
from dsv.checks.tags import check_pointer, no_tags
from dsv.exports.junit import junit
from dsv.exports.workflow_commands import workflow_commands
from dsv.model.finding import Finding, Findings, Status
from dsv.repository import Repository
from dsv.repository.checking.declared import Declared, declarations, places, project_settings
from dsv.repository.checking.event_texts import event_subjects
from dsv.repository.checking.kept import kept_since, kept_staged
from dsv.repository.checking.manifest_texts import ManifestTexts, manifest_texts
from dsv.repository.checking.scope import Key, Scope, scope_of
from dsv.repository.checking.staged import staged_scope
from dsv.repository.checking.subjects import data_pointers, descents, read_manifests, required_of, subjects
from dsv.repository.known.release_tags import release_tags, releases


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


def check(repository: Repository, *names: str, base: str | None = None, look: Look = Look.WORK_TREE) -> Checked:
    """Hold the manifests of the named datasets (of all without a name) against the rules of dsv.checks.

    A manifest that `base`, a commit between it and HEAD, or a release tag in HEAD's past holds must stand in
    HEAD as it was, and so must an event. Errors: NoDatasetError, NoVersionError for a base that git does not know.
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
    return _checked(scope, declared, kept=kept)


def _kept(
    repository: Repository, files: Sequence[KeptFile], declared: Declared | None = None, *, status: Status
) -> list[Finding]:
    """The findings about files of git."""
    project = declared.project if declared is not None else project_settings(repository)
    return check_kept(files, largest=project.largest_in_git, local=dvc.LOCAL_CONFIG, status=status) if files else []


def _checked(scope: Scope, declared: Declared, *, kept: Sequence[Finding]) -> Checked:
    """The findings about declarations, manifests, events, and, which were made already, about files of git."""
    # gather
    repository = scope.repository
    tags = release_tags(repository, scope.names)
    told = releases(repository, tags)
    texts = manifest_texts(scope, tags=tags, told=told)
    wanted = texts.known if scope.only is None else [key for key in texts.known if key in scope.only]
    manifests = read_manifests(scope, texts, wanted)
    has_tags = bool(tags) or not scope.shallow
    looked_at = subjects(scope, wanted, texts=texts, manifests=manifests, told=told, has_tags=has_tags)
    families = descents(scope, looked_at, texts=texts, manifests=manifests)
    events = event_subjects(scope)
    required = required_of(scope, declared, wanted, texts=texts, manifests=manifests)
    pointers = data_pointers(scope, declared.datasets, manifests) if repository.staged is None else []
    # decide
    results = [*declared.findings]
    results += check_places(places(scope, declared), asked=scope.declared, manifests=repository.layout.manifests)
    if scope.base is not None and not scope.base.whole:
        results.append(history_is_cut_off(scope.base.given))
    for key, subject in looked_at.items():
        results += check_manifest(subject)
        manifest = manifests.get(key)
        if key in required and manifest is not None:
            asked, status = required[key]
            results += check_required(subject, manifest, asked, status=status)
    if not has_tags and wanted:
        results.append(no_tags())
    results += map(check_pointer, pointers)
    results += check_lineage(families, complete=not scope.shallow and bool(tags))
    for event in events:
        results += check_event(event, stages=declared.project.vocabulary.stages)
    for name in scope.declared:
        results += check_stages(name, scope.lines[name].standing) if name in scope.lines else []
    results += kept
    return Checked(
        results, len(wanted), scope.base.given if scope.base else None, _new(texts, wanted), repository.layout.prefix
    )


def _new(texts: ManifestTexts, wanted: Sequence[Key]) -> list[str]:
    """The versions that the base has not; none where there is no base."""
    before = texts.in_base
    return [] if before is None else [f"{key[0]}@{key[1]}" for key in wanted if key not in before]
