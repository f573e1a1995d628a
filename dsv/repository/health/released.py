"""The versions: their manifests, their tags, and how these belong together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from dsv.adapters.git import clone
from dsv.errors import BadManifestError, DsvError
from dsv.model.event import load_event
from dsv.model.manifest import load_manifest
from dsv.repository.declared.datasets import load_dataset_file
from dsv.repository.health.check import Area, Check, Finding, Level, several
from dsv.repository.health.subject import Subject
from dsv.repository.known.catalog import KnownVersion
from dsv.repository.known.search_index import parsed_events

UNREADABLE_MANIFEST = Check(
    "D301",
    "unreadable manifest",
    Level.ERROR,
    "the manifest of {version} cannot be read: {problem}",
    "{remedy}",
    "A version whose manifest cannot be read can be neither checked out nor verified, and `dsv gc` refuses to work.",
)
MISPLACED_MANIFEST = Check(
    "D302",
    "misplaced manifest",
    Level.ERROR,
    "{file} is the manifest of {named}: a copy, or renamed by hand",
    "git rm {file}, and commit; what it says was released as {named}",
    "A manifest counts as the version that its place names, and this one says otherwise.",
)
OTHER_MANIFEST = Check(
    "D303",
    "edited manifest",
    Level.ERROR,
    "HEAD has another manifest of {version} than its tag {tag}",
    "git checkout {tag} -- {file}, and commit; if the tag is the wrong one: git tag -d {tag} && dsv tag {version}",
    "A manifest is written once. It was edited, or a rebase made the release again.",
)
UNTAGGED = Check(
    "D304",
    "untagged version",
    Level.WARNING,
    "{versions} no tag",
    "dsv tag {first}, or for all of them dsv tag --missing",
    "A tag is what plain DVC and git find a version by; `git tag -d` or `--no-tag` leave it without.",
)
EMPTY_TAG = Check(
    "D305",
    "tag without version",
    Level.WARNING,
    "the tag {tag} {problem}: its number is taken, and it is no version",
    "git tag -d {tag}{then}",
    "A version is an annotated tag on a commit that holds its manifest. A tag made by hand is none.",
)
TAG_OFF_BRANCH = Check(
    "D306",
    "tag off every branch",
    Level.WARNING,
    "the tag {tag} is on a commit that no branch has any more; HEAD has the manifest by another commit",
    "if the tag was never pushed: git tag -d {tag} && dsv tag {version}",
    "A rebase or an amended commit makes the release again, and the tag stays behind. The version itself is sound.",
)
VERSION_OFF_BRANCH = Check(
    "D307",
    "version off every branch",
    Level.WARNING,
    "{version} is on no branch any more: its tag alone keeps it",
    "git branch keep-{dataset} {tag} keeps it on a branch, to merge; if it is to go: git tag -d {tag}",
    "Its branch was rebased, reset or deleted. It is no base for the next version, and its number is taken.",
)
UNCOMMITTED_MANIFEST = Check(
    "D308",
    "uncommitted manifest",
    Level.WARNING,
    "{file} is in no commit, so it is no version",
    "if its release is to stay: commit it with the pointers beside it; else rm {file}, and dsv bump {dataset}",
    "`git reset` leaves the manifest of a release that it took back, as a new file.",
)
CHANGED_MANIFEST = Check(
    "D309",
    "changed manifest",
    Level.WARNING,
    "{file} is {what} in the work tree, and released",
    "git restore --source=HEAD --staged --worktree {file}",
    "What the commit holds counts; committed as it is, this would be refused by dsv check.",
)
BAD_DECLARATION = Check(
    "D310",
    "dataset.yaml",
    Level.ERROR,
    "{problem}",
    "{remedy}",
    "No command can work on a dataset whose declaration is missing or does not read.",
)
CASE_COLLISION = Check(
    "D311",
    "names that differ in case",
    Level.ERROR,
    "{names} differ in case alone: a clone on macOS or Windows has one of them",
    "dsv rename {first} to something else",
    "Names are unique without regard to case; a merge of two branches can bring both.",
)
ONE_PATH = Check(
    "D312",
    "shared data path",
    Level.ERROR,
    "the datasets {names} have the same data, {path}",
    "dsv move one of them, or dsv remove it",
    "A release of one would overwrite what the other declares.",
)
UNREADABLE_EVENT = Check(
    "D313",
    "unreadable event",
    Level.ERROR,
    "{file} cannot be read: {problem}",
    "git log -- {file} shows who changed it; git checkout COMMIT -- {file} brings back what was written first",
    "Events tell which versions were withdrawn and where stages are.",
)

_SHOWN = 20


def manifests(subject: Subject) -> Iterator[Finding]:
    """Every manifest can be read, and lies where it says."""
    layout = subject.repository.layout
    bad = [each for each in subject.known if each.blob not in subject.manifests]
    texts = subject.repository.git.blobs([each.blob for each in bad[:_SHOWN]])
    for known in bad[:_SHOWN]:
        yield _unreadable(subject, known, texts.get(known.blob))
    for known in subject.known:
        parsed = subject.manifests.get(known.blob)
        if parsed is not None and (parsed["dataset"], parsed["version"]) != (known.dataset, str(known.version)):
            file = layout.manifest_file(known.dataset, known.version)
            yield MISPLACED_MANIFEST.found(file=file, named=f"{parsed['dataset']}@{parsed['version']}")


def manifests_beside_tags(subject: Subject) -> Iterator[Finding]:
    """HEAD has each manifest as its tag has it."""
    layout = subject.repository.layout
    for known in subject.known:
        file = layout.manifest_file(known.dataset, known.version)
        if known.tag and known.in_head and subject.head_tree.get(file, known.blob) != known.blob:
            yield OTHER_MANIFEST.found(version=known.name, tag=known.tag, file=file)


def untagged(subject: Subject) -> Iterator[Finding]:
    """Versions in HEAD have their tags, unless they get them after a merge."""
    if subject.repository.settings().release.tag == "on-merge":
        return
    found = [each.name for each in subject.known if each.tag is None and each.name not in _lightweight(subject)]
    if found:
        have = "has" if len(found) == 1 else "have"
        yield UNTAGGED.found(versions=f"{several(found)} {have}", first=min(found))


def empty_tags(subject: Subject) -> Iterator[Finding]:
    """Each tag of a dataset's numbers is a version."""
    layout = subject.repository.layout
    for name in sorted(_lightweight(subject)):
        dataset, _, version = name.partition("@")
        problem = "is lightweight, made without -a"
        yield EMPTY_TAG.found(tag=layout.tag(dataset, version), problem=problem, then=f" && dsv tag {name}")
    for versions in subject.versions.values():
        # Below the first version they are those of GTO from before.
        for number in [each for each in versions.foreign if versions.known and each > versions.known[0].version]:
            yield EMPTY_TAG.found(
                tag=layout.tag(versions.dataset, number), problem="leads to no manifest of that version", then=""
            )


