"""The facts of a version in Markdown, for a dataset card: data stands in code spans only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from dsv.exports.described import Described
from dsv.exports.markdown import code, fence, table
from dsv.model.source import PREVIOUS

_FIELDS_SHOWN = 60
_SHARE_DECIMALS = 1
_LONGEST_FACT = 300


def facts(version: Described, *, configurations: Sequence[str]) -> Iterator[str]:
    """What the version is, how to load it, its splits and fields, what changed, and what it was made from."""
    yield from _version(version)
    yield from _loading(version, configurations)
    yield from split_lines(version)
    yield from field_lines(version)
    yield from change_lines(version)
    yield from lineage_lines(version)


def _version(version: Described) -> Iterator[str]:
    manifest = version.manifest
    data, quality = manifest.data, manifest.quality
    rows = [
        ("version", code(version.ref)),
        ("released", f"{manifest.created_at} by {code(version_person(manifest.created_by))}"),
        ("records", f"{data.records:,}"),
        ("files", f"{data.files:,}"),
        ("bytes", f"{data.bytes:,}"),
        ("tree digest", code(manifest.digests.tree)),
        ("records digest", code(manifest.digests.records)),
    ]
    if manifest.type:
        rows.append(("type", code(manifest.type)))
    if version.withdrawn:
        rows.insert(1, ("status", f"**{code(version.withdrawn)}**"))
    rows += [(code(name), code(_fact(value))) for name, value in sorted(manifest.metadata.items())]
    if quality.score is not None:
        covered = f", of {quality.coverage:.{_SHARE_DECIMALS}%} of the records" if quality.coverage is not None else ""
        rows.append(("quality score", f"{quality.score:g} by {code(quality.source or 'metadata')}{covered}"))
    yield from ["## Version", "", *table(["", ""], rows)]


def _fact(value: object) -> str:
    """A fact of the metadata, on one line and not too long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST_FACT else f"{text[: _LONGEST_FACT - 1]}…"


def version_person(text: str) -> str:
    """Who released it, without the address: a card is published."""
    return text.partition("<")[0].strip() or text.strip()


def _loading(version: Described, configurations: Sequence[str]) -> Iterator[str]:
    yield from ["", "## Loading", ""]
    if configurations:
        more = ", ".join(code(each) for each in configurations[1:])
        lines = ["from datasets import load_dataset", "", 'dataset = load_dataset("path/to/this/directory")']
        yield from fence(lines, language="python")
        if more:
            yield from ["", f"Further configurations, by name: {more}."]
        yield ""
    yield f"`sha256sum -c SHA256SUMS` checks every file below `data`. They are {code(version.ref)}, exported by dsv."


def split_lines(version: Described) -> Iterator[str]:
    """How many records each split has."""
    manifest = version.manifest
    if manifest.splits:
        rest = manifest.data.records - sum(manifest.splits.values())
        rows = [(code(name), f"{count:,}") for name, count in manifest.splits.items()]
        rows += [("no split", f"{rest:,}")] if rest > 0 else []
        yield from ["", "## Splits", "", *table(["split", "records"], rows, right=[1])]


def field_lines(version: Described) -> Iterator[str]:
    """The fields, with how many records carry each."""
    manifest = version.manifest
    if not manifest.fields:
        return
    profiles = {each.name: each for each in manifest.profile or ()}
    rows = []
    for field in manifest.fields[:_FIELDS_SHOWN]:
        profile = profiles.get(field.name)
        present = (
            profile.present if profile is not None else sum((field.counts or {}).values()) or manifest.data.records
        )
        marks = ["key"] if field.name in manifest.key else []
        marks += ["label"] if field.name in version.label_fields else []
        distinct = "" if profile is None or profile.distinct is None else f"{profile.distinct:,}"
        about = f"~{distinct}" if profile is not None and profile.estimated and distinct else distinct
        rows.append((code(field.name), ", ".join(field.types), f"{present:,}", about, ", ".join(marks)))
    yield from ["", "## Fields", "", *table(["field", "types", "records with it", "distinct", ""], rows, right=[2, 3])]
    if len(manifest.fields) > _FIELDS_SHOWN:
        yield from ["", f"and {len(manifest.fields) - _FIELDS_SHOWN:,} more fields"]


def change_lines(version: Described) -> Iterator[str]:
    """What changed since the version before, in its own summary and in numbers."""
    change, manifest = version.manifest.change, version.manifest
    yield from ["", "## Changes", ""]
    if manifest.summary.strip():
        yield from [*fence(manifest.summary.strip().splitlines(), language="text"), ""]
    if change.previous is None:
        yield "The first version."
        return
    counts = change.records
    told = [
        ("added", counts.added),
        ("removed", counts.removed),
        ("modified", counts.modified),
        ("moved", counts.moved),
    ]
    words = ", ".join(f"{number:,} {word}" for word, number in told if number) or "no record changed"
    yield f"A {change.level.word} release after {code(str(change.previous))}: {words} ({counts.changed_share:.1%})."


def lineage_lines(version: Described) -> Iterator[str]:
    """What it was made from, but for the version before."""
    sources = [each for each in version.manifest.lineage if each.relation != PREVIOUS]
    if not sources:
        return
    rows = []
    for each in sources:
        numbers = [each.inherited, each.new, each.modified, each.removed]
        cells = ["" if number is None else f"{number:,}" for number in numbers]
        rows.append((code(each.ref), code(each.relation), *cells))
    headers = ["made from", "as", "inherited", "new", "modified", "removed"]
    yield from ["", "## Made from", "", *table(headers, rows, right=[2, 3, 4, 5])]
