"""`dsv bump --renumber`: versions whose numbers somebody else published first, released anew as the next ones."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.adapters.git.ancestry import refs_containing
from dsv.adapters.git.remote import GitRemote
from dsv.adapters.git.replaying import LocalCommit, commits_since, merge_base
from dsv.adapters.git.transaction import differences
from dsv.errors import ConflictError, DsvError, InProgressError, NothingChangedError, PublishedError, UsageError
from dsv.model.release_options import USUAL, ReleaseOptions
from dsv.model.version import parse_version
from dsv.repository import Repository, exclusively
from dsv.repository.known.catalog import KnownVersion, read_manifest, read_manifests, require_dataset, versions_of
from dsv.repository.releasing.as_of import as_of
from dsv.repository.releasing.release import Release, store
from dsv.repository.releasing.renumbering import Again, Line, OwnVersion, Upstream
from dsv.repository.writing.departure import Departure, changed_files, depart, refuse_edited

if TYPE_CHECKING:
    from dsv.model.version import Version


@dataclass(frozen=True)
class Renumbered:
    """The versions as they are released now, and those that others published with the same data (old name -> theirs).

    `commits` is how many other commits were made again upon `upstream`, `before` where the branch was.
    """

    releases: Sequence[Release]
    same: Mapping[str, str]
    upstream: str
    commits: int
    before: str
    commit: str | None

    def document(self) -> dict[str, Any]:
        """As `--json` prints it: of one release its own document, with what became of the branch."""
        one = self.releases[0].document() if len(self.releases) == 1 else {}
        several = {} if one else {"releases": [each.document() for each in self.releases], "commit": self.commit}
        return {
            **one,
            **several,
            "same": dict(self.same),
            "upstream": self.upstream,
            "commits": self.commits,
            "before": self.before,
        }


@dataclass(frozen=True)
class _There:
    """The git remote as it is now, or as it was last seen: branches by name, tags; `head` is its default branch."""

    place: GitRemote
    branches: Mapping[str, str]
    tags: Mapping[str, str]
    head: str


def renumber(repository: Repository, *names: str, options: ReleaseOptions = USUAL) -> Renumbered:
    """What is released here and nowhere else of these datasets, on top of what the git remote has, renumbered.

    The data and the words of each version stay; its base, its change and so its number are computed anew, and all
    other commits of one's own come along. Errors: NothingChangedError where no number is taken, PublishedError where
    others have the commits already, ConflictError where a file was changed by both sides.
    """
    with exclusively(repository, f"bump --renumber of {', '.join(names)}"):
        # gather
        _refuse_busy(repository, names)
        repository.git.identity()
        wanted = list(dict.fromkeys(require_dataset(repository, name) for name in names))
        before = repository.git.head()
        if before is None:
            raise NothingChangedError("there is no commit yet", hint="dsv add releases a first version")
        there = _there(repository)
        upstream = _upstream(repository, there, before, wanted)
        commits = commits_since(repository.git, upstream.commit, until=before)
        own = _own(repository, commits, wanted)
        # decide
        _refuse_unneeded(repository, upstream, [each for each in own.values() if each], wanted)
        _refuse_published(repository, there, upstream, commits, [each for each in own.values() if each])
        os.makedirs(repository.work_state, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="renumber-", dir=repository.work_state) as scratch:
            versions = [each for each in own.values() if each is not None]
            line = Line(repository, upstream, versions, options=options, scratch=scratch)
            for commit in commits:
                line.add(commit, own[commit.id])
            line.finish()
            changed = changed_files(repository, before, to=line.tip)
            refuse_edited(repository, before, changed)
            # record
            if not options.dry_run:
                _record(repository, line, before=before)
        for each in line.again:
            _tell_of_loss(repository, upstream, each, renumbered=line.again)
        return _told(line, upstream, commits, before, options)


def _record(repository: Repository, line: Line, *, before: str) -> None:
    planned = [each.plan for each in line.again if each.plan is not None]
    for plan in planned:
        store(repository, plan.decision.snapshot)
    layout, git = repository.layout, repository.git
    newest = {plan.manifest.dataset: plan for plan in planned}
    names = ", ".join(f"{each.old.known.dataset} {each.old.known.version}" for each in line.again)
    directories = {path: source for plan in newest.values() for path, source in plan.writing.directories.items()}
    held = git.tree(line.tip, layout.in_git(layout.manifests))
    unused = [
        layout.index_directory(dataset, version)
        for dataset, version in ((each.old.known.dataset, each.old.known.version) for each in line.again)
        if layout.in_git(layout.index_pointer(dataset, version)) not in held
    ]
    departure = Departure(
        f"renumbering of {names}",
        leaving=before,
        to=line.tip,
        tags={name: (git.tag_id(name), tag) for name, tag in line.tags.items() if git.tag_id(name) != tag},
        directories=directories,
        gone=unused,
    )
    depart(repository, departure)


def _told(
    line: Line, upstream: Upstream, commits: Sequence[LocalCommit], before: str, options: ReleaseOptions
) -> Renumbered:
    releases = []
    for each in line.again:
        if each.plan is not None:
            made = each.plan.made(None if options.dry_run else each.commit, options)
            releases.append(made.instead_of(each.old.known.version))
    return Renumbered(
        releases,
        {each.old.known.name: each.name for each in line.again if each.plan is None},
        upstream.name,
        len(commits) - len(line.again),
        before,
        None if options.dry_run else line.tip,
    )


def _refuse_busy(repository: Repository, names: Sequence[str]) -> None:
    """InProgressError, in a merge or rebase with how to leave it: what it stopped at is what is done here."""
    again = f"dsv bump {' '.join(names)} --renumber"
    ways = {"a merge": "git merge --abort", "a rebase": "git rebase --abort"}
    busy = repository.git.busy_with()
    if busy in ways:
        raise InProgressError(f"git is in the middle of {busy}", hint=f"{ways[busy]}, then {again}: the data stays")
    repository.git.refuse_busy()


def _there(repository: Repository) -> _There:
    """What the remote says; what git knows of it where it does not answer."""
    git = repository.git
    place = GitRemote.named(git, repository.settings().release.remote)
    start = f"refs/remotes/{place.name}/"
    try:
        said = place.references()
    except DsvError as error:
        repository.tell(f"{error.message}; what is known of it here decides")
        rows = (line.split(" ", 1) for line in git.references().decode(errors="surrogateescape").splitlines())
        branches = {name.removeprefix(start): oid for oid, name in rows if name.startswith(start)}
        return _There(place, branches, {}, "")
    kinds = {kind: f"refs/{kind}/" for kind in ("heads", "tags")}
    found = {
        kind: {name.removeprefix(top): oid for name, oid in said.items() if name.startswith(top)}
        for kind, top in kinds.items()
    }
    return _There(place, found["heads"], found["tags"], said.get("HEAD", "").removeprefix(kinds["heads"]))


def _upstream(repository: Repository, there: _There, head: str, datasets: Sequence[str]) -> Upstream:
    """The branch that HEAD's is to go upon: its namesake there; where that has nothing new, the default one."""
    git, layout = repository.git, repository.layout
    branch = git.branch()
    if branch is None:
        raise UsageError("no branch is checked out", hint="git switch to the one that is to be pushed")
    tips = [name for name in dict.fromkeys((branch, there.head)) if name in there.branches]
    if not tips:
        raise NothingChangedError(f"{there.place.name} has no branch {branch}: nothing is taken there", hint="dsv push")
    for name in tips:
        if git.object_ids([f"refs/remotes/{there.place.name}/{name}"]) != [there.branches[name]]:
            there.place.fetch(f"refs/heads/{name}")
    new = [name for name in tips if not git.contains(head, ancestor=there.branches[name])]
    chosen = (new or tips)[0]
    commit = there.branches[chosen]
    common = merge_base(git, head, commit)
    if common is None:
        raise ConflictError(
            f"{branch} and {there.place.name}/{chosen} have no commit in common", hint="see git log --all"
        )
    taken: dict[str, list[Version]] = {}
    tags: dict[str, str] = {}
    for tag, oid in there.tags.items():
        dataset, text = layout.parse_tag(tag) or ("", "")
        version = parse_version(text)
        if dataset in datasets and version is not None:
            taken.setdefault(dataset, []).append(version)
            if git.tag_id(tag) != oid:
                if git.object_ids([oid]) == [None]:
                    there.place.fetch(f"refs/tags/{tag}")
                tags[tag] = oid
    return Upstream(f"{there.place.name}/{chosen}", commit, common, tags, taken)


