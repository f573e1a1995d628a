"""Checks of numbers: a version's follows from the change in its manifest, and that from the version before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dsv.checks.subject import Subject
from dsv.model.change import Change, FilesChange, RecordCounts
from dsv.model.fields import FieldsChange
from dsv.model.finding import Check, Finding, Status
from dsv.model.manifest import LineageEntry, Manifest
from dsv.model.policy import Policy, compare_fields, rare
from dsv.model.policy_rules import decide
from dsv.model.source import PREVIOUS as PREVIOUS_RELATION
from dsv.model.version import Level, Version
from dsv.records.formats import OPAQUE

FACTS = Check(
    "C401",
    "number",
    "The change that a manifest records is the one between its version and the one before: the counts of records add "
    "up, and the fields differ as it says.",
    "A number that follows from a wrong count is wrong.",
    "Somebody made `added: 600` out of `added: 2000`, so that the release stays below ten percent.",
    "the records {when} do not add up{more}",
    "dsv undo {ref} takes it back where it is on no remote, and dsv bump {dataset} counts anew; else git checkout "
    "COMMIT -- {file}",
)
LEVEL = Check(
    "C402",
    "number",
    "The level is what the policy asks for, or higher; a lower one names who allowed it and why.",
    "A range like `1.x` promises that nothing breaks within it.",
    "A field was removed, and the version is 1.3.0.",
    "the level is lower than the change asks for",
    'dsv undo {ref} takes it back where it is on no remote; dsv bump {dataset} computes the level, --allow-lower "why" '
    "is for exceptions",
)
STEP = Check(
    "C403",
    "number",
    "The version is the step above the one before that its level says.",
    "A number that leaves others out, or goes back, says something else than its manifest.",
    "Somebody renamed 1.2.0 to 2.0.0 because it sounded better.",
    "the step from the previous version is of another level",
    "git mv it back where it was renamed; dsv undo {ref} and dsv bump {dataset} give the number that follows",
)
PREVIOUS = Check(
    "C404",
    "number",
    "The version before, which the change counts from, is here.",
    "Whether the number is right cannot be told without it.",
    "A pull request holds 1.2.0, and the branch never had 1.1.0.",
    "its previous version {previous} is not here",
    "merge the branch that released it; or dsv undo {ref}, and dsv bump {dataset} counts from what is here",
)

RECOUNTED = Check(
    "C405",
    "number",
    "Where the record indexes of a version and of the one before are here: records counted anew differ as the manifest "
    "says, and the level is what the policy asks for then.",
    "A manifest can be written by hand, with counts and checksum that fit each other. A record index cannot.",
    "Somebody who wanted 1.0.1 wrote `removed: 0`, `unchanged: 1000` for a release that dropped 900 records.",
    "counted anew, {what}",
    "dsv undo {ref} where it is on no remote, and dsv bump {dataset} counts anew; else dsv yank {ref}",
)
INDEX_ROWS = Check(
    "C406",
    "number",
    "A record index that is here is one of the data that the manifest names, and has as many records.",
    "What follows from it would be about something else.",
    "Somebody took the digests in a manifest from another version.",
    "its record index has {what}",
    "dsv verify --deep --repair {ref} makes it again from the data",
)
COUNTED_EDGE = Check(
    "C604",
    "lineage",
    "How many records a version has from its parents is as its manifest says, where the record indexes are here to "
    "tell; of the version before, it is what the change says.",
    "What was made from a source that turns out to be wrong is found by these.",
    "Somebody wrote `inherited: 5000` by hand.",
    "{counts} of {parent}, {how}",
    "dsv undo {ref} where it is on no remote, and release it again; else git checkout COMMIT -- {file}",
)
_OF_AN_EDGE = ("inherited", "new", "modified", "removed")
NOT_RECOUNTED = "the record index of {name} is not here"

NUMBERS = (FACTS, LEVEL, STEP, PREVIOUS, RECOUNTED, INDEX_ROWS)


@dataclass(frozen=True)
class Recounted:
    """A version whose records were counted anew: against those before, and what that asks for by its policy.

    `missing` names the version whose record index is not here; then nothing was counted. `wrong` is what its own record
    index says otherwise than the manifest. `lineage` are the counts against the parents whose indexes are here, by
    reference.
    """

    counts: RecordCounts | None = None
    computed: Level | None = None
    missing: str = ""
    wrong: str = ""
    lineage: Mapping[str, RecordCounts] = field(default_factory=dict)


def check_recounted(subject: Subject, manifest: Manifest, recounted: Recounted) -> list[Finding]:
    """Whether what was counted anew is what the manifest says."""
    found = list(_recounted(subject, manifest, recounted))
    for reference, counts in recounted.lineage.items():
        for entry in manifest.lineage:
            if entry.ref == reference and entry.inherited is not None and _edge(entry) != _edge_of(counts):
                said = f"{_words(_edge_of(counts))} of {reference}, counted anew"
                found.append(
                    subject.finding(
                        COUNTED_EDGE, Status.FAILED, said, key="lineage", value=_words(_edge(entry)), limit=None
                    )
                )
    return found


def _recounted(subject: Subject, manifest: Manifest, recounted: Recounted) -> Iterator[Finding]:
    if recounted.wrong:
        yield subject.finding(INDEX_ROWS, Status.FAILED, f"its record index has {recounted.wrong}", key="digests")
        return
    if recounted.missing:
        remedy = f"dsv fetch --index {recounted.missing} brings it"
        said = NOT_RECOUNTED.format(name=recounted.missing)
        yield subject.finding(RECOUNTED, Status.SKIPPED, said, remedy=remedy)
        return
    recorded, counts = manifest.change, recounted.counts
    problems = []
    if counts is not None and counts != recorded.records.counts:
        problems.append((f"{_classes(counts)} records", _classes(recorded.records.counts), _classes(counts)))
    level = Level.parse(str(_word(recorded.level)))
    if recounted.computed is not None and level < recounted.computed and not recorded.allow_lower:
        problems.append((f"the change asks for {recounted.computed.word}", level.word, recounted.computed.word))
    for said, value, limit in problems:
        yield subject.finding(RECOUNTED, Status.FAILED, f"counted anew, {said}", key="change", value=value, limit=limit)
    if not problems:
        said = "records counted anew differ as it says" if counts is not None else "has as many records as it says"
        yield subject.finding(RECOUNTED, Status.PASSED, said, key="change")


def _classes(counts: RecordCounts) -> str:
    return (
        f"{counts.added:,} added, {counts.removed:,} removed, {counts.modified:,} modified, {counts.moved:,} moved, "
        f"{counts.unchanged:,} unchanged"
    )


def _edge(entry: LineageEntry) -> tuple[int | None, ...]:
    return entry.inherited, entry.new, entry.modified, entry.removed


def _edge_of(counts: RecordCounts) -> tuple[int, ...]:
    return counts.unchanged + counts.moved, counts.added, counts.modified, counts.removed


def _words(edge: Sequence[int | None]) -> str:
    return ", ".join(f"{count} {word}" for count, word in zip(edge, _OF_AN_EDGE, strict=True))


def rule_of_edge(subject: Subject, manifest: Manifest) -> Iterator[Finding]:
    """The edge to the version before has the counts of the change."""
    expected = _edge_of(manifest.change.records.counts)
    for entry in manifest.lineage:
        if entry.relation == PREVIOUS_RELATION and _edge(entry) != expected:
            said = f"{_words(expected)} of {entry.ref}, by the recorded change"
            yield subject.finding(COUNTED_EDGE, Status.FAILED, said, key="lineage", value=_words(_edge(entry)))


def rule_of_number(subject: Subject, manifest: Manifest) -> Iterator[Finding]:
    """The number follows from the recorded facts, and the facts from those of the version before."""
    if manifest.change.previous is None:
        yield subject.finding(LEVEL, Status.PASSED, "a first version", key="version")
        return
    previous = subject.siblings.get(Version.parse(str(manifest.change.previous)))
    if previous is None:
        yield subject.finding(
            PREVIOUS, Status.FAILED, f"its previous version {manifest.change.previous} is not here", key="change"
        )
        return
    problems = list(_number_problems(manifest, previous))
    for check, message, value, limit in problems:
        yield subject.finding(check, Status.FAILED, message, key="version", value=value, limit=limit)
    if not problems:
        yield subject.finding(LEVEL, Status.PASSED, "follows from the recorded change", key="version")


def _number_problems(manifest: Manifest, previous: Manifest) -> Iterator[tuple[Check, str, object, object]]:
    recorded, counts = manifest.change, manifest.change.records.counts
    if counts.old != previous.data.records:
        yield (
            FACTS,
            "the records before do not add up to those of the previous version",
            counts.old,
            previous.data.records,
        )
    if counts.new != manifest.data.records:
        yield FACTS, "the records after do not add up", counts.new, manifest.data.records
    fields = compare_fields(previous.observed, manifest.observed)
    entry = recorded.fields
    retyped = tuple((each.field, each.old, each.new) for each in entry.changed)
    if (entry.added, entry.removed, retyped) != (
        fields.added,
        fields.removed,
        tuple((each.field, each.old, each.new) for each in fields.changed),
    ):
        yield FACTS, "the recorded change of fields is not that between the two versions", None, None
    policy = _recorded_policy(manifest)
    change = _recorded_change(manifest, previous, fields=fields, policy=policy)
    share = float(round(change.share, 6))
    if share != recorded.records.changed_share:
        yield FACTS, "the changed share is not that of the recorded counts", recorded.records.changed_share, share
    computed = decide(change, policy=policy).level
    level, recorded_level = Level.parse(str(_word(recorded.level))), Level.parse(str(_word(recorded.computed)))
    if computed is None:
        yield LEVEL, "nothing changed since the previous version", None, None
    elif computed is not recorded_level:
        yield LEVEL, "the computed level is not what the change asks for", recorded_level.word, computed.word
    elif level < computed and not recorded.allow_lower:
        yield LEVEL, "the level is lower than the change asks for", level.word, computed.word
    version, before = Version.parse(str(manifest.version)), Version.parse(str(previous.version))
    if version <= before:
        yield STEP, "the version is not above the previous one", str(version), str(before)
    elif version.level_above(before) is not level:
        yield (
            STEP,
            "the step from the previous version is of another level",
            version.level_above(before).word,
            level.word,
        )


def _recorded_policy(manifest: Manifest) -> Policy:
    """The policy that the manifest was numbered by."""
    policy = manifest.change.policy
    return Policy(
        name=policy.name,
        major=policy.major,
        minor=policy.minor,
        rare_fields=policy.rare_fields,
    )


def _recorded_change(manifest: Manifest, previous: Manifest, *, fields: FieldsChange, policy: Policy) -> Change:
    """The change that the manifest records, with what the two manifests tell of fields, keys and declarations."""
    recorded = manifest.change
    counts, files = recorded.records.counts, recorded.files
    return Change(
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


def _has_keys(manifest: Manifest) -> bool:
    """Whether records are told by a key: files without a reader have none, whatever is declared."""
    return bool(manifest.key) and manifest.data.format != OPAQUE


def _word(level: object) -> object:
    return level.word if isinstance(level, Level) else level
