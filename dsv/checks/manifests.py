"""Rules that every manifest keeps, given its text and what git says about it.

A rule is a function from a `Subject` to findings; add one here and to RULES (docs/architecture.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dsv.checks.finding import Finding, Status
from dsv.errors import BadManifestError
from dsv.model.change import Change, FilesChange
from dsv.model.manifest import Manifest, load_manifest, manifest_checksum
from dsv.model.policy import Policy, compare_fields, rare
from dsv.model.policy_rules import decide
from dsv.model.problems import shown
from dsv.model.version import Level, Version
from dsv.records.canonical import encode
from dsv.records.formats import OPAQUE


@dataclass(frozen=True)
class Release:
    """The release tag of a version: what its tree holds as the manifest, and the tree digest its message names."""

    tag: str
    annotated: bool
    manifest: bytes | None
    tree: str | None


@dataclass(frozen=True)
class Subject:
    """One manifest to look at: its file and text now, and its earlier texts by the place that holds them.

    `siblings` are the other manifests of the dataset; `index_pointer` is the md5 in the pointer to its index.
    """

    file: str
    dataset: str
    version: Version
    text: bytes | None
    earlier: Mapping[str, bytes]
    siblings: Mapping[Version, Manifest]
    release: Release | None = None
    index_pointer: str | None = None

    def finding(self, check: str, status: Status, message: str, *, key: str = "", **more: object) -> Finding:
        """A finding about this manifest, at the line of the key."""
        line = _line_of(self.text or b"", key)
        return Finding(
            check,
            status,
            message,
            dataset=self.dataset,
            version=str(self.version),
            value=more.get("value"),
            limit=more.get("limit"),
            file=self.file,
            line=line,
        )


def check_manifest(subject: Subject) -> list[Finding]:
    """Everything there is to say about one manifest."""
    findings = list(_unchanged(subject))
    if subject.text is None:
        return findings
    try:
        manifest = load_manifest(subject.text, file=subject.file).value
    except BadManifestError as error:
        return [*findings, *_malformed(subject, error)]
    findings.append(subject.finding("well_formed", Status.PASSED, "reads as a manifest"))
    for rule in RULES:
        findings += rule(subject, manifest)
    return findings


def _malformed(subject: Subject, error: BadManifestError) -> Iterator[Finding]:
    problems: Sequence[Mapping[str, object]] = error.details.get("problems", [])
    if not problems:
        yield subject.finding("well_formed", Status.FAILED, error.message)
    for problem in problems:
        line = problem.get("line")
        yield Finding(
            "well_formed",
            Status.FAILED,
            f"{problem.get('path') or 'the file'}: {problem.get('message')}",
            dataset=subject.dataset,
            version=str(subject.version),
            file=subject.file,
            line=line if isinstance(line, int) else None,
        )


def _unchanged(subject: Subject) -> Iterator[Finding]:
    """A released manifest is never edited and never deleted."""
    for place, text in subject.earlier.items():
        if subject.text is None:
            yield subject.finding("unchanged", Status.FAILED, f"is gone, but {place} has it")
        elif text != subject.text:
            yield subject.finding("unchanged", Status.FAILED, f"differs from what {place} has")
        else:
            continue
        return
    yield subject.finding("unchanged", Status.PASSED, f"as in {len(subject.earlier)} earlier places")


def rule_of_place(subject: Subject, manifest: Manifest) -> Iterator[Finding]:
    """The manifest is that of the version it lies under."""
    named = f"{manifest.dataset} {manifest.version}"
    expected = f"{subject.dataset} {subject.version}"
    if named == expected:
        yield subject.finding("place", Status.PASSED, "lies where its name and version say")
    else:
        yield subject.finding(
            "place", Status.FAILED, f"is the manifest of {named}", key="version", value=named, limit=expected
        )


def rule_of_checksum(subject: Subject, manifest: Manifest) -> Iterator[Finding]:
    """The manifest is as it was written."""
    actual = manifest_checksum(manifest, encode=encode)
    if manifest.checksum == actual:
        yield subject.finding("checksum", Status.PASSED, "is that of its content", key="checksum")
    else:
        yield subject.finding(
            "checksum",
            Status.FAILED,
            "is not that of its content: the manifest was edited",
            key="checksum",
            value=manifest.checksum,
            limit=actual,
        )


def rule_of_number(subject: Subject, manifest: Manifest) -> Iterator[Finding]:
    """The number follows from the recorded facts, and the facts from those of the version before."""
    if manifest.change.previous is None:
        yield subject.finding("number", Status.PASSED, "a first version", key="version")
        return
    previous = subject.siblings.get(Version.parse(str(manifest.change.previous)))
    if previous is None:
        yield subject.finding(
            "number", Status.FAILED, f"its previous version {manifest.change.previous} is not here", key="change"
        )
        return
    problems = list(_number_problems(manifest, previous))
    for message, value, limit in problems:
        yield subject.finding("number", Status.FAILED, message, key="version", value=value, limit=limit)
    if not problems:
        yield subject.finding("number", Status.PASSED, "follows from the recorded change", key="version")


def _number_problems(manifest: Manifest, previous: Manifest) -> Iterator[tuple[str, object, object]]:
    recorded, counts = manifest.change, manifest.change.records.counts
    if counts.old != previous.data.records:
        yield "the records before do not add up to those of the previous version", counts.old, previous.data.records
    if counts.new != manifest.data.records:
        yield "the records after do not add up", counts.new, manifest.data.records
    fields = compare_fields(previous.observed, manifest.observed)
    entry = recorded.fields
    retyped = tuple((each.field, each.old, each.new) for each in entry.changed)
    if (entry.added, entry.removed, retyped) != (
        fields.added,
        fields.removed,
        tuple((each.field, each.old, each.new) for each in fields.changed),
    ):
        yield "the recorded change of fields is not that between the two versions", None, None
    policy = Policy(
        name=recorded.policy.name,
        major=recorded.policy.major,
        minor=recorded.policy.minor,
        rare_fields=recorded.policy.rare_fields,
    )
    files = recorded.files
    change = Change(
        records=counts,
        files=FilesChange(
            added=("",) * files.added,
            removed=("",) * files.removed,
            modified=("",) * files.modified,
            renamed=(("", ""),) * files.renamed,
            unchanged=files.unchanged,
        ),
        fields=fields,
        opaque=None if recorded.opaque is None else recorded.opaque.counts,
        keyed=_has_keys(manifest) and _has_keys(previous) and manifest.key == previous.key,
        key_changed=manifest.key != previous.key,
        declarations_changed=manifest.declared != previous.declared,
        rare=rare(previous.observed, records=previous.data.records, policy=policy),
    )
    share = float(round(change.share, 6))
    if share != recorded.records.changed_share:
        yield "the changed share is not that of the recorded counts", recorded.records.changed_share, share
    computed = decide(change, policy=policy).level
    level, recorded_level = Level.parse(str(_word(recorded.level))), Level.parse(str(_word(recorded.computed)))
    if computed is None:
        yield "nothing changed since the previous version", None, None
    elif computed is not recorded_level:
        yield "the computed level is not what the change asks for", recorded_level.word, computed.word
    elif level < computed and not recorded.allow_lower:
        yield "the level is lower than the change asks for", level.word, computed.word
    version, before = Version.parse(str(manifest.version)), Version.parse(str(previous.version))
    if version <= before:
        yield "the version is not above the previous one", str(version), str(before)
    elif version.level_above(before) is not level:
        yield "the step from the previous version is of another level", version.level_above(before).word, level.word


def _has_keys(manifest: Manifest) -> bool:
    """Whether records are told by a key: files without a reader have none, whatever is declared."""
    return bool(manifest.key) and manifest.data.format != OPAQUE


def _word(level: object) -> object:
    return level.word if isinstance(level, Level) else level


def rule_of_tag(subject: Subject, manifest: Manifest) -> Iterator[Finding]:
    """The release tag is annotated, leads to this manifest and names its tree."""
    release = subject.release
    if release is None:
        yield subject.finding("tag", Status.WARNING, "has no release tag here")
    elif not release.annotated:
        yield subject.finding("tag", Status.WARNING, f"{release.tag} is no annotated tag, so it counts for nothing")
    elif release.manifest != subject.text:
        yield subject.finding("tag", Status.FAILED, f"{release.tag} leads to another manifest, or to none")
    elif release.tree is not None and release.tree != manifest.digests.tree:
        yield subject.finding(
            "tag", Status.FAILED, f"{release.tag} names another tree", value=release.tree, limit=manifest.digests.tree
        )
    else:
        yield subject.finding("tag", Status.PASSED, f"{release.tag} leads to it")


def rule_of_index(subject: Subject, manifest: Manifest) -> Iterator[Finding]:
    """The pointer to the record index names the recorded one."""
    if subject.index_pointer is None:
        return
    expected = manifest.digests.index.removeprefix("md5:")
    if subject.index_pointer == expected:
        yield subject.finding("index", Status.PASSED, "its pointer names the recorded index", key="digests")
    else:
        yield subject.finding(
            "index",
            Status.FAILED,
            "its pointer names another record index",
            key="digests",
            value=subject.index_pointer,
            limit=expected,
        )


def rule_of_validation(subject: Subject, manifest: Manifest) -> Iterator[Finding]:
    """What it says of its checks fits together: something was waived, or everything passed."""
    recorded = manifest.validation
    waived = [each.check for each in recorded.waived]
    found = [str(each.get("check")) for each in recorded.findings]
    expected = "waived" if waived else "passed"
    if recorded.status != expected:
        message = f"its status is {recorded.status}, and {len(waived)} checks were waived"
    elif others := sorted(set(found) - set(waived)):
        message = f"has a finding of {shown(others[0])}, which was not waived"
    elif recorded.checks < len(waived):
        message = f"more checks were waived, {len(waived)}, than ran, {recorded.checks}"
    else:
        yield subject.finding("validation", Status.PASSED, f"{recorded.status}, and that fits", key="validation")
        return
    yield subject.finding("validation", Status.FAILED, message, key="validation", value=recorded.status, limit=expected)


Rule = Callable[[Subject, Manifest], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    rule_of_place,
    rule_of_checksum,
    rule_of_number,
    rule_of_tag,
    rule_of_index,
    rule_of_validation,
)
"""The rules for a manifest that reads, in the order in which they report."""


def _line_of(text: bytes, key: str) -> int:
    found = re.search(rb"(?m)^" + re.escape(key.encode()) + rb":", text) if key else None
    return 1 if found is None else text.count(b"\n", 0, found.start()) + 1