def _own(
    repository: Repository, commits: Sequence[LocalCommit], datasets: Sequence[str]
) -> dict[str, OwnVersion | None]:
    """The version of one of the datasets that each commit released, by its id; ConflictError where they are no line."""
    layout, git = repository.layout, repository.git
    found: dict[str, OwnVersion | None] = {}
    for commit in commits:
        if len(commit.parents) != 1:
            raise ConflictError(
                f"{commit.id[:10]} ({commit.subject}) is a merge, which cannot be made again upon another commit",
                hint="dsv undo takes the last release back; then git pull, and dsv bump",
            )
        changed = differences(git, commit.parents[0], commit.id)
        held = git.tree(commit.parents[0], *changed) if changed else {}
        released = []
        for path, entry in changed.items():
            dataset, text = layout.parse_manifest_path(layout.from_git(path)) or ("", "")
            version = parse_version(text)
            if entry is not None and path not in held and version is not None and dataset in datasets:
                released.append(_own_version(repository, commit, dataset, version, entry.blob))
        if len(released) > 1:
            raise ConflictError(
                f"{commit.id[:10]} ({commit.subject}) holds {released[0].known.name} and others",
                hint="versions that one commit made are not renumbered",
            )
        found[commit.id] = released[0] if released else None
    return found


def _own_version(repository: Repository, commit: LocalCommit, dataset: str, version: Version, blob: str) -> OwnVersion:
    name = repository.layout.tag(dataset, version)
    tag = repository.git.tag_id(name)
    known = KnownVersion(dataset, version, blob, in_head=True, tag=name if tag else None, tag_commit=commit.id)
    return OwnVersion(known, read_manifest(repository, known), commit, tag)


