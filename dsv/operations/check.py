"""`dsv check`: whether manifests and events are well formed, unchanged since they were written, and right."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from dsv.adapters import dvc
from dsv.adapters.git import Tag
from dsv.adapters.git.clone import is_shallow
from dsv.adapters.git.work_tree import callers_index, staged_changes, staged_texts, unmodified
from dsv.checks.events import check_event
from dsv.checks.finding import Finding, Status
from dsv.checks.lineage import Descent, Parent, check_lineage
from dsv.checks.manifests import Release, Subject, check_manifest
from dsv.errors import BadDataError, BadManifestError, NoDatasetError
from dsv.model.manifest import Manifest, load_manifest
from dsv.model.name import is_name
from dsv.model.version import Version, parse_version
from dsv.repository import Repository, files
from dsv.repository.declared.datasets import load_dataset_file
from dsv.repository.known.catalog import Versions, all_versions, dataset_names, require_dataset, versions_of
from dsv.repository.known.event_history import event_subjects
from dsv.repository.known.parents import Parents
from dsv.repository.known.release_tags import release_tags, releases
from dsv.repository.layout import SETTINGS, Layout


@dataclass(frozen=True)
class Checked:
    """What the checks found, and how many versions they looked at."""

    results: Sequence[Finding]
    versions: int

    @property
    def ok(self) -> bool:
        """Whether nothing failed; warnings do not."""
        return all(each.status is not Status.FAILED for each in self.results)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"ok": self.ok, "results": [each.document() for each in self.results]}


@dataclass(frozen=True)
class _Texts:
    """Manifest texts by their place in the repository, (dataset, version) -> text."""

    place: str
    manifests: Mapping[tuple[str, Version], bytes]


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
    staged, changes = _staged(repository, names)
    if not changes:
        return Checked([], 0)
    datasets = sorted({dataset for dataset, _ in changes if dataset})
    if not datasets:
        return Checked(_declarations(staged, []), 0)
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
    tags = release_tags(repository, names)
    told = releases(repository, tags)
    earlier = _earlier(repository, base, names=names, tags=tags, told=told)
    current = _current(repository, names)
    known = sorted({*current, *(key for texts in earlier for key in texts.manifests)})
    wanted = known if only is None else [key for key in known if key in only]
    manifests = _manifests(current, wanted, lines=lines)
    results = _declarations(repository, declared)
    subjects = {}
    for dataset, version in wanted:
        subjects[dataset, version] = subject = Subject(
            file=repository.layout.manifest_file(dataset, version),
            dataset=dataset,
            version=version,
            text=current.get((dataset, version)),
            earlier={
                texts.place: texts.manifests[dataset, version]
                for texts in earlier
                if (dataset, version) in texts.manifests
            },
            siblings={
                number: manifest
                for (name, number), manifest in manifests.items()
                if manifest and name in _names(dataset, lines)
            },
            release=told.get((dataset, version)),
            index_pointer=_index_pointer(repository, dataset, version),
        )
        results += check_manifest(subject)
    descents = _descents(repository, subjects, manifests, current=current, lines=lines)
    results += check_lineage(descents, complete=not is_shallow(repository.git) and bool(tags))
    for event in event_subjects(repository, lines, base=base):
        results += check_event(event)
    return Checked(results, len(wanted))


def _descents(
    repository: Repository,
    subjects: Mapping[tuple[str, Version], Subject],
    manifests: Mapping[tuple[str, Version], Manifest | None],
    *,
    current: Mapping[tuple[str, Version], bytes],
    lines: Mapping[str, Versions],
) -> list[Descent]:
    """Those of the manifests that read and name parents, with these; a parent may be there without being released."""
    there = Parents(repository, lines)
    found = []
    for (dataset, version), subject in subjects.items():
        manifest = manifests.get((dataset, version))
        if manifest is None or not manifest.lineage:
            continue
        parents = []
        for reference in (each.ref for each in manifest.lineage if each.repository is None):
            name, _, text = reference.partition("@")
            number = parse_version(text)
            known = there.find(reference) or ((name, number) if number and (name, number) in current else None)
            own = manifests.get((name, number)) if number else None
            parents.append(Parent(reference, known and f"{known[0]}@{known[1]}", own.digests.tree if own else None))
        present = lines[dataset].dataset if dataset in lines else dataset
        found.append(Descent(subject, f"{present}@{version}", manifest, parents))
    return found


def _names(dataset: str, lines: Mapping[str, Versions]) -> Sequence[str]:
    """The names of the dataset that has, or had, this one."""
    return lines[dataset].names if dataset in lines else (dataset,)


def _staged(repository: Repository, names: Sequence[str]) -> tuple[Repository, list[tuple[str, Version | None]]]:
    """The repository with what is staged in place of the work tree, and what the next commit changes.

    That is a dataset with the version whose manifest or index pointer it is, if it is one; "" stands for dsv.yaml.
    """
    git, layout = repository.git, repository.layout
    index = callers_index(git)
    places = [layout.in_git(SETTINGS), *(layout.in_git(layout.directory(each)) for each in names)]
    changed = staged_changes(git, *places, *([] if names else [layout.in_git(layout.manifests)]), index=index)
    changes = list(filter(None, (_what(layout, layout.from_git(path)) for path in changed)))
    read = [*places[:1], *(layout.in_git(layout.directory(each)) for each in {name for name, _ in changes if name})]
    texts = staged_texts(git, *read, index=index) if changes else {}
    return replace(repository, staged={layout.from_git(path): text for path, text in texts.items()}), changes


def _what(layout: Layout, path: str) -> tuple[str, Version | None] | None:
    """The dataset and the version that a file is about; None for one that is about none."""
    if path == SETTINGS:
        return "", None
    dataset = path[len(layout.manifests) + 1 :].partition("/")[0]
    if not is_name(dataset):
        return None
    named = layout.parse_manifest_path(path.removesuffix(".dvc") + ".yaml" if path.endswith(".dvc") else path)
    return dataset, parse_version(named[1]) if named else None


def _manifests(
    current: Mapping[tuple[str, Version], bytes],
    wanted: Sequence[tuple[str, Version]],
    *,
    lines: Mapping[str, Versions],
) -> dict[tuple[str, Version], Manifest | None]:
    """Those that are wanted and those before them; None for one that does not read."""
    found = {key: _manifest(current[key]) for key in wanted if key in current}
    for (dataset, _), manifest in list(found.items()):
        before = parse_version(str(manifest.change.previous)) if manifest else None
        if before is not None:
            places = [(name, before) for name in _names(dataset, lines) if (name, before) in current]
            found.update({each: _manifest(current[each]) for each in places if each not in found})
    return found


def _current(repository: Repository, names: Sequence[str]) -> dict[tuple[str, Version], bytes]:
    """The manifests in the work tree; where a file is not there (a sparse checkout), as HEAD has them.

    Where the repository shows what is staged, those that are.
    """
    layout = repository.layout
    if repository.staged is not None:
        named_texts = ((layout.parse_manifest_path(path), text) for path, text in repository.staged.items())
        versions = ((named[0], parse_version(named[1]), text) for named, text in named_texts if named)
        return {(dataset, version): text for dataset, version, text in versions if version is not None}
    head = repository.git.head()
    found = dict(_in_tree(repository, head, names=names).manifests) if head else {}
    differing: dict[tuple[str, Version], bytes] = {}
    top = layout.absolute(layout.manifests)
    for dataset in names or (os.listdir(top) if os.path.isdir(top) else ()):
        directory = layout.absolute(layout.directory(dataset))
        for file in os.listdir(directory) if os.path.isdir(directory) else ():
            named = layout.parse_manifest_path(f"{layout.directory(dataset)}/{file}")
            version = parse_version(named[1]) if named else None
            content = files.read_bytes(os.path.join(directory, file)) if version is not None else None
            if version is not None and content is not None and found.get((dataset, version)) != content:
                differing[dataset, version] = content
    paths = [layout.in_git(layout.manifest_file(*each)) for each in differing]
    for key, is_as_in_head in zip(list(differing), unmodified(repository.git, paths), strict=True):
        if not is_as_in_head:
            found[key] = differing[key]
    return found


def _in_tree(repository: Repository, commit: str, *, names: Sequence[str], place: str = "HEAD") -> _Texts:
    git, layout = repository.git, repository.layout
    blobs, paths = {}, {}
    for path, entry in git.tree(commit, layout.in_git(layout.manifests)).items():
        named = layout.parse_manifest_path(layout.from_git(path))
        version = parse_version(named[1]) if named else None
        if named is not None and version is not None and _is_asked(named[0], names):
            blobs[named[0], version], paths[entry.blob] = entry.blob, path
    contents = git.blobs(paths, paths=paths)
    return _Texts(place, {key: contents[blob] for key, blob in blobs.items()})


def _earlier(
    repository: Repository,
    base: str | None,
    *,
    names: Sequence[str],
    tags: Sequence[tuple[str, Version, Tag]],
    told: Mapping[tuple[str, Version], Release],
) -> list[_Texts]:
    """Everything that must stand unchanged: HEAD, the base and what came since, release tags in HEAD's past."""
    git, layout = repository.git, repository.layout
    head = git.head()
    if head is None:
        return []
    found = [_in_tree(repository, head, names=names)]
    if base is not None:
        start = git.resolve(base)
        found.append(_in_tree(repository, start, names=names, place=f"the base {base}"))
        since: dict[str, dict[tuple[str, Version], str]] = {}
        paths: dict[str, str] = {}
        for entry in git.history(layout.in_git(layout.manifests), revisions=(head, f"^{start}")):
            named = layout.parse_manifest_path(layout.from_git(entry.path))
            version = parse_version(named[1]) if named else None
            if named is not None and version is not None and entry.blob and _is_asked(named[0], names):
                since.setdefault(entry.commit, {})[named[0], version] = entry.blob
                paths[entry.blob] = entry.path
        contents = git.blobs(paths, paths=paths)
        for commit, blobs in since.items():
            found.append(_Texts(f"commit {commit[:10]}", {key: contents[blob] for key, blob in blobs.items()}))
    past = git.commits_of(head)
    for dataset, version, tag in tags:
        release = told[dataset, version]
        if tag.commit in past and release.manifest is not None and release.annotated:
            found.append(_Texts(f"the tag {release.tag}", {(dataset, version): release.manifest}))
    return found


