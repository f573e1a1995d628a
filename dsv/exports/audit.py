"""An audit pack: one archive of all that git knows of a version, which sha256sum and git alone verify.

The same version gives the same bytes, as long as the same is at hand: names are sorted, times are that of the release.
"""

from __future__ import annotations

import calendar
import hashlib
import io
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsv.exports.audit_report import report
from dsv.exports.described import Described, json_text
from dsv.exports.openlineage import openlineage
from dsv.exports.prov import prov
from dsv.model.manifest import Manifest
from dsv.records.sums import read_sums, write_sums

LIST = "SHA256SUMS"
_NONE = "-"


@dataclass(frozen=True)
class AuditedVersion:
    """A version with what git has of it; `files` is its SHA256SUMS, None where that is not at hand.

    `text` is its manifest as git keeps it at `path`, `commit` holds that, and `tag` is the id of its tag object.
    """

    ref: str
    manifest: Manifest
    text: bytes
    path: str
    commit: str | None
    tag: str | None
    tag_name: str | None
    files: bytes | None

    @property
    def stem(self) -> str:
        """What its files in the pack begin with: the name that it was released under, and its number."""
        return f"{self.manifest.dataset}/{self.manifest.version}"


@dataclass(frozen=True)
class AuditedEvents:
    """The events of a dataset's name, by file, and where git keeps them."""

    dataset: str
    path: str
    texts: Mapping[str, bytes]


@dataclass(frozen=True)
class GitObject:
    """An object of git as it is hashed, without its header."""

    id: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Evidence:
    """What is packed: the version first among `versions`, then what it was made from.

    `commit` is the last one, whose tree holds the events. `checks` and `scores` are documents; `notes` say what was not
    at hand.
    """

    subject: Described
    versions: Sequence[AuditedVersion]
    events: Sequence[AuditedEvents]
    objects: Sequence[GitObject]
    commit: str
    script: bytes
    checks: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    signed: frozenset[str] = frozenset()
    notes: Sequence[str] = ()


def audit_pack(evidence: Evidence) -> bytes:
    """The archive: a tar file with one directory, `NAME-VERSION-audit`."""
    documents = dict(_documents(evidence))
    listed = ((name, hashlib.sha256(content).hexdigest()) for name, content in documents.items())
    documents[LIST] = write_sums(listed)
    version = evidence.subject.ref.replace("@", "-")
    moment = calendar.timegm(time.strptime(evidence.subject.manifest.created_at, "%Y-%m-%dT%H:%M:%SZ"))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in sorted(documents.items()):
            entry = tarfile.TarInfo(f"{version}-audit/{name}")
            entry.size, entry.mtime, entry.mode = len(content), moment, 0o644
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _documents(evidence: Evidence) -> Iterator[tuple[str, bytes]]:
    """Every file of the pack but its list."""
    subject = evidence.subject
    changes = list(_changes(evidence.versions))
    yield "README.md", report(evidence.subject, [each.ref for each in evidence.versions], evidence.notes).encode()
    yield "verify.sh", evidence.script
    yield "subject", f"{subject.manifest.dataset}@{subject.manifest.version}\n".encode()
    yield "commit", f"{evidence.commit}\n".encode()
    yield "versions.tsv", _lines(_version_row(each) for each in evidence.versions)
    yield "events.tsv", _lines((each.dataset, each.path) for each in evidence.events)
    for each in evidence.versions:
        yield f"manifests/{each.stem}.yaml", each.text
        if each.files is not None:
            yield f"files/{each.stem}.sha256", each.files
    for each_change in changes:
        old, new = each_change["old"], each_change["new"]
        yield f"diffs/{old}..{new.rpartition('@')[2]}.json", json_text(each_change).encode()
    for events in evidence.events:
        for name, text in events.texts.items():
            yield f"events/{events.dataset}/{name}", text
    for each_object in evidence.objects:
        yield f"git/{each_object.id}.{each_object.kind}", each_object.content
    yield "lineage.json", json_text(_lineage(subject)).encode()
    yield "prov.json", prov(subject).text.encode()
    yield "openlineage.json", openlineage(subject).text.encode()
    yield "checks.json", json_text(evidence.checks).encode()
    yield "scores.json", json_text(evidence.scores).encode()
    yield "signatures.json", json_text(_signatures(evidence)).encode()


def _version_row(version: AuditedVersion) -> tuple[str, ...]:
    manifest = version.manifest
    tag = (version.tag or _NONE, version.tag_name or _NONE) if version.tag else (_NONE, _NONE)
    return (manifest.dataset, str(manifest.version), version.commit or _NONE, *tag, version.path)


def _lines(rows: Iterator[tuple[str, ...]] | Any) -> bytes:
    return "".join("\t".join(row) + "\n" for row in rows).encode("utf-8", "surrogateescape")


def _lineage(subject: Described) -> dict[str, Any]:
    lineage = subject.lineage
    return {
        "ref": subject.ref,
        "nodes": [each.document() for _, each in sorted(lineage.nodes.items())],
        "edges": [
            each.document() for each in sorted(lineage.edges, key=lambda edge: (edge.child, edge.parent, edge.relation))
        ],
    }


def _signatures(evidence: Evidence) -> dict[str, Any]:
    """Which objects carry a signature; whether it is good, whoever reads the pack asks git."""
    return {
        "versions": [
            {
                "ref": each.ref,
                "tag": each.tag_name if each.tag else None,
                "tag_object": each.tag,
                "tag_signed": each.tag in evidence.signed,
                "commit": each.commit,
                "commit_signed": each.commit in evidence.signed,
            }
            for each in evidence.versions
        ]
    }


def _changes(versions: Sequence[AuditedVersion]) -> Iterator[dict[str, Any]]:
    """What each version changed of the one before it, where both are here: of its files, and as its manifest says."""
    by_ref = {each.ref: each for each in versions}
    for version in versions:
        change = version.manifest.change
        previous = by_ref.get(f"{version.ref.rpartition('@')[0]}@{change.previous}")
        if previous is None:
            continue
        told = change.model_dump(mode="json", by_alias=True)
        yield {
            "old": previous.ref,
            "new": version.ref,
            "summary": version.manifest.summary,
            "as_released": told,
            "files": _files(previous.files, version.files),
        }


def _files(old: bytes | None, new: bytes | None) -> dict[str, Any] | None:
    """The paths that differ between two lists, with their digests."""
    if old is None or new is None:
        return None
    before, after = dict(read_sums(old)), dict(read_sums(new))
    shared = sorted(before.keys() & after.keys())
    return {
        "added": [{"path": path, "sha256": after[path]} for path in sorted(after.keys() - before.keys())],
        "removed": [{"path": path, "sha256": before[path]} for path in sorted(before.keys() - after.keys())],
        "modified": [
            {"path": path, "old": before[path], "new": after[path]} for path in shared if before[path] != after[path]
        ],
        "unchanged": sum(before[path] == after[path] for path in shared),
    }
