"""git itself, and what this clone has of the history and knows of others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

from dsv.adapters.git import clone
from dsv.adapters.git.references import tag_update, update_refs
from dsv.adapters.git.remote import GitRemote
from dsv.errors import DsvError, GitError, UnsupportedError
from dsv.repository.health.check import Area, Check, Finding, Level, Mend, Mending, counted, several
from dsv.repository.health.subject import Subject
from dsv.repository.repository import Repository

OLD_GIT = Check(
    "D201",
    "git version",
    Level.ERROR,
    "{problem}",
    "install git 2.36 or newer",
    "Releases run git's hooks by `git hook run`, which older ones have not.",
)
UNREADABLE_HEAD = Check(
    "D202",
    "git objects",
    Level.ERROR,
    "git cannot read what HEAD is at: {problem}",
    "git fsck says more; git fetch {remote} may bring it back; else clone again and move .dvc/cache over",
    "Manifests lie in git's objects: without them no version can be named.",
)
LOST_ALTERNATE = Check(
    "D203",
    "borrowed objects",
    Level.ERROR,
    "git borrows objects from {path}, which is not there",
    "put it back, or name its new place in {file}",
    "After `git clone --shared` or `--reference` the other repository must stay where it is.",
)
SHALLOW = Check(
    "D204",
    "shallow clone",
    Level.WARNING,
    "this clone is shallow: earlier commits and their tags are not here",
    "git fetch --unshallow --tags {remote}",
    "Versions that only a tag on an earlier commit holds are unknown here, and `dsv gc` refuses to work.",
)
SINGLE_BRANCH = Check(
    "D205",
    "single branch",
    Level.WARNING,
    "this clone fetches {branches} of {remote} alone: tags on other branches do not come",
    "git remote set-branches {remote} '*' && git fetch --tags {remote}",
    "Versions released on other branches are unknown here, and their numbers look free.",
)
MISSING_TAGS = Check(
    "D206",
    "missing tags",
    Level.WARNING,
    "{remote} has {count} that {are} not here: {tags}",
    "git fetch --tags {remote}, or dsv doctor --fix",
    "A version without its tag here is known only as far as HEAD holds its manifest.",
    Mending.FIX,
)
NO_TAGS = Check(
    "D207",
    "tags not fetched",
    Level.WARNING,
    "this clone leaves the tags of {remote} out (git clone --no-tags)",
    "git config --unset remote.{remote}.tagOpt && git fetch --tags {remote}",
    "Releases of others come without their tags from now on.",
)
OTHER_TAGS = Check(
    "D208",
    "tags differ",
    Level.ERROR,
    "{remote} has other tags than this clone under {count}: {tags}",
    "if the one here was never pushed: git tag -d {first} && git fetch --tags {remote}; else ask who moved it",
    "One number names two things: somebody released it elsewhere, or moved the tag.",
)
NO_IDENTITY = Check(
    "D209",
    "identity",
    Level.WARNING,
    "git does not know who you are: nothing can be released here",
    'git config user.name "Your Name" && git config user.email you@example.com',
    "Every release is a commit, and its manifest names who made it.",
)
LOST_WORK_TREE = Check(
    "D210",
    "moved work tree",
    Level.WARNING,
    "the linked work tree {path} is not there any more",
    "where it was moved: git worktree repair NEW_PATH; where it was deleted: git worktree prune",
    "A linked work tree and its repository name each other by absolute paths.",
)

BROKEN_REFERENCE = Check(
    "D211",
    "broken reference",
    Level.ERROR,
    "{ref} is damaged, or names an object that is not here",
    "{remedy}",
    "git refuses to list tags as long as one of them leads nowhere.",
)
UNREADABLE_INDEX = Check(
    "D212",
    "git index",
    Level.ERROR,
    "git cannot read its index: {problem}",
    "rm {file} && git reset makes a new one; files stay as they are, and what was staged has to be staged again",
    "A disk that was full, or a crash, cut it short.",
)


def git_itself(subject: Subject) -> Iterator[Finding]:
    """The program, and who commits by it."""
    try:
        subject.repository.git.require_supported()
    except UnsupportedError as error:
        yield OLD_GIT.found(problem=error.message)
    try:
        subject.repository.git.identity()
    except GitError:
        yield NO_IDENTITY.found()


def objects(subject: Subject) -> Iterator[Finding]:
    """What git keeps can be read."""
    git = subject.repository.git
    file = os.path.join(git.common, "objects", "info", "alternates")
    for path in clone.lost_alternates(git):
        yield LOST_ALTERNATE.found(path=path, file=file)
    problem = clone.unreadable_head(git)
    if problem is not None:
        yield UNREADABLE_HEAD.found(problem=problem, remote=_usual_remote(subject) or "REMOTE")
    for ref, object_id in clone.broken_references(git).items():
        last = clone.last_known(git, ref) or "COMMIT, one of git fsck --lost-found"
        if ref.startswith("refs/tags/"):
            remedy = f"git update-ref -d {ref}, then git fetch --tags, or dsv tag --missing for a tag of yours"
        elif object_id is None:
            remedy = f"rm {os.path.join(git.common, ref)}, and git update-ref {ref} {last}"
        else:
            remedy = f"fetch {object_id[:10]} from where it is; if it is nowhere: git update-ref {ref} {last}"
        yield BROKEN_REFERENCE.found(ref=ref, remedy=remedy)
    problem = clone.unreadable_index(git)
    if problem is not None:
        yield UNREADABLE_INDEX.found(problem=problem, file=os.path.join(git.directory, "index"))


def history(subject: Subject) -> Iterator[Finding]:
    """The clone has all commits, branches and tags."""
    git, remote = subject.repository.git, _usual_remote(subject)
    if clone.is_shallow(git):
        yield SHALLOW.found(remote=remote or "origin")
    if remote is None:
        return
    if clone.fetches_some_branches(subject.git_settings, remote):
        specs = subject.git_settings[f"remote.{remote}.fetch"]
        branches = several(each.lstrip("+").partition(":")[0].removeprefix("refs/heads/") for each in specs)
        yield SINGLE_BRANCH.found(branches=branches or "nothing", remote=remote)
    if clone.fetches_no_tags(subject.git_settings, remote):
        yield NO_TAGS.found(remote=remote)


def tags_of_remote(subject: Subject) -> Iterator[Finding]:
    """The remote has no release tags that are not here.

    It is asked where it lies in this file system, else only where a version of HEAD's lacks its tag here: that is
    how it shows, and asking takes long.
    """
    repository, name = subject.repository, _usual_remote(subject)
    if name is None:
        return
    address = clone.remotes(subject.git_settings)[name].removeprefix("file://")
    near = os.path.isdir(os.path.join(repository.git.root, address))
    if not near and all(each.tag for each in subject.known):
        return
    try:
        remote = GitRemote.named(repository.git, name)
        theirs = {
            each.removeprefix("refs/tags/"): object_id
            for each, object_id in remote.references().items()
            if each.startswith("refs/tags/") and repository.layout.parse_tag(each.removeprefix("refs/tags/"))
        }
    except DsvError:
        return  # that it does not answer is for dsv push to say
    ours = {tag.name: tag.object_id for tag in repository.git.tags()}
    absent = {tag: object_id for tag, object_id in sorted(theirs.items()) if tag not in ours}
    other = sorted(tag for tag, object_id in theirs.items() if ours.get(tag, object_id) != object_id)
    if absent:
        act = partial(_bring_tags, repository, remote, absent)
        yield MISSING_TAGS.found(
            Mend(act=act),
            remote=name,
            count=counted(len(absent), "release tag"),
            are="is" if len(absent) == 1 else "are",
            tags=several(absent),
        )
    if other:
        yield OTHER_TAGS.found(remote=name, count=counted(len(other), "name"), tags=several(other), first=other[0])


def work_trees(subject: Subject) -> Iterator[Finding]:
    """Linked work trees are where they were made."""
    for path in clone.lost_work_trees(subject.repository.git):
        yield LOST_WORK_TREE.found(path=path)


GIT = Area(
    "git and this clone",
    (
        OLD_GIT,
        UNREADABLE_HEAD,
        LOST_ALTERNATE,
        SHALLOW,
        SINGLE_BRANCH,
        MISSING_TAGS,
        NO_TAGS,
        OTHER_TAGS,
        NO_IDENTITY,
        LOST_WORK_TREE,
        BROKEN_REFERENCE,
        UNREADABLE_INDEX,
    ),
    (git_itself, objects, history, tags_of_remote, work_trees),
)

BREAKING_GIT = (UNREADABLE_HEAD, LOST_ALTERNATE, BROKEN_REFERENCE, UNREADABLE_INDEX)
"""What lets commands of git fail in many places."""


def _usual_remote(subject: Subject) -> str | None:
    """The git remote that releases go to, else the only one there is."""
    names = sorted(clone.remotes(subject.git_settings))
    try:
        usual = subject.repository.settings().release.remote
    except DsvError:
        usual = "origin"
    if usual in names:
        return usual
    return names[0] if len(names) == 1 else None


def _bring_tags(repository: Repository, remote: GitRemote, tags: dict[str, str]) -> None:
    for tag in tags:
        remote.fetch(f"refs/tags/{tag}")
    update_refs(repository.git, tag_update(tags), guard=repository.guard, reason="dsv: tag")
