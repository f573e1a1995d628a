"""`dsv push`: versions published, their data first and confirmed, then branch and tags together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from dsv.adapters import dvc
from dsv.adapters.git.remote import GitRemote
from dsv.adapters.git.work_tree import places_of
from dsv.errors import NoRemoteError, NoRepositoryError, PublishedError, UsageError
from dsv.repository.declared.exposure import refuse_exposed_keys
from dsv.repository.known.catalog import KnownVersion, Versions, all_versions, require_dataset
from dsv.repository.scoring.score_files import ScorePointer, earlier_pointers, every_score_pointer
from dsv.repository.transfer.publishing import Sent, complete_on_remote
from dsv.repository.transfer.supply import named
from dsv.repository.writing.push_note import noting_push

if TYPE_CHECKING:
    from dsv.repository import Repository


_RENUMBER = "dsv bump {dataset} --renumber makes yours the next version"


class Refs(Enum):
    """What of git is pushed."""

    BRANCH_AND_TAGS = "branch"
    TAGS = "tags"
    """Tags of versions that the branch there holds already, for where nobody may push to it."""


@dataclass(frozen=True)
class Where:
    """Where to push to; an empty text leaves the choice to the settings."""

    remote: str = ""
    git_remote: str = ""
    branch: str = ""


@dataclass(frozen=True)
class SentElsewhere:
    """What went to the remote of another DVC root in the same git repository, because the branch shows its versions."""

    root: str
    remote: str
    sent: Sent

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        sent = self.sent
        return {
            "root": self.root,
            "remote": self.remote,
            "objects": sent.objects,
            "bytes": sent.bytes,
            "confirmed": sent.confirmed,
        }


@dataclass(frozen=True)
class Pushed:
    """What was published, and where; `left_out` are tags on commits that no branch there holds.

    `moved` is whether the branch there lacked HEAD's commit before, `others` is the data of other DVC roots.
    """

    remote: str | None
    sent: Sent
    git_remote: str
    branch: str | None
    moved: bool
    tags: Sequence[str]
    left_out: Sequence[str]
    others: Sequence[SentElsewhere] = ()

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "remote": self.remote,
            "objects": self.sent.objects,
            "bytes": self.sent.bytes,
            "confirmed": self.sent.confirmed,
            "git_remote": self.git_remote,
            "branch": self.branch,
            "moved": self.moved,
            "tags": list(self.tags),
            "left_out": list(self.left_out),
            "others": [each.document() for each in self.others],
        }


@dataclass(frozen=True)
class _There:
    """The git remote as it is now: its refs, the branch to push to, and which of its branches' commits are here too."""

    place: GitRemote
    references: Mapping[str, str]
    branch: str
    tips: Mapping[str, str]


@dataclass(frozen=True)
class _Outgoing:
    """What is to go: versions whose data must be there first, the commit that the branch lacks if any, and tags."""

    versions: Sequence[KnownVersion]
    commit: str | None
    tags: Sequence[str] = field(default_factory=list)
    left_out: Sequence[str] = field(default_factory=list)


def push(repository: Repository, *names: str, where: Where, refs: Refs = Refs.BRANCH_AND_TAGS) -> Pushed:
    """The named datasets' versions on the remotes, those of all without a name.

    Whatever becomes visible through the branch or a tag has its data on the remote before. Errors: NoRemoteError,
    RemoteError, CredentialsError, also for a key in a file that git keeps, and NetworkError within seconds, before
    anything is sent; MissingDataError and
    MismatchError where a version cannot be made complete, and then nothing of git is pushed; ConflictError,
    PublishedError and GitError where the git remote refuses.
    """
    # gather
    present = {require_dataset(repository, name) for name in names}
    refuse_exposed_keys(repository)
    there = _there(repository, where, refs)
    every = all_versions(repository)
    named = [versions for name, versions in every.items() if not present or name in present]
    # decide
    if refs is Refs.TAGS:
        outgoing = _tags_alone(repository, there, named)
    else:
        _refuse_taken(repository, there, every.values())
        outgoing = _branch_and_tags(repository, there, named, every=every.values())
    # record
    elsewhere = _of_other_roots(repository, there) if outgoing.commit else []
    remote, sent = _send(repository, outgoing.versions, _scores(repository), remote=where.remote)
    others = [_send_elsewhere(other, versions, scores) for other, versions, scores in elsewhere]
    known_here = {f"refs/remotes/{there.place.name}/{there.branch}": outgoing.commit} if outgoing.commit else {}
    with noting_push(repository, known_here):
        there.place.push(commit=outgoing.commit, branch=there.branch, tags=outgoing.tags, guard=repository.push_guard)
    branch = there.branch if refs is Refs.BRANCH_AND_TAGS else None
    moved = outgoing.commit is not None
    return Pushed(remote, sent, there.place.name, branch, moved, outgoing.tags, outgoing.left_out, others)


