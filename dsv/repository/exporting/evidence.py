"""What an audit pack holds, gathered from git, and from record indexes and scores as far as they are here."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING, Any

from dsv.adapters.git.signing import is_signed
from dsv.checks.manifests import check_manifest
from dsv.errors import GitError, IntegrityError, MissingDataError
from dsv.exports.audit import AuditedEvents, AuditedVersion, Evidence, GitObject
from dsv.model.documents import plain
from dsv.model.reference import Exact, Ref
from dsv.model.version import Version
from dsv.repository.exporting.describing import file_list, known_by_ref
from dsv.repository.known.catalog import KnownVersion, all_versions, introduced_in, read_manifests, versions_of
from dsv.repository.obtaining.indexes import bring_indexes
from dsv.repository.scoring.summaries import summaries
from dsv.repository.scoring.target import target_of
from dsv.repository.verification.verification import cases

if TYPE_CHECKING:
    from dsv.exports.described import Described
    from dsv.model.manifest import Manifest
    from dsv.repository.repository import Repository


def evidence_of(repository: Repository, known: KnownVersion, subject: Described) -> Evidence:
    """The version, all that it was made from as far as it is known here, and what git says of them.

    Lists of files come from a remote where they are not here. MissingDataError where that of its own is nowhere; of
    others that is a note.
    """
    head = repository.git.head()
    if head is None:
        raise GitError("there is no commit yet", hint="git commit")
    others = known_by_ref(repository) if subject.ancestors else {}
    chosen = [known, *(others[ref] for ref in subject.ancestors)]
    manifests = dict(zip(chosen, read_manifests(repository, chosen), strict=True))
    lists = _file_lists(repository, manifests)
    notes = [f"the list of the files of {each.name}" for each in chosen if lists[each] is None]
    versions = [
        _audited(repository, each, manifests[each], ref=ref, files=lists[each], notes=notes)
        for each, ref in zip(chosen, [subject.ref, *subject.ancestors], strict=True)
    ]
    if versions[0].files is None:
        raise MissingDataError(
            f"the list of the files of {known.name} is not here", hint=f"dsv fetch --index {known.name} brings it"
        )
    events = list(_events(repository, head, chosen))
    objects = _objects(repository, versions, events, head=head)
    ids = {each.id for each in objects if each.kind in ("tag", "commit")}
    return Evidence(
        subject=subject,
        versions=versions,
        events=events,
        objects=objects,
        commit=head,
        script=script(),
        checks=_checks(repository, known, [each.manifest for each in versions]),
        scores=_scores(repository, known, versions[0].manifest, notes=notes),
        signed=frozenset(each for each in sorted(ids) if is_signed(repository.git, each)),
        notes=notes,
    )


def script() -> bytes:
    """The script that verifies a pack."""
    return resources.files("dsv.templates").joinpath("audit").joinpath("verify.sh").read_bytes()


def _file_lists(repository: Repository, manifests: Mapping[KnownVersion, Manifest]) -> dict[KnownVersion, bytes | None]:
    """The list of each version's files; None where neither this repository nor a remote of its has it."""
    found = {each: _file_list(repository, each, manifest) for each, manifest in manifests.items()}
    lacking = [each for each, content in found.items() if content is None]
    if lacking:
        bring_indexes(repository, lacking)
        found |= {each: _file_list(repository, each, manifests[each]) for each in lacking}
    return found


def _file_list(repository: Repository, known: KnownVersion, manifest: Manifest) -> bytes | None:
    try:
        return file_list(repository, known, manifest)
    except IntegrityError:
        return None


def _audited(
    repository: Repository,
    known: KnownVersion,
    manifest: Manifest,
    *,
    ref: str,
    files: bytes | None,
    notes: list[str],
) -> AuditedVersion:
    git, layout = repository.git, repository.layout
    commit = known.tag_commit or introduced_in(repository, known)
    path = layout.in_git(layout.manifest_file(known.dataset, known.version))
    text = git.blobs([known.blob])[known.blob]
    if commit is None:
        notes.append(f"the commit that brought {known.name}")
    tag = git.tag_id(known.tag) if known.tag is not None else None
    return AuditedVersion(ref, manifest, text, path, commit, tag, known.tag, files)


def _events(repository: Repository, head: str, versions: Iterable[KnownVersion]) -> Iterator[AuditedEvents]:
    """The events of each name that one of the versions has, or has now, in HEAD's tree."""
    layout = repository.layout
    present = {name: versions.names for name, versions in all_versions(repository).items()}
    wanted = {each.dataset for each in versions}
    names = sorted({name for line in present.values() if wanted & set(line) for name in line} | wanted)
    for name in names:
        path = layout.in_git(layout.events(name))
        entries = repository.git.tree(head, path)
        texts = repository.git.blobs([entry.blob for entry in entries.values()])
        if entries:
            yield AuditedEvents(
                name, path, {posixpath.basename(file): texts[entry.blob] for file, entry in sorted(entries.items())}
            )


def _objects(
    repository: Repository, versions: Sequence[AuditedVersion], events: Sequence[AuditedEvents], *, head: str
) -> list[GitObject]:
    """The tags and commits of the versions, and the trees on the way from these, and from HEAD, to what is packed."""
    git = repository.git
    kinds: dict[str, str] = {head: "commit"}
    names: list[str] = []
    for version in versions:
        if version.tag is not None:
            kinds[version.tag] = "tag"
        if version.commit is not None:
            kinds[version.commit] = "commit"
            names += _on_the_way(version.commit, posixpath.dirname(version.path))
        names += _on_the_way(head, posixpath.dirname(version.path))
    for each in events:
        names += _on_the_way(head, each.path)
    kinds |= {each: "tree" for each in git.object_ids(list(dict.fromkeys(names))) if each is not None}
    contents = git.blobs(kinds)
    return [GitObject(each, kind, contents[each]) for each, kind in sorted(kinds.items())]


def _on_the_way(commit: str, directory: str) -> list[str]:
    """The trees from the commit down to the directory."""
    parts = directory.split("/")
    below = ["/".join(parts[: number + 1]) for number in range(len(parts))]
    return [f"{commit}^{{tree}}", *(f"{commit}:{path}" for path in below)]


def _checks(repository: Repository, known: KnownVersion, manifests: Sequence[Manifest]) -> dict[str, Any]:
    """What the checks said at the release, and what the rules for manifests say of the first manifest today."""
    [case] = cases(repository, [known])
    names = versions_of(repository, known.dataset).names
    others = {Version.parse(str(each.version)): each for each in manifests[1:] if each.dataset in names}
    today = check_manifest(replace(case.subject(), siblings=others))
    return {
        "ref": known.name,
        "at_release": plain(manifests[0].validation),
        "today": [each.document() for each in today],
    }


def _scores(repository: Repository, known: KnownVersion, manifest: Manifest, *, notes: list[str]) -> Mapping[str, Any]:
    """What was known of its quality at the release, and what its scores come to today."""
    found: dict[str, Any] = {"ref": known.name, "at_release": plain(manifest.quality)}
    try:
        target = target_of(repository, Ref(known.dataset, Exact(known.version), repository.layout.prefix))
        scorers = summaries(repository, target.side, target.pointers, splits=target.splits, facets=target.facets)
    except MissingDataError as error:
        notes.append(f"scores: {error.message}")
        return {**found, "today": None}
    return {**found, "today": [each.document() for each in scorers]}