def tags_off_branches(subject: Subject) -> Iterator[Finding]:
    """Each tag is on a commit that a branch has."""
    tagged = [each for each in subject.known if each.tag is not None and each.tag_commit is not None]
    off = clone.off_branches(subject.repository.git, {each.tag_commit for each in tagged if each.tag_commit})
    for known in tagged:
        if known.tag_commit not in off:
            continue
        if known.in_head:
            yield TAG_OFF_BRANCH.found(tag=known.tag, version=known.name)
        else:
            yield VERSION_OFF_BRANCH.found(version=known.name, tag=known.tag, dataset=known.dataset)


def work_tree(subject: Subject) -> Iterator[Finding]:
    """The work tree has the manifests that HEAD has."""
    layout = subject.repository.layout
    for path, letters in sorted(subject.status.items()):
        named = layout.parse_manifest_path(path)
        if named is None:
            continue
        if letters in {"??", "A ", "AM"}:
            yield UNCOMMITTED_MANIFEST.found(file=path, dataset=named[0])
        elif path in subject.head_tree and "U" not in letters:
            yield CHANGED_MANIFEST.found(file=path, what="deleted" if "D" in letters else "changed")


def declarations(subject: Subject) -> Iterator[Finding]:
    """Each dataset with versions is declared, by a name and a path of its own."""
    repository, layout = subject.repository, subject.repository.layout
    for name, versions in subject.versions.items():
        if name not in subject.declared and any(each.in_head for each in versions.known):
            file = layout.dataset_file(name)
            yield BAD_DECLARATION.found(
                problem=f"{name} has versions and no {file}",
                remedy=f"git log -- {file} shows where it went; git checkout COMMIT^ -- {file} brings it back",
            )
    changed = {path for path, letters in subject.status.items() if path.endswith("/dataset.yaml")}
    for name in subject.declared:
        if subject.declared[name] is None or layout.dataset_file(name) in changed:
            try:
                load_dataset_file(repository, name)
            except DsvError as error:
                yield BAD_DECLARATION.found(problem=error.message, remedy=error.hint or "mend it in an editor")
    yield from _collisions(subject)