def _there(repository: Repository, where: Where, refs: Refs) -> _There:
    git = repository.git
    place = GitRemote.named(git, where.git_remote or repository.settings().release.remote)
    references = place.references()
    branch = where.branch or git.branch() or ""
    if not branch and refs is Refs.TAGS:
        branch = references.get("HEAD", "").removeprefix("refs/heads/")
    if not branch:
        raise UsageError("no branch is checked out", hint="name the one to push to with --branch")
    if not git.is_branch_name(branch):
        raise UsageError(f"--branch {branch!a} is no name for a branch", hint="for instance main")
    tip = references.get(f"refs/heads/{branch}")
    if refs is Refs.TAGS:
        if tip is None:
            raise NoRemoteError(f"{place.name} has no branch {branch}", hint="name another with --branch")
        if git.object_ids([tip]) == [None]:
            place.fetch(f"refs/heads/{branch}")
    heads = {name: oid for name, oid in references.items() if name.startswith("refs/heads/")}
    here = git.object_ids(list(heads.values()))
    tips = {name: oid for name, oid in zip(heads, here, strict=True) if oid is not None}
    return _There(place, references, branch, tips)


def _tags_alone(repository: Repository, there: _There, named: Sequence[Versions]) -> _Outgoing:
    """The tags that the remote lacks of versions that its branch holds."""
    tip = there.references[f"refs/heads/{there.branch}"]
    tags, left_out = _tags(repository, there, named, within=[tip])
    versions = [each for versions in named for each in versions.known if each.tag in tags]
    return _Outgoing(versions, None, tags, left_out)


def _branch_and_tags(
    repository: Repository, there: _There, named: Sequence[Versions], *, every: Iterable[Versions]
) -> _Outgoing:
    """HEAD's branch, the tags that lead to it or to a branch there, and all that a person would see through them."""
    head = repository.git.head()
    within = [*there.tips.values(), *([head] if head else [])]
    tags, left_out = _tags(repository, there, named, within=within)
    wanted = [each for versions in named for each in versions.known if each.in_head or each.tag not in left_out]
    unseen = _not_there_yet(repository, there, every)
    tip = there.tips.get(f"refs/heads/{there.branch}")
    lacks = head is not None and (tip is None or not repository.git.contains(tip, ancestor=head))
    return _Outgoing(list(dict.fromkeys([*wanted, *unseen])), head if lacks else None, tags, left_out)


def _not_there_yet(repository: Repository, there: _There, every: Iterable[Versions]) -> list[KnownVersion]:
    """Versions in HEAD's tree that neither the branch there nor the default one holds, as far as these are known."""
    layout = repository.layout
    branches = (f"refs/heads/{there.branch}", there.references.get("HEAD", ""))
    seen: set[str] = set()
    for tip in {there.tips[name] for name in branches if name in there.tips}:
        held = repository.git.tree(tip, layout.in_git(layout.manifests))
        seen.update(entry.blob for entry in held.values())
    return [each for versions in every for each in versions.known if each.in_head and each.blob not in seen]


def _scores(repository: Repository) -> list[ScorePointer]:
    """The files of scores that the branch shows, and of those that it showed before what is here."""
    shown = every_score_pointer(repository)
    if not shown:
        return []
    earlier = {each.oid: each for each in earlier_pointers(repository)}
    absent = set(dvc.find_cache(repository.layout.root).missing(earlier))
    return [*shown, *(each for oid, each in earlier.items() if oid not in absent)]


def _scores_not_there_yet(repository: Repository, there: _There) -> list[ScorePointer]:
    """Files of scores that the branch there does not show."""
    tip = there.tips.get(f"refs/heads/{there.branch}")
    layout = repository.layout
    held = repository.git.tree(tip, layout.in_git(layout.manifests)) if tip else {}
    return [each for each in every_score_pointer(repository) if layout.in_git(each.file) not in held]


def _of_other_roots(
    repository: Repository, there: _There
) -> list[tuple[Repository, list[KnownVersion], list[ScorePointer]]]:
    """The other DVC roots whose versions or scores the branch would show, with these."""
    found = []
    for prefix in places_of(repository.git, ".dvc/config"):
        if prefix == repository.layout.prefix:
            continue
        other = repository.with_root(prefix)
        unseen, scores = _not_there_yet(other, there, all_versions(other).values()), _scores_not_there_yet(other, there)
        if (unseen or scores) and not os.path.isdir(os.path.join(other.layout.root, ".dvc")):
            raise NoRepositoryError(
                f"the branch shows {named([*unseen, *scores])} of {prefix}, which is not checked out here: "
                "nothing was published",
                hint=f"git sparse-checkout add {prefix}, then dsv push again",
            )
        if unseen or scores:
            found.append((other, unseen, scores))
    return found


