"""Checks of what a project asks of its versions: a summary, facts, words of its vocabulary.

They follow today's settings. So they are made of versions that are new; an older one cannot be mended any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dsv.checks.rules.metadata import RequiredMetadata
from dsv.checks.subject import Subject
from dsv.model.change_summary import computed_summary
from dsv.model.finding import Check, Finding, Status
from dsv.model.manifest import Manifest
from dsv.model.problems import shown

SUMMARY = Check(
    "C304",
    "summary",
    "A new version has a summary; where dsv.yaml says `release: {require_summary: true}`, one that a person wrote.",
    "What changed is counted by dsv, why only people know.",
    "A pull request releases a version without `-m`, in a project that wants a summary.",
    "its summary is the computed one, and this project wants a person's",
    'dsv undo {ref}, and dsv bump {dataset} -m "..." before it is merged',
)
METADATA = Check(
    "C305",
    "metadata",
    "A new version states the facts that its dataset.yaml lists under `metadata_required`, or they were waived.",
    "Where data comes from, and who annotated it, cannot be found out later.",
    "Somebody released before `metadata_required: [source]` came to the main branch.",
    "{facts} not stated{more}",
    "dsv undo {ref}, and dsv bump {dataset} --meta FACT=VALUE before it is merged",
)
VOCABULARY = Check(
    "C306",
    "vocabulary",
    "Type and tags of a new version are of the project's vocabulary in dsv.yaml.",
    "A search for `production` does not find what was tagged `prod`.",
    "Somebody's dsv.yaml had another vocabulary than the main branch has.",
    "{what} {word} is not in the project's vocabulary",
    "dsv undo {ref}, and release it again with a word of the vocabulary; or add the word to dsv.yaml",
)

REQUIREMENTS = (SUMMARY, METADATA, VOCABULARY)


@dataclass(frozen=True)
class Required:
    """What project and dataset ask of a version; no types and no tags allow any."""

    summary: bool = False
    types: Sequence[str] = ()
    tags: Sequence[str] = ()
    facts: Sequence[str] = ()


def check_required(subject: Subject, manifest: Manifest, required: Required, *, status: Status) -> list[Finding]:
    """How the version does what is asked of it; what it does not has this status."""
    found = [
        *_summary(subject, manifest, required, status),
        *_metadata(subject, manifest, required, status),
        *_vocabulary(subject, manifest, required, status),
    ]
    return found or [subject.finding(SUMMARY, Status.PASSED, "states what the project asks for", key="summary")]


def _summary(subject: Subject, manifest: Manifest, required: Required, status: Status) -> Iterator[Finding]:
    if not manifest.summary.strip():
        yield subject.finding(SUMMARY, status, "its summary is empty", key="summary")
        return
    change = manifest.change
    usual = computed_summary(change.records.counts, files=manifest.data.files, first=change.previous is None)
    if required.summary and manifest.summary == usual:
        said = "its summary is the computed one, and this project wants a person's"
        yield subject.finding(SUMMARY, status, said, key="summary")


def _metadata(subject: Subject, manifest: Manifest, required: Required, status: Status) -> Iterator[Finding]:
    rule = RequiredMetadata(required.facts)
    if any(each.check == rule.name for each in manifest.validation.waived):
        return
    for problem in rule.problems(manifest.metadata):
        yield subject.finding(METADATA, status, problem, key="metadata")


def _vocabulary(subject: Subject, manifest: Manifest, required: Required, status: Status) -> Iterator[Finding]:
    if required.types and manifest.type not in required.types:
        said = f"type {shown(manifest.type)} is not in the project's vocabulary"
        yield subject.finding(
            VOCABULARY, status, said, key="type", value=manifest.type, limit=", ".join(required.types)
        )
    for tag in manifest.tags:
        if required.tags and tag not in required.tags:
            said = f"tag {shown(tag)} is not in the project's vocabulary"
            yield subject.finding(VOCABULARY, status, said, key="tags", value=tag, limit=", ".join(required.tags))