def _refuse_unneeded(
    repository: Repository, upstream: Upstream, own: Sequence[OwnVersion], datasets: Sequence[str]
) -> None:
    """NothingChangedError unless a number of one's own is another version's there."""
    git, layout = repository.git, repository.layout
    for each in own:
        file = layout.in_git(layout.manifest_file(each.known.dataset, each.known.version))
        theirs = git.tree(upstream.commit, file).get(file)
        tag = upstream.tags.get(layout.tag(each.known.dataset, each.known.version))
        if (theirs and theirs.blob != each.known.blob) or (
            tag and git.object_ids([f"{tag}^{{commit}}:{file}"]) != [each.known.blob]
        ):
            return
    names = ", ".join(each.known.name for each in own) or f"of {', '.join(datasets)} nothing"
    raise NothingChangedError(
        f"{names} {'has' if len(own) == 1 else 'have'} no number that {upstream.name} has given to another"
        if own
        else f"{names} is released here that {upstream.name} does not have",
        hint="dsv push publishes what is here",
    )


def _refuse_published(
    repository: Repository,
    there: _There,
    upstream: Upstream,
    commits: Sequence[LocalCommit],
    own: Sequence[OwnVersion],
) -> None:
    """PublishedError where others can have what is to be made again; one's own branch there is only told of."""
    git = repository.git
    for each in own:
        if each.tag is not None and there.tags.get(str(each.known.tag)) == each.tag:
            raise PublishedError(
                f"{each.known.name} is published: {there.place.name} has its tag",
                hint=f'dsv yank {each.known.name} --reason "why" withdraws it',
            )
    if not commits:
        return
    mine = f"refs/remotes/{there.place.name}/{git.branch()}"
    for name in refs_containing(git, commits[0].id):
        if name == mine and not upstream.name.endswith(f"/{git.branch()}"):
            shown = mine.removeprefix("refs/remotes/")
            repository.tell(
                f"{shown} holds these commits as they were: git push --force-with-lease replaces them there, "
                "when dsv push has sent the data"
            )
        elif name.startswith("refs/remotes/"):
            shown = name.removeprefix("refs/remotes/")
            raise PublishedError(
                f"{commits[0].id[:10]} ({commits[0].subject}) is published: {shown} holds it",
                hint=f"git merge {upstream.name}, and see docs/merging.md",
            )


def _tell_of_loss(repository: Repository, upstream: Upstream, again: Again, *, renumbered: Sequence[Again]) -> None:
    """Say what the version before, which others made, brought and this one does not have."""
    base = again.base
    if again.plan is None or base is None or base.name in {each.name for each in renumbered}:
        return
    common = {each.version for each in versions_of(as_of(repository, upstream.common, tags={}), base.dataset).bases()}
    there = versions_of(as_of(repository, upstream.commit, tags=upstream.tags), base.dataset).bases()
    theirs = [each for each in there if each.version not in common]
    if not theirs:
        return
    told = []
    for known, manifest in zip(theirs, read_manifests(repository, theirs), strict=True):
        counts = manifest.change.records
        classes = {"added": counts.added, "removed": counts.removed, "modified": counts.modified}
        words = ", ".join(f"{count:,} {word}" for word, count in classes.items() if count)
        told.append(f"{known.name} ({words or 'no record changed'})")
    names = " ".join(each.name for each in theirs)
    repository.tell(
        f"{again.name} has the data that {again.old.known.name} had here, without what {upstream.name} released "
        f"meanwhile: {', '.join(told)}"
    )
    repository.tell(f"to have both: dsv merge {names}, then dsv bump {base.dataset}")
