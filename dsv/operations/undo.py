"""`dsv undo`: the last release taken back, as long as nobody else can have it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from dsv.adapters.git.ancestry import parents_of, refs_containing, remotes_of
from dsv.adapters.git.remote import GitRemote
from dsv.errors import ConflictError, DsvError, PublishedError
from dsv.model.reference import Ref
from dsv.repository import Repository, exclusively
from dsv.repository.known.catalog import KnownVersion, find, introduced_in
from dsv.repository.writing.departure import changed_files, refuse_edited
from dsv.repository.writing.taking_back import take_back


@dataclass(frozen=True)
class Undone:
    """The version that is no more, the commit and the tag that held it, and where HEAD is now."""

    known: KnownVersion
    undone: str
    commit: str

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "dataset": self.known.dataset,
            "version": str(self.known.version),
            "git_tag": self.known.tag,
            "undone": self.undone,
            "commit": self.commit,
        }


def undo(repository: Repository, reference: Ref) -> Undone:
    """The version, its commit and its tag are gone, and its data, which stays in the working tree, is unreleased again.

    Errors: PublishedError when a remote has it, ConflictError when its commit is not the last one or something else
    leads to it: then `yank` withdraws it.
    """
    repository = repository.home_of(reference)
    with exclusively(repository, f"undo of {reference}"):
        # gather
        repository.git.refuse_busy()
        known, _ = find(repository, reference)
        commit = introduced_in(repository, known)
        # decide
        _refuse_published(repository, known, commit)
        before = _before(repository, known, commit)
        changed = changed_files(repository, before[0], to=before[1])
        _refuse_more_than_one(repository, known, list(changed))
        held = repository.git.tree(before[0], *changed)
        refuse_edited(repository, before[0], {path: entry for path, entry in changed.items() if path in held})
        new = [path for path, earlier in changed.items() if earlier is None]
        kept = frozenset(_written_by_people(repository, known, new))
        # record
        take_back(repository, known, commit=before[0], to=before[1], kept=kept)
    return Undone(known, *before)


def _written_by_people(repository: Repository, known: KnownVersion, new: Iterable[str]) -> Iterator[str]:
    """Which of the new files people wrote, so that they stay: dataset.yaml, and a JSON Schema beside it."""
    layout = repository.layout
    for file in map(layout.from_git, new):
        if file.startswith(f"{layout.directory(known.dataset)}/") and not layout.is_sealed(file):
            yield file


def _refuse_published(repository: Repository, known: KnownVersion, commit: str | None) -> None:
    """By what git knows of its remotes, and by what those say that answer."""
    git = repository.git
    hint = f'dsv yank {known.name} --reason "why" withdraws it'
    for name in refs_containing(git, commit) if commit else ():
        if name.startswith("refs/remotes/"):
            raise PublishedError(f"{known.name} is published: {name.removeprefix('refs/remotes/')} holds it", hint=hint)
    for remote in remotes_of(git):
        try:
            there = GitRemote.named(git, remote).references()
        except DsvError as error:
            repository.tell(f"{error.message}; what is known of it here decides")
            continue
        tips = [oid for name, oid in there.items() if name.startswith("refs/heads/")]
        here = [oid for oid in git.object_ids(tips) if oid is not None]
        if f"refs/tags/{known.tag}" in there or any(commit and git.contains(oid, ancestor=commit) for oid in here):
            raise PublishedError(f"{known.name} is published: {remote} has it", hint=hint)


def _before(repository: Repository, known: KnownVersion, commit: str | None) -> tuple[str, str]:
    """The release's commit, which is HEAD, and the one before; ConflictError where anything else leads to it."""
    git = repository.git
    hint = f'dsv yank {known.name} --reason "why" withdraws it'
    if commit is None or commit != git.head():
        raise ConflictError(f"{known.name} is not the last commit: others came after it", hint=hint)
    parents = parents_of(git, commit)
    if len(parents) != 1:
        raise ConflictError(f"{known.name} came with a merge, or with the first commit of all", hint=hint)
    own = {f"refs/heads/{git.branch()}", f"refs/tags/{known.tag}"}
    if others := [name for name in refs_containing(git, commit) if name not in own]:
        raise ConflictError(f"{others[0].split('/', 2)[2]} holds {known.name} too", hint=hint)
    return commit, parents[0]


def _refuse_more_than_one(repository: Repository, known: KnownVersion, changed: list[str]) -> None:
    """ConflictError for a commit with several versions: it would take them all back."""
    layout = repository.layout
    own = layout.manifest_file(known.dataset, known.version)
    for path in changed:
        file = layout.from_git(path)
        if file != own and layout.parse_manifest_path(file) is not None:
            raise ConflictError(
                f"the commit of {known.name} holds {file} too",
                hint=f'dsv yank {known.name} --reason "why" withdraws it',
            )
