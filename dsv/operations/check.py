"""`dsv check`: whether what git holds of datasets is well formed, unchanged since it was written, and right."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from dsv.adapters.git.clone import is_shallow
from dsv.checks.events import check_event
from dsv.checks.lineage import check_lineage
from dsv.checks.manifests import check_manifest
from dsv.exports.junit import junit
from dsv.exports.workflow_commands import workflow_commands
from dsv.model.finding import Findings
from dsv.model.version import Version
from dsv.repository import Repository
from dsv.repository.checking.declared import declarations
from dsv.repository.checking.manifest_texts import Key, Texts, current_texts, earlier_texts, place_of_base
from dsv.repository.checking.staged import staged_state
from dsv.repository.checking.subjects import descents, read_manifests, subjects
from dsv.repository.known.catalog import Versions, all_versions, dataset_names, require_dataset, versions_of
from dsv.repository.known.event_history import event_subjects
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
    present = [require_dataset(repository, name) for name in names]
    if look is Look.WORK_TREE:
        lines = _lines(repository, present)
        wanted = list(lines) if names else []
        return _check(repository, wanted, lines=lines, declared=present or dataset_names(repository), base=base)
    staged, changes = staged_state(repository, names)
    if not changes:
        return Checked([], 0, prefix=repository.layout.prefix)
    datasets = sorted({dataset for dataset, _ in changes if dataset})
    if not datasets:
        return Checked(declarations(staged, []), 0, prefix=repository.layout.prefix)
    lines = _lines(repository, datasets)
    declared = sorted({versions.dataset for versions in lines.values()})
    only = {each for each in changes if each[1]}
    return _check(staged, list(lines), lines=lines, declared=declared, base=base, only=only)


def _lines(repository: Repository, datasets: Sequence[str]) -> dict[str, Versions]:
    """The versions of these datasets, of all without any, by each name that they have or had."""
    if datasets:
        chosen = [versions_of(repository, name) for name in datasets]
    else:
        found = all_versions(repository)
        others = (versions_of(repository, name) for name in dataset_names(repository) if name not in found)
        chosen = [*found.values(), *others]
    return {name: versions for versions in chosen for name in versions.names}


def _check(
    repository: Repository,
    names: Sequence[str],
    *,
    lines: Mapping[str, Versions],
    declared: Sequence[str],
    base: str | None,
    only: Collection[tuple[str, Version | None]] | None = None,
) -> Checked:
    """The findings about the manifests of the named datasets, or about some versions `only`, and about events."""
    # gather
    tags = release_tags(repository, names)
    told = releases(repository, tags)
    earlier = earlier_texts(repository, base, names=names, tags=tags, told=told)
    current = current_texts(repository, names)
    known = sorted({*current, *(key for texts in earlier for key in texts.manifests)})
    wanted = known if only is None else [key for key in known if key in only]
    manifests = read_manifests(current, wanted, lines=lines)
    looked_at = subjects(
        repository, wanted, current=current, earlier=earlier, manifests=manifests, lines=lines, told=told
    )
    families = descents(repository, looked_at, manifests, current=current, lines=lines)
    events = event_subjects(repository, lines, base=base)
    # decide
    results = declarations(repository, declared)
    for subject in looked_at.values():
        results += check_manifest(subject)
    results += check_lineage(families, complete=not is_shallow(repository.git) and bool(tags))
    for event in events:
        results += check_event(event)
    new = _new(wanted, earlier, base=base)
    return Checked(results, len(wanted), base, new, repository.layout.prefix)


def _new(wanted: Sequence[Key], earlier: Sequence[Texts], *, base: str | None) -> list[str]:
    """The versions that the base has not; none where there is no base."""
    before = next((each.manifests for each in earlier if each.place == place_of_base(base)), None)
    return (
        []
        if before is None
        else [f"{dataset}@{version}" for dataset, version in wanted if (dataset, version) not in before]
    )
