"""Checks of what git holds beside a manifest: the release tag, and the pointer to the record index."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from dsv.checks.subject import Subject
from dsv.model.finding import Check, Finding, Status
from dsv.model.manifest import Manifest

TAG_LEADS = Check(
    "C501",
    "tag",
    "The release tag of a version leads to a commit that has its manifest.",
    "Whoever asks git or DVC for the tag gets something else than who asks dsv for the version.",
    "Somebody moved the tag: `git tag -f leases@v1.0.0`.",
    "{tag} leads to another manifest, or to none",
    "git tag -d the wrong one, then dsv tag {ref}; where a remote has the wrong one, ask who moved it",
)
TAG_TREE = Check(
    "C502",
    "tag",
    "The tree that the message of a release tag names is the one in the manifest.",
    "The tag vouches, often signed, for other data than the version has.",
    "Somebody made the tag by hand, and copied the message of another one.",
    "{tag} names another tree",
    "git tag -d the wrong one, then dsv tag {ref}",
)
NO_TAG = Check(
    "C503",
    "tag",
    "A version has a release tag.",
    "Without one DVC and GTO do not find it, and it is gone with the branch that it is on. On a pull request that is "
    "as it should be.",
    "A release was made with `--no-tag`, and merged.",
    "has no release tag here",
    "after the merge: dsv tag --missing; where others have it: git fetch --tags",
)
PLAIN_TAG = Check(
    "C504",
    "tag",
    "A release tag is an annotated one.",
    "DVC, GTO and dsv leave others out.",
    "Somebody typed `git tag leases@v1.0.0`.",
    "{tag} is no annotated tag, so it counts for nothing",
    "git tag -d it, then dsv tag {ref}",
)
INDEX_POINTER = Check(
    "C505",
    "index",
    "The pointer beside a manifest names the record index that the manifest names.",
    "`dvc pull` would bring the record index of something else, and what changed could not be told.",
    "A merge took one side's manifest and the other side's pointer.",
    "its pointer names another record index",
    "git checkout COMMIT -- the pointer beside {file}, as the release's commit has it",
)

DATA_POINTER = Check(
    "C506",
    "pointer",
    "The pointer to the data names the data of the dataset's newest version, or of another one.",
    "The data changed, and no version says so: whoever pulls the branch gets data that has no number.",
    "Somebody ran `dvc add data/leases` and committed, and forgot `dsv bump leases`.",
    "{file} names data that is no version",
    "dsv bump {dataset} releases it; dsv checkout {dataset} takes it back",
)
NO_TAGS = Check(
    "C507",
    "tag",
    "The clone has the release tags, so that manifests can be held against them.",
    "A tag that leads to another manifest is not found without them.",
    "A pipeline checks out at depth 1, which brings no tags.",
    "this clone has no release tags, so nothing was held against them",
    "git fetch --tags --depth=1 brings them (fetch-tags: true in actions/checkout)",
)

TAGS = (TAG_LEADS, TAG_TREE, NO_TAG, PLAIN_TAG, INDEX_POINTER, DATA_POINTER, NO_TAGS)


def rule_of_tag(subject: Subject, manifest: Manifest) -> Iterator[Finding]:
    """The release tag is annotated, leads to this manifest and names its tree."""
    release = subject.release
    if not subject.has_tags:
        return
    if release is None:
        yield subject.finding(NO_TAG, Status.WARNING, "has no release tag here")
    elif not release.annotated:
        yield subject.finding(PLAIN_TAG, Status.WARNING, f"{release.tag} is no annotated tag, so it counts for nothing")
    elif release.manifest != subject.text:
        yield subject.finding(TAG_LEADS, Status.FAILED, f"{release.tag} leads to another manifest, or to none")
    elif release.tree is not None and release.tree != manifest.digests.tree:
        yield subject.finding(
            TAG_TREE,
            Status.FAILED,
            f"{release.tag} names another tree",
            value=release.tree,
            limit=manifest.digests.tree,
        )
    else:
        yield subject.finding(TAG_LEADS, Status.PASSED, f"{release.tag} leads to it")


def no_tags() -> Finding:
    """That nothing could be held against tags."""
    said = "this clone has no release tags, so nothing was held against them"
    return Finding(NO_TAGS, Status.SKIPPED, said, remedy=NO_TAGS.mending)


@dataclass(frozen=True)
class DataPointer:
    """The pointer to a dataset's data: its file, and the object that it names, None for one that names none.

    `released` are the objects of the data of all versions that are known.
    """

    dataset: str
    file: str
    names: str | None
    released: Collection[str]


def check_pointer(pointer: DataPointer) -> Finding:
    """Whether the data is that of a version."""
    if pointer.names in pointer.released:
        status, said = Status.PASSED, f"{pointer.file} names data of a version"
    else:
        status, said = Status.WARNING, f"{pointer.file} names data that is no version"
    return Finding(DATA_POINTER, status, said, dataset=pointer.dataset, file=pointer.file, line=1)


def rule_of_index(subject: Subject, manifest: Manifest) -> Iterator[Finding]:
    """The pointer to the record index names the recorded one."""
    if subject.index_pointer is None:
        return
    expected = manifest.digests.index.removeprefix("md5:")
    if subject.index_pointer == expected:
        yield subject.finding(INDEX_POINTER, Status.PASSED, "its pointer names the recorded index", key="digests")
    else:
        yield subject.finding(
            INDEX_POINTER,
            Status.FAILED,
            "its pointer names another record index",
            key="digests",
            value=subject.index_pointer,
            limit=expected,
        )