def _send_elsewhere(
    repository: Repository, versions: Sequence[KnownVersion], scores: Sequence[ScorePointer]
) -> SentElsewhere:
    """The versions of another root on its default remote; NoRemoteError where it has none."""
    root = repository.layout.prefix or "."
    try:
        remote, sent = _send(repository, versions, scores, remote="")
    except NoRemoteError as error:
        raise NoRemoteError(
            f"the branch shows {named([*versions, *scores])} of the DVC root {root}, and there {error.message}",
            hint=f"dsv --repo {root} remote add NAME URL, then dsv push again",
            details=error.details,
        ) from None
    return SentElsewhere(root, remote or "", sent)


def _tags(
    repository: Repository, there: _There, named: Sequence[Versions], *, within: Sequence[str]
) -> tuple[list[str], list[str]]:
    """The release and stage tags that the remote lacks: on commits in the past of the given ones, and on others."""
    git, layout = repository.git, repository.layout
    ours = {tag.name: tag for tag in git.tags(layout.tag("*", "*"))}
    stages = [tag for tag in git.tags(layout.stage_tag("*", "*")) if tag.annotated]
    tags: list[str] = []
    left_out: list[str] = []
    for versions in named:
        begins = tuple(layout.stage_tag(name, "") for name in versions.names)
        released = [ours[each.tag] for each in versions.known if each.tag is not None]
        for tag in [*released, *(tag for tag in stages if tag.name.startswith(begins))]:
            theirs = there.references.get(f"refs/tags/{tag.name}")
            if theirs is None and tag.commit is not None:
                (tags if git.leads_to(within, commits=[tag.commit]) else left_out).append(tag.name)
            elif theirs not in (None, tag.object_id):
                known = next((each for each in versions.known if each.tag == tag.name), None)
                if known is not None:
                    _refuse_another(repository, there, known, str(theirs))
                else:
                    repository.tell(f"{there.place.name} has another tag {tag.name}; the events tell who promoted what")
    return tags, left_out


def _refuse_another(repository: Repository, there: _There, known: KnownVersion, theirs: str) -> None:
    """PublishedError unless the tag there leads to the same manifest, as one does that was made after a merge."""
    git, layout = repository.git, repository.layout
    if git.object_ids([theirs]) == [None]:
        there.place.fetch(f"refs/tags/{known.tag}")
    file = layout.in_git(layout.manifest_file(known.dataset, known.version))
    if git.object_ids([f"{theirs}^{{commit}}:{file}"]) == [known.blob]:
        return
    raise PublishedError(
        f"{there.place.name} has another {known.name}: its tag {known.tag} is not the one that is here",
        hint=_RENUMBER.format(dataset=known.dataset),
        details={"ref": known.name, "tag": known.tag},
    )


def _refuse_taken(repository: Repository, there: _There, every: Iterable[Versions]) -> None:
    """PublishedError where the branch there went on, and has given a number of ours, tagged or not, to another."""
    git, layout = repository.git, repository.layout
    tip, head = there.references.get(f"refs/heads/{there.branch}"), git.head()
    if tip is None or head is None:
        return
    if f"refs/heads/{there.branch}" not in there.tips:
        there.place.fetch(f"refs/heads/{there.branch}")
    if git.contains(head, ancestor=tip):
        return
    held = git.tree(tip, layout.in_git(layout.manifests))
    for known in (each for versions in every for each in versions.known if each.in_head):
        theirs = held.get(layout.in_git(layout.manifest_file(known.dataset, known.version)))
        if theirs is not None and theirs.blob != known.blob:
            raise PublishedError(
                f"{there.place.name}/{there.branch} has another {known.name}",
                hint=_RENUMBER.format(dataset=known.dataset),
                details={"ref": known.name},
            )


def _send(
    repository: Repository, versions: Sequence[KnownVersion], scores: Sequence[ScorePointer], *, remote: str
) -> tuple[str | None, Sent]:
    """The name of the DVC remote that now holds the versions, and what was sent; no remote is asked for none."""
    if not versions and not scores and not remote:
        return None, Sent(0, 0, 0)
    with dvc.remote(dvc.find_cache(repository.layout.root), remote) as store:
        store.reach()
        return store.name, complete_on_remote(repository, versions, remote=store, scores=scores)
