"""What is looked at to verify a version: each place by itself, as a function that gives what is wrong there.

These are the places in git. Those that hold bytes have modules of their own: `cache_places`, `tree_places`,
`remote_places`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from dsv.adapters.git.signing import Signature, commit_signature, names_in_tags, tag_signature
from dsv.checks.manifests import Rule, check_manifest, rule_of_checksum, rule_of_place
from dsv.checks.subject import Release, Subject
from dsv.checks.tags import rule_of_tag
from dsv.errors import BadDataError, BadManifestError
from dsv.model.finding import Status
from dsv.model.manifest import Manifest, load_manifest
from dsv.model.version import parse_version
from dsv.repository.declared.pointers import Said, said_by, said_of_data
from dsv.repository.known.catalog import KnownVersion, introduced_in
from dsv.repository.known.release_tags import release_tags, releases

if TYPE_CHECKING:
    from dsv.records.hashing import Seen
    from dsv.repository.repository import Repository


class Depth(Enum):
    """How much of the bytes is read."""

    LISTS = "lists"
    """Lists and record indexes; of the data's files it is asked whether they are there."""
    BYTES = "bytes"
    """Every byte, and what follows from them: the record index is made again from the data."""


MANIFEST, TAG, POINTER, SIGNATURE = "manifest", "tag", "pointer", "signature"
INDEX, CACHE, WORK, REMOTE, SCORES = "index", "cache", "work", "remote", "scores"


class Local(Enum):
    """Whether the cache and the work tree of this clone are looked at."""

    LOOKED_AT = "looked at"
    LEFT_OUT = "left out"
    """As for a clone that never had data, and asks what the remote has."""


@dataclass(frozen=True)
class Problem:
    """What is wrong in one place; `path` is a file, an object, a tag or a commit, `expected` what should be there.

    Of an object, `object` is DVC's name of it and `file` the file of the dataset that it is the bytes of. `touched`
    says of a file of the work tree that its stat shows that somebody wrote it, as whoever edits data does.
    """

    place: str
    path: str
    kind: str
    expected: str | None
    actual: str | None
    file: str | None = None
    object: str | None = None
    remote: str | None = None
    touched: bool = False

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "place": self.place,
            "path": self.path,
            "kind": self.kind,
            "expected": self.expected,
            "actual": self.actual,
            **({} if self.file is None else {"file": self.file}),
            **({} if self.object is None else {"object": self.object}),
            **({} if self.remote is None else {"remote": self.remote}),
            **({"touched": self.touched} if self.place == WORK else {}),
        }


def difference(seen: Seen, *, md5: str, sha256: str | None = None) -> tuple[str, str | None, str | None] | None:
    """What is wrong with what was found, as kind, expected and actual; None where it has the digests."""
    digests = seen.digests
    if digests is None:
        return ("unreadable", None, seen.reason) if seen.there else ("missing", f"md5:{md5}", None)
    if digests.md5 != md5:
        return "mismatch", f"md5:{md5}", f"md5:{digests.md5}"
    if sha256 is not None and digests.sha256 != sha256:
        return "mismatch", f"sha256:{sha256}", f"sha256:{digests.sha256}"
    return None


@dataclass(frozen=True)
class Case:
    """One version that is verified: its manifest's text, and its release tag if there is one.

    `tag_object` is the id of that tag's object, `named_in_tag` the name that it carries itself; None where it is none.
    """

    repository: Repository
    known: KnownVersion
    text: bytes
    release: Release | None
    tag_object: str | None
    named_in_tag: str | None

    @property
    def file(self) -> str:
        """The manifest's path from the DVC root."""
        return self.repository.layout.manifest_file(self.known.dataset, self.known.version)

    @cached_property
    def manifest(self) -> Manifest | None:
        """The manifest; None where it does not read."""
        try:
            return load_manifest(self.text, file=self.file).value
        except BadManifestError:
            return None

    @cached_property
    def commit(self) -> str | None:
        """The commit that is to hold all of the version: the tag's, else the one that brought the manifest."""
        return self.known.tag_commit or introduced_in(self.repository, self.known)

    @cached_property
    def is_newest_there(self) -> bool:
        """Whether the commit's tree has no later version of the dataset, whose pointers would be there instead."""
        layout, known = self.repository.layout, self.known
        paths = (
            self.repository.git.tree(self.commit, layout.in_git(layout.directory(known.dataset))) if self.commit else ()
        )
        named = (layout.parse_manifest_path(layout.from_git(path)) for path in paths)
        versions = (parse_version(each[1]) for each in named if each is not None)
        return all(version <= known.version for version in versions if version is not None)

    def subject(self) -> Subject:
        """The manifest and its tag, as the rules of `dsv check` take them."""
        return Subject(
            file=self.file,
            dataset=self.known.dataset,
            version=self.known.version,
            text=self.text,
            earlier={},
            siblings={},
            release=self.release,
        )