def events(subject: Subject) -> Iterator[Finding]:
    """What happened after the releases can be read."""
    repository, layout = subject.repository, subject.repository.layout
    files = {path: blob for path, blob in subject.head_tree.items() if layout.parse_event_path(path)}
    parsed = parsed_events(repository, files.values())
    bad = {path: blob for path, blob in files.items() if blob not in parsed}
    texts = repository.git.blobs(bad.values())
    for path, blob in sorted(bad.items())[:_SHOWN]:
        yield UNREADABLE_EVENT.found(file=path, problem=_problem(load_event, texts.get(blob), file=path))


def _collisions(subject: Subject) -> Iterator[Finding]:
    named, placed = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for name, declared in subject.declared.items():
        named[name.casefold()].append(name)
        if declared is not None and declared.path is not None:
            placed[declared.path.casefold()].append(name)
    for names in named.values():
        if len(names) > 1:
            yield CASE_COLLISION.found(names=" and ".join(names), first=names[-1])
    for names in placed.values():
        if len(names) > 1:
            declared = subject.declared[names[0]]
            yield ONE_PATH.found(names=" and ".join(names), path=declared.path if declared else "")


RELEASED = Area(
    "Versions",
    (
        UNREADABLE_MANIFEST,
        MISPLACED_MANIFEST,
        OTHER_MANIFEST,
        UNTAGGED,
        EMPTY_TAG,
        TAG_OFF_BRANCH,
        VERSION_OFF_BRANCH,
        UNCOMMITTED_MANIFEST,
        CHANGED_MANIFEST,
        BAD_DECLARATION,
        CASE_COLLISION,
        ONE_PATH,
        UNREADABLE_EVENT,
    ),
    (manifests, manifests_beside_tags, untagged, empty_tags, tags_off_branches, work_tree, declarations, events),
)


def _unreadable(subject: Subject, known: KnownVersion, text: bytes | None) -> Finding:
    file = subject.repository.layout.manifest_file(known.dataset, known.version)
    problem = _problem(load_manifest, text, file=file)
    remedy = f"git log -- {file} shows who changed it; git checkout COMMIT -- {file} brings back what was released"
    if known.tag is not None and subject.head_tree.get(file) != known.blob:
        remedy = f"its tag {known.tag} holds it so: restore that tag from a clone that has it whole"
    return UNREADABLE_MANIFEST.found(version=known.name, problem=problem, remedy=remedy)


def _problem(load: Callable[..., object], text: bytes | None, *, file: str) -> str:
    """What is wrong with a text that cannot be read."""
    if text is None:
        return "git has not its text"
    try:
        load(text, file=file)
    except BadManifestError as error:
        return error.message
    return "it is not what its place says"


def _lightweight(subject: Subject) -> set[str]:
    """The versions of HEAD's that have a tag, and one that is not annotated."""
    layout = subject.repository.layout
    plain = {tag.name for tag in subject.repository.git.tags() if not tag.annotated}
    return {each.name for each in subject.known if each.tag is None and layout.tag(each.dataset, each.version) in plain}
