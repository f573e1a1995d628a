"""Checks of numbers: a version's follows from the change in its manifest, and that from the version before."""

from __future__ import annotations

from collections.abc import Iterator

from dsv.checks.subject import Subject
from dsv.model.change import Change, FilesChange
from dsv.model.finding import Check, Finding, Status
from dsv.model.manifest import Manifest
from dsv.model.policy import Policy, compare_fields, rare
from dsv.model.policy_rules import decide
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

NUMBERS = (FACTS, LEVEL, STEP, PREVIOUS)


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


def _has_keys(manifest: Manifest) -> bool:
    """Whether records are told by a key: files without a reader have none, whatever is declared."""
    return bool(manifest.key) and manifest.data.format != OPAQUE


def _word(level: object) -> object:
    return level.word if isinstance(level, Level) else level