Place = Callable[[Case], Iterator[Problem]]


def cases(repository: Repository, versions: Sequence[KnownVersion]) -> Iterator[Case]:
    """What there is to look at of each version."""
    git, layout = repository.git, repository.layout
    tags = release_tags(repository, {each.dataset for each in versions})
    told = releases(repository, tags)
    objects = {(dataset, version): tag.object_id for dataset, version, tag in tags if tag.annotated}
    inside = names_in_tags(git, objects.values())
    paths = [layout.in_git(layout.manifest_file(each.dataset, each.version)) for each in versions]
    # Where HEAD has the manifest it is HEAD's that is looked at, and held against the tag's.
    names = [f"HEAD:{path}" if each.in_head else each.blob for each, path in zip(versions, paths, strict=True)]
    texts = git.blobs(names, paths=dict(zip(names, paths, strict=True)))
    for each, name in zip(versions, names, strict=True):
        key = each.dataset, each.version
        tag = objects.get(key)
        yield Case(repository, each, texts[name], told.get(key), tag, inside.get(tag or ""))


def in_manifest(case: Case) -> Iterator[Problem]:
    """The manifest reads, is that of its place, and has the checksum of its content."""
    if case.manifest is None:
        findings = [each for each in check_manifest(case.subject()) if each.status is Status.FAILED]
        yield from (Problem(MANIFEST, case.file, "unreadable", None, each.message) for each in findings)
        return
    yield from _broken(case, rule_of_place, MANIFEST, case.file)
    yield from _broken(case, rule_of_checksum, MANIFEST, case.file)


def in_tag(case: Case) -> Iterator[Problem]:
    """The tag is annotated, carries its own name, leads to the manifest, and names its tree."""
    if case.release is None:
        return
    name = case.release.tag
    if case.tag_object and case.named_in_tag != name:
        yield Problem(TAG, name, "mismatch", name, case.named_in_tag)
    if case.manifest is not None:
        yield from _broken(case, rule_of_tag, TAG, name)


def in_pointers(case: Case) -> Iterator[Problem]:
    """The pointers to data and record index in the version's commit name what the manifest says."""
    layout, known, manifest = case.repository.layout, case.known, case.manifest
    if manifest is None or case.commit is None:
        return
    repository, commit = case.repository, case.commit
    data, index = manifest.data.path, layout.index_pointer(known.dataset, known.version)
    of_data = partial(said_of_data, repository, data, revision=commit)
    of_index = partial(said_by, repository, index, revision=commit)
    yield from _pointing(case, POINTER, of_data, expected=manifest.digests.dvc, file=layout.data_pointer(data))
    yield from _pointing(case, INDEX, of_index, expected=manifest.digests.index, file=index)


def in_signatures(case: Case) -> Iterator[Problem]:
    """The version is vouched for: its tag or, where that is not signed, its commit; and no signature on them is bad."""
    git, release = case.repository.git, case.release
    tag = Signature.NONE
    if release is not None and case.tag_object:
        tag = tag_signature(git, case.tag_object)
        if tag is Signature.BAD:
            yield Problem(SIGNATURE, release.tag, "signature", "a good signature", "one that git does not believe")
    commit = Signature.NONE
    if case.commit is not None:
        commit = commit_signature(git, case.commit)
        if commit is Signature.BAD:
            yield Problem(SIGNATURE, case.commit, "signature", "a good signature", "one that git does not believe")
    if tag is commit is Signature.NONE:
        path = release.tag if release is not None else case.commit or case.file
        yield Problem(SIGNATURE, path, "unsigned", "a good signature", None)


PLACES: Sequence[Place] = (in_manifest, in_tag, in_pointers)
"""What is looked at always; none of it needs to read data."""


def _pointing(case: Case, where: str, look: Callable[[], Said], *, expected: str, file: str) -> Iterator[Problem]:
    """Whether a pointer in the version's commit names the expected object; those of a later version need not."""
    try:
        said = look()
    except BadDataError:
        yield Problem(where, file, "unreadable", expected, None)
        return
    actual = f"md5:{said.oid}" if said.oid else None
    if actual != expected and case.is_newest_there:
        yield Problem(where, said.file, "mismatch" if said.there else "missing", expected, actual)


def _broken(case: Case, rule: Rule, where: str, path: str) -> Iterator[Problem]:
    """What the rule finds, as problems of a place; what it only warns of does not vouch for anything."""
    for finding in rule(case.subject(), case.manifest) if case.manifest else ():
        if finding.status is Status.PASSED:
            continue
        if finding.limit is None:
            yield Problem(where, path, "mismatch", None, finding.message)
        else:
            yield Problem(where, path, "mismatch", str(finding.limit), str(finding.value))
