"""Two repositories to look around in, one with 3 datasets and one with 300: history without data, the same every time.

Nothing is added or bumped: what releases and events leave in git is written by one `git fast-import`.
"""  # noqa: INP001 - a script beside the pages that show them

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from dsv.model.event import Event, dump_event, event_file_name
from dsv.model.manifest import Manifest, dump_manifest, manifest_checksum
from dsv.model.version import Version
from dsv.records.canonical import encode

ANA, BO, CLEO = "Ana Lima <ana@example.com>", "Bo Chen <bo@example.com>", "Cleo Nwosu <cleo@example.com>"
_PEOPLE = (ANA, BO, CLEO)
_KINDS = ("lease_abstraction", "contract_intelligence", "sft_chat", "regulatory_language")
_FORMATS = ("jsonl", "csv", "parquet")
_SUBJECTS = ("retail", "office", "housing", "energy", "health", "transport", "tax", "labour", "privacy", "trade")
_SOURCES = ("leases", "clauses", "rulings", "dialogues", "filings", "surveys")
_WORK = (
    "First collection",
    "Added records of the last quarter",
    "Fixed dates that were read wrong",
    "Labels checked anew",
)
_SCORES = (None, 0.81, 0.874, 0.92, 0.95)


@dataclass(frozen=True)
class Release:
    """A version: what it is called, when it was made and by whom, and what its manifest says of it."""

    dataset: str
    version: str
    at: datetime
    by: str
    summary: str
    kind: str
    form: str
    records: int
    tags: Sequence[str] = ()
    score: float | None = None


@dataclass(frozen=True)
class Happened:
    """An event: of what kind, of which dataset or version (`NAME` or `NAME@1.0.0`), when, by whom and why."""

    kind: str
    subject: str
    at: datetime
    by: str
    reason: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Catalogue:
    """What is in a repository: datasets with their descriptions, releases and events."""

    described: dict[str, str] = field(default_factory=dict)
    releases: list[Release] = field(default_factory=list)
    events: list[Happened] = field(default_factory=list)


def make(root: Path, catalogue: Catalogue) -> None:
    """A repository with that history at the root."""
    root.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=root, check=True)
    command = ["git", "fast-import", "--quiet"]
    subprocess.run(command, cwd=root, input=b"".join(_stream(catalogue)), check=True)
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=root, check=True)


def few() -> Catalogue:
    """Three datasets with six versions, and what happened to them."""
    leases = {"dataset": "leases", "kind": "lease_abstraction", "form": "jsonl", "by": ANA}
    chat = {"dataset": "support-chat", "kind": "sft_chat", "form": "jsonl", "by": BO}
    first = Release("sec-filings", "1.0.0", day(1, 12), CLEO, "Annual reports of 2025", "filings", "csv", 18_200)
    return Catalogue(
        {
            "leases": "Annotated retail leases, clause by clause",
            "support-chat": "Conversations with tenants, for fine-tuning",
            "sec-filings": "What companies tell the SEC",
        },
        [
            first,
            Release(version="1.0.0", at=day(1, 20), summary="First 5,000 leases", records=5_000, **leases),
            Release(version="1.0.0", at=day(2, 3), summary="First conversations", records=1_200, score=0.88, **chat),
            Release(
                version="1.1.0",
                at=day(2, 14),
                summary="Added 2,000 retail leases; fixed dates in 50 records",
                records=7_000,
                tags=("production", "customer_data"),
                score=0.95,
                **leases,
            ),
            Release(
                version="1.0.1", at=day(3, 2), summary="Names of tenants removed", records=1_200, score=0.9, **chat
            ),
            Release(
                version="2.0.0", at=day(3, 21), summary="Rent is a number now", records=7_000, score=0.93, **leases
            ),
        ],
        [
            Happened("promote", "leases@1.1.0", day(2, 15), ANA, "best on the test set", {"stage": "prod"}),
            Happened("yank", "support-chat@1.0.0", day(3, 2), BO, "holds names of tenants"),
            Happened("run", "leases@1.1.0", day(3, 5), CLEO, data={"id": "train-17", "metrics": {"f1": 0.91}}),
            Happened("promote", "leases@2.0.0", day(3, 25), ANA, "the importer is ready", {"stage": "prod"}),
            Happened("deprecate", "sec-filings", day(4, 1), CLEO, "use the SEC's own files"),
        ],
    )


