"""Checks of each manifest by itself: it reads, lies in its place, and stands as it was released.

A rule is a function from a `Subject` to findings; add one here and to RULES (docs/architecture.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from dsv.checks.numbers import rule_of_edge, rule_of_number
from dsv.checks.subject import Subject
from dsv.checks.tags import rule_of_index, rule_of_tag
from dsv.errors import BadManifestError
from dsv.model.finding import Check, Finding, Status
from dsv.model.manifest import Manifest, load_manifest, manifest_checksum
from dsv.model.problems import shown
from dsv.records.canonical import encode

UNCHANGED = Check(
    "C201",
    "unchanged",
    "A released manifest stands as it was released: in HEAD, the base, each commit between the two, and release tags.",
    "Whoever trained with a version could not tell any more what it was.",
    "Somebody corrected a summary in `manifests/leases/1.0.0.yaml` a month after the release.",
    "differs from what {place} has",
    "git log -p -- {file} shows the edit; git checkout COMMIT -- {file} brings back what was released, and what is to "
    "be said now is said in the next version",
)
CHECKSUM = Check(
    "C202",
    "checksum",
    "The checksum in a manifest is that of everything else in it.",
    "The manifest was edited by hand, or damaged, since dsv wrote it.",
    "Somebody added a tag to `tags` in an editor.",
    "is not that of its content: the manifest was edited",
    "git log -p -- {file} shows the edit; git checkout COMMIT -- {file} brings back what was released",
)
WELL_FORMED = Check(
    "C301",
    "well_formed",
    "A manifest can be read, and has every key that a manifest must have.",
    "A version whose manifest cannot be read is no version: nothing can be pulled, compared or verified.",
    "A merge left `<<<<<<<` in the file.",
    "{key}: {problem}",
    "git log -- {file} shows who wrote it; git checkout COMMIT -- {file} brings back what was released",
)
IN_ITS_PLACE = Check(
    "C302",
    "place",
    "A manifest lies where its name and version say.",
    "It would be the manifest of a version that nobody released.",
    "Somebody renamed `1.1.0.yaml` to `1.1.1.yaml` where two branches had released the same number.",
    "is the manifest of {named}",
    "git mv it back; where two branches took one number, dsv bump {dataset} --renumber gives the one that nobody has "
    "another",
)
VALIDATION = Check(
    "C303",
    "validation",
    "What a manifest says of its release's checks fits together: what was found was waived, with a reason.",
    "A release does not go past a check that fails, so this one was not made by dsv, or edited.",
    "Somebody wrote `status: passed` above a list of findings.",
    "its status is {status}, and {count} checks were waived",
    "git checkout COMMIT -- {file} brings back what was released; what was never released so is released again",
)

MANIFESTS_STAND = (UNCHANGED, CHECKSUM)
CUT_OFF = Check(
    "C204",
    "history",
    "Every commit between the base and HEAD is here.",
    "What was edited and taken back again in one of them, or came and went, is not seen otherwise.",
    "A pipeline fetches the base and the head at depth 1 each.",
    "commits between the base {base} and HEAD are not here",
    "git fetch --unshallow (fetch-depth: 0 in actions/checkout); a clone without blobs is small: --filter=blob:none",
)
MANIFEST_FORMS = (WELL_FORMED, IN_ITS_PLACE, VALIDATION)


def check_manifest(subject: Subject, manifest: Manifest | None = None) -> list[Finding]:
    """Everything there is to say about one manifest; `manifest` is what its text says, where that was read already."""
    findings = list(_unchanged(subject))
    if subject.text is None:
        return findings
    if manifest is None:
        try:
            manifest = load_manifest(subject.text, file=subject.file).value
        except BadManifestError as error:
            return [*findings, *_malformed(subject, error)]
    findings.append(subject.finding(WELL_FORMED, Status.PASSED, "reads as a manifest"))
    for rule in RULES:
        findings += rule(subject, manifest)
    return findings


def history_is_cut_off(base: str) -> Finding:
    """That what came between the base and HEAD could not be looked at."""
    return Finding(CUT_OFF, Status.WARNING, f"commits between the base {base} and HEAD are not here")


def _malformed(subject: Subject, error: BadManifestError) -> Iterator[Finding]:
    problems: Sequence[Mapping[str, object]] = error.details.get("problems", [])
    if not problems:
        yield subject.finding(WELL_FORMED, Status.FAILED, error.message)
    for problem in problems:
        line = problem.get("line")
        yield Finding(
            WELL_FORMED,
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
        revision = place.rpartition(" ")[2]
        remedy = f"git checkout {revision} -- {subject.file} brings it back; the next version can say more"
        if subject.text is None:
            yield subject.finding(UNCHANGED, Status.FAILED, f"is gone, but {place} has it", remedy=remedy)
        elif text != subject.text:
            yield subject.finding(UNCHANGED, Status.FAILED, f"differs from what {place} has", remedy=remedy)
        else:
            continue
        return
    yield subject.finding(UNCHANGED, Status.PASSED, f"as in {len(subject.earlier)} earlier places")


def rule_of_place(subject: Subject, manifest: Manifest) -> Iterator[Finding]:
    """The manifest is that of the version it lies under."""
    named = f"{manifest.dataset} {manifest.version}"
    expected = f"{subject.dataset} {subject.version}"
    if named == expected:
        yield subject.finding(IN_ITS_PLACE, Status.PASSED, "lies where its name and version say")
    else:
        yield subject.finding(
            IN_ITS_PLACE, Status.FAILED, f"is the manifest of {named}", key="version", value=named, limit=expected
        )


def rule_of_checksum(subject: Subject, manifest: Manifest) -> Iterator[Finding]:
    """The manifest is as it was written."""
    actual = manifest_checksum(manifest, encode=encode)
    if manifest.checksum == actual:
        yield subject.finding(CHECKSUM, Status.PASSED, "is that of its content", key="checksum")
    else:
        yield subject.finding(
            CHECKSUM,
            Status.FAILED,
            "is not that of its content: the manifest was edited",
            key="checksum",
            value=manifest.checksum,
            limit=actual,
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
        yield subject.finding(VALIDATION, Status.PASSED, f"{recorded.status}, and that fits", key="validation")
        return
    yield subject.finding(VALIDATION, Status.FAILED, message, key="validation", value=recorded.status, limit=expected)


Rule = Callable[[Subject, Manifest], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    rule_of_place,
    rule_of_checksum,
    rule_of_number,
    rule_of_edge,
    rule_of_tag,
    rule_of_index,
    rule_of_validation,
)
"""The rules for a manifest that reads, in the order in which they report."""