def _is_asked(dataset: str, names: Sequence[str]) -> bool:
    """Whether the dataset is among those named, or none is."""
    return not names or dataset in names


def _manifest(text: bytes) -> Manifest | None:
    try:
        return load_manifest(text, file="manifest").value
    except BadManifestError:
        return None


def _index_pointer(repository: Repository, dataset: str, version: Version) -> str | None:
    file = repository.layout.index_pointer(dataset, version)
    content = repository.text(file)
    try:
        return None if content is None else dvc.parse_pointer(content, file=file).md5
    except BadDataError:
        return "unreadable"


def _declarations(repository: Repository, names: Sequence[str]) -> list[Finding]:
    """Whether dsv.yaml and each dataset.yaml read."""
    findings = []
    try:
        repository.settings()
        findings.append(Finding("declaration", Status.PASSED, "reads", file=SETTINGS))
    except BadManifestError as error:
        findings += _problems(error, file=SETTINGS, dataset=None)
    for name in names:
        file = repository.layout.dataset_file(name)
        try:
            load_dataset_file(repository, name)
            findings.append(Finding("declaration", Status.PASSED, "reads", dataset=name, file=file))
        except NoDatasetError:
            findings.append(Finding("declaration", Status.WARNING, "is not there", dataset=name, file=file))
        except BadManifestError as error:
            findings += _problems(error, file=file, dataset=name)
    return findings


def _problems(error: BadManifestError, *, file: str, dataset: str | None) -> list[Finding]:
    problems = error.details.get("problems") or [{"line": 1, "path": "", "message": error.message}]
    return [
        Finding(
            "declaration",
            Status.FAILED,
            f"{problem['path']}: {problem['message']}" if problem["path"] else str(problem["message"]),
            dataset=dataset,
            file=file,
            line=problem["line"],
        )
        for problem in problems
    ]