def many(count: int = 300) -> Catalogue:
    """So many datasets with one to three versions each."""
    made = Catalogue()
    for number in range(count):
        subject, source = _SUBJECTS[number % len(_SUBJECTS)], _SOURCES[number // len(_SUBJECTS) % len(_SOURCES)]
        name = f"{subject}-{source}-{number // (len(_SUBJECTS) * len(_SOURCES)) + 1}"
        chance = hashlib.sha256(name.encode()).digest()
        made.described[name] = f"{source.capitalize()} on {subject}, as collected in {2020 + chance[0] % 6}"
        for turn in range(1 + chance[1] % 3):
            made.releases.append(
                Release(
                    dataset=name,
                    version=f"1.{turn}.0",
                    at=day(1, 1) + timedelta(days=40 * turn, hours=number),
                    by=_PEOPLE[chance[2] % len(_PEOPLE)],
                    summary=_WORK[0] if turn == 0 else _WORK[1 + chance[3] % 3],
                    kind=_KINDS[chance[4] % len(_KINDS)],
                    form=_FORMATS[chance[5] % len(_FORMATS)],
                    records=500 * (1 + chance[6]) + 1_000 * turn,
                    tags=("customer_data",) if chance[7] < 64 else (),  # noqa: PLR2004 - a quarter of them
                    score=_SCORES[chance[8] % len(_SCORES)],
                )
            )
        if chance[9] < 12:  # noqa: PLR2004 - a few
            made.events.append(Happened("promote", f"{name}@1.0.0", day(6, 1), ANA, data={"stage": "prod"}))
    return made


def _stream(catalogue: Catalogue) -> Iterator[bytes]:
    """What `git fast-import` is told."""
    files: dict[str, bytes] = {".dvc/config": b"", "dsv.yaml": b"schema: 1\n"}
    for name, about in catalogue.described.items():
        kind = next(each.kind for each in catalogue.releases if each.dataset == name)
        owner = next(each.by for each in catalogue.releases if each.dataset == name)
        text = f"schema: 1\nname: {name}\npath: data/{name}\ntype: {kind}\ndescription: {about}\nowners: [{owner}]\n"
        files[f"manifests/{name}/dataset.yaml"] = text.encode()
    yield _commit("refs/heads/main", _PEOPLE[0], day(1, 1), "Datasets are declared", files)
    steps: list[Release | Happened] = [*catalogue.releases, *catalogue.events]
    before: dict[str, Release] = {}
    for each in sorted(steps, key=lambda step: (step.at, isinstance(step, Happened))):
        if isinstance(each, Release):
            content = _manifest(each, previous=before.get(each.dataset))
            before[each.dataset] = each
            file = f"manifests/{each.dataset}/{each.version}.yaml"
            message = f"{each.dataset} {each.version}: {each.summary}"
            yield _commit("refs/heads/main", each.by, each.at, message, {file: content})
            tagger = f"{each.by} {int(each.at.timestamp())} +0000"
            yield f"tag {each.dataset}@v{each.version}\nfrom refs/heads/main\ntagger {tagger}\ndata 1\n.\n".encode()
        else:
            file, content = _event(each)
            yield _commit("refs/heads/main", each.by, each.at, f"{each.kind} {each.subject}", {file: content})


def _commit(reference: str, person: str, at: datetime, message: str, files: Mapping[str, bytes]) -> bytes:
    who = f"committer {person} {int(at.timestamp())} +0000"
    head = f"commit {reference}\n{who}\ndata {len(message.encode())}\n{message}\n".encode()
    return head + b"".join(
        b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(content), content) for path, content in files.items()
    )


def _manifest(each: Release, *, previous: Release | None) -> bytes:
    """The text of its manifest: what a release of so many records would write."""
    seen = hashlib.sha256(f"{each.dataset} {each.version}".encode()).hexdigest()
    old = previous.records if previous else 0
    level = "major" if previous is None or each.version.endswith(".0.0") else "minor"
    level = level if each.version.endswith(".0") else "patch"
    value = {
        "schema": 1,
        "dataset": each.dataset,
        "version": each.version,
        "type": each.kind,
        "created_at": _time(each.at),
        "created_by": each.by,
        "summary": each.summary,
        "tags": tuple(each.tags),
        "metadata": {} if each.score is None else {"quality_score": each.score},
        "data": {
            "path": f"data/{each.dataset}",
            "format": each.form,
            "files": 1 + each.records // 5_000,
            "bytes": 812 * each.records,
            "records": each.records,
            "bad_records": 0,
            "tokens": {"counter": "whitespace", "total": 116 * each.records, "mean": 116.0},
        },
        "splits": {},
        "digests": {
            "tree": f"sha256:{seen}",
            "records": f"sha256:{seen[::-1]}",
            "record_form": "dsv-rec-1",
            "dvc": f"md5:{seen[:32]}.dir",
            "index": f"md5:{seen[32:]}.dir",
        },
        "fields": ({"name": "id", "types": ("string",)}, {"name": "text", "types": ("string",)}),
        "key": ("id",),
        "change": {
            "level": level,
            "computed": level,
            "policy": {"name": "balanced", "major": 0.5, "minor": 0.1, "rare_fields": 0.01},
            "previous": previous.version if previous else None,
            "records": {
                "added": max(each.records - old, 0),
                "removed": 0,
                "modified": 0,
                "moved": 0,
                "unchanged": old,
                "changed_share": round(max(each.records - old, 0) / max(old, 1), 6),
            },
            "files": {"added": 1, "removed": 0, "modified": 0, "renamed": 0, "unchanged": 0},
            "fields": {"added": (), "removed": (), "changed": ()},
            "reasons": ("as the records changed",),
        },
        "lineage": (),
        "quality": {"score": each.score, "source": "metadata" if each.score else None, "scorers": ()},
        "validation": {"status": "passed", "checks": 0, "waived": (), "findings": ()},
        "checksum": f"sha256:{'0' * 64}",
    }
    manifest = Manifest.model_validate(value)
    return dump_manifest(manifest.model_copy(update={"checksum": manifest_checksum(manifest, encode=encode)}))


def _event(each: Happened) -> tuple[str, bytes]:
    """Its file, and the text of that."""
    dataset, _, version = each.subject.partition("@")
    event = Event(
        schema=1,
        event=each.kind,
        dataset=dataset,
        version=Version.parse(version) if version else None,
        at=_time(each.at),
        by=each.by,
        reason=each.reason,
        data=dict(each.data),
    )
    content = dump_event(event)
    return f"manifests/{dataset}/events/{event_file_name(event, content)}", content


def day(month: int, day: int) -> datetime:
    """Half past nine on that day of 2026."""
    return datetime(2026, month, day, 9, 30, tzinfo=timezone.utc)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
