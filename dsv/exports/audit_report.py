"""What a person reads first in an audit pack: what the version is, who released it when, and how to verify it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dsv.exports.card_text import change_lines, field_lines, lineage_lines, split_lines
from dsv.exports.described import Described
from dsv.exports.markdown import code, table

_CONTENTS = (
    ("`verify.sh`", "verifies all of this: `sh verify.sh`, with `--data DIR` the dataset's files too"),
    ("`manifests/`", "the manifest of the version, and of each that it was made from, as git keeps them"),
    ("`files/`", "the SHA-256 of every file of these versions, as `sha256sum -c` reads them"),
    ("`diffs/`", "what each version changed of the one before"),
    ("`events/`", "what happened after the releases: yanked, promoted, scored, used by a run"),
    ("`checks.json`", "what checks found at the release, and what the rules for manifests find today"),
    ("`scores.json`", "what the scores of its records come to"),
    ("`lineage.json`, `prov.json`, `openlineage.json`", "what it was made from, in three forms"),
    ("`git/`", "the tags, commits and trees that lead to the manifests and events, by their ids"),
    ("`signatures.json`", "which of the tags and commits are signed"),
    ("`versions.tsv`, `events.tsv`, `commit`, `subject`", "what `verify.sh` goes by"),
    ("`SHA256SUMS`", "every file of the pack but itself"),
)


def report(version: Described, refs: Sequence[str], notes: Sequence[str]) -> str:
    """The text, in Markdown."""
    return "\n".join([*_head(version), *_body(version, refs, notes)]) + "\n"


def _head(version: Described) -> Iterator[str]:
    manifest = version.manifest
    rows = [
        ("released", f"{manifest.created_at} by {code(manifest.created_by)}"),
        ("records", f"{manifest.data.records:,} in {manifest.data.files:,} files, {manifest.data.bytes:,} bytes"),
        ("tree digest", code(manifest.digests.tree)),
        ("records digest", code(manifest.digests.records)),
        ("manifest checksum", code(manifest.checksum)),
        ("commit", code(version.commit or "not known here")),
        ("tag", code(version.git_tag or "none")),
        ("validation", f"{code(manifest.validation.status)}, {manifest.validation.checks} checks"),
    ]
    rows += [("waived", f"{code(each.check)}: {code(each.reason)}") for each in manifest.validation.waived]
    yield from [f"# Audit pack of {code(version.ref)}", "", *table(["", ""], rows)]


def _body(version: Described, refs: Sequence[str], notes: Sequence[str]) -> Iterator[str]:
    yield from change_lines(version)
    yield from split_lines(version)
    yield from field_lines(version)
    yield from lineage_lines(version)
    if len(refs) > 1:
        yield from ["", "## Versions in this pack", "", *(f"- {code(each)}" for each in refs)]
    if notes:
        yield from ["", "## Not at hand when this was packed", "", *(f"- {code(each)}" for each in notes)]
    yield from ["", "## What is in here", "", *table(["", ""], _CONTENTS)]
