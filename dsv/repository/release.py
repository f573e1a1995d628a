"""From a decided version to a released one: its manifest, its objects, its commit and its tag."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from dsv.adapters import dvc
from dsv.errors import GateError, UnsupportedFileError, UsageError
from dsv.model.change import Change
from dsv.model.dataset import DatasetSettings, dump_dataset
from dsv.model.documents import plain
from dsv.model.change_section import ChangeEntry
from dsv.model.manifest import (
    Data,
    Digests,
    LineageEntry,
    Manifest,
    Quality,
    Tokens,
    Validation,
    Waiver,
    dump_manifest,
    new_manifest,
)
from dsv.model.numbering import Number
from dsv.model.policy import Policy, Verdict
from dsv.model.reference import parse_source
from dsv.model.version import Level, Version
from dsv.records.canonical import RECORD_FORM, encode
from dsv.repository import files
from dsv.repository.catalog import KnownVersion, resolve
from dsv.repository.comparison import change_between
from dsv.repository.datasets import check_place
from dsv.repository.layout import ARTIFACTS
from dsv.repository.transaction import Writing, perform
from dsv.repository.versions import side_of

if TYPE_CHECKING:
    from dsv.repository.repository import Repository
    from dsv.repository.snapshot import Snapshot

WAIVABLE = ("key",)
"""The checks that `--waive` takes."""

_WORTH_TELLING_DVC_BYTES = 256 << 20


@dataclass(frozen=True)
class Facts:
    """What people say about a version; `sources` are `REF[:RELATION]` texts, `waived` check -> reason."""

    summary: str = ""
    tags: Sequence[str] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    sources: Sequence[str] = ()
    produced_by: str = ""
    waived: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """A version that is to be: its number, and the change and verdict that led to it."""

    settings: DatasetSettings
    base: KnownVersion | None
    snapshot: Snapshot
    change: Change
    verdict: Verdict
    number: Number
    policy: Policy
    allow_lower: str = ""
    lineage: Sequence[LineageEntry] = ()


@dataclass(frozen=True)
class Release:
    """A released version, or in a dry run the one that would be."""

    dataset: str
    version: Version
    level: Level
    reasons: Sequence[str]
    change: Change
    manifest: Manifest
    git_tag: str | None
    commit: str | None
    dry_run: bool = False

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "dataset": self.dataset,
            "version": str(self.version),
            "git_tag": self.git_tag,
            "commit": self.commit,
            "level": self.level.word,
            "reasons": list(self.reasons),
            "manifest": plain(self.manifest),
            "dry_run": self.dry_run,
        }


def release(repository: Repository, decision: Decision, facts: Facts, *, tag: bool, dry_run: bool) -> Release:
    """The version, released; in a dry run only computed. The caller holds the lock.

    Errors: those of a refused place, of git and DVC; after any of them nothing is half done.
    """
    settings, number = decision.settings, decision.number
    check_facts(repository, facts)
    check_place(repository, settings.path, dataset=settings.name)
    manifest = _manifest(repository, decision, facts)
    name = repository.layout.tag(settings.name, number.version) if tag else None
    commit = None if dry_run else _record(repository, decision, manifest, tag=name)
    return Release(
        dataset=settings.name,
        version=number.version,
        level=number.level,
        reasons=decision.verdict.reasons,
        change=decision.change,
        manifest=manifest,
        git_tag=name,
        commit=commit,
        dry_run=dry_run,
    )


def check_facts(repository: Repository, facts: Facts) -> None:
    """Refuse words that the project's settings do not allow, before anything long begins."""
    unknown = [check for check in facts.waived if check not in WAIVABLE]
    if unknown:
        raise UsageError(f"there is no check {unknown[0]!a} to waive", hint=f"known: {', '.join(WAIVABLE)}")
    project = repository.settings()
    if project.release.require_summary and not facts.summary:
        raise GateError("this project wants a summary for each version", hint='give one with -m "..."')
    allowed = project.vocabulary.tags
    for word in facts.tags:
        if allowed and word not in allowed:
            raise GateError(f"tag {word!a} is not in the project's vocabulary", hint=f"one of {', '.join(allowed)}")


def tags_now(repository: Repository, *, wanted: bool) -> bool:
    """Whether a release is tagged at once: not with --no-tag, and not where the project tags on merge."""
    return wanted and repository.settings().release.tag == "now"


def _manifest(repository: Repository, decision: Decision, facts: Facts) -> Manifest:
    settings, snapshot = decision.settings, decision.snapshot
    produced_by = facts.produced_by or None
    lineage = [*_previous(decision), *decision.lineage, *_sources(repository, decision, facts)]
    if produced_by:
        lineage = [entry.model_copy(update={"produced_by": produced_by}) for entry in lineage]
    given = facts.metadata.get("quality_score")
    score = float(given) if isinstance(given, int | float) and not isinstance(given, bool) else None
    waived = tuple(Waiver(check=check, reason=why) for check, why in sorted(facts.waived.items()))
    return new_manifest(
        dataset=settings.name,
        version=decision.number.version,
        type=settings.type,
        created_at=_now(),
        created_by=str(repository.git.identity()),
        summary=facts.summary or _computed_summary(decision),
        tags=facts.tags,
        metadata=facts.metadata,
        data=Data(
            path=settings.path,
            format=snapshot.format,
            files=len(snapshot.files),
            bytes=snapshot.bytes,
            records=snapshot.records,
            bad_records=snapshot.bad_count,
            tokens=_tokens(snapshot),
        ),
        splits=snapshot.splits,
        digests=Digests(
            tree=f"sha256:{snapshot.built.tree_digest}",
            records=f"sha256:{snapshot.built.records_digest}",
            record_form=RECORD_FORM,
            dvc=f"md5:{snapshot.oid}",
            index=f"md5:{snapshot.index_object.oid}",
        ),
        fields=snapshot.fields,
        key=settings.key,
        reading=settings.reading,
        change=ChangeEntry.of(
            decision.change,
            level=decision.number.level,
            computed=decision.verdict.level or decision.number.level,
            policy=decision.policy,
            previous=decision.base.version if decision.base else None,
            reasons=decision.verdict.reasons,
            allow_lower=decision.allow_lower,
        ),
        lineage=lineage,
        quality=Quality(score=score, source=None if score is None else "metadata"),
        validation=Validation(
            status="waived" if waived else "passed", checks=snapshot.checks_run(), waived=waived, findings=()
        ),
        encode=encode,
    )


def _previous(decision: Decision) -> list[LineageEntry]:
    if decision.base is None:
        return []
    return [edge(decision.base.name, "previous", decision.change)]


def _sources(repository: Repository, decision: Decision, facts: Facts) -> list[LineageEntry]:
    """The edges to versions that the data was made from, their counts computed from both record indexes."""
    edges = []
    for text in facts.sources:
        reference, relation = parse_source(text)
        known = resolve(repository, reference)
        change = change_between(
            side_of(repository, known), decision.snapshot.side(decision.settings.name), policy=decision.policy
        )
        edges.append(edge(known.name, relation, change))
    return edges


def edge(name: str, relation: str, change: Change) -> LineageEntry:
    """The lineage to a version, with the counts of what came from it."""
    records = change.records
    return LineageEntry(
        ref=name,
        relation=relation,
        inherited=records.unchanged + records.moved,
        new=records.added,
        modified=records.modified,
        removed=records.removed,
    )


def _tokens(snapshot: Snapshot) -> Tokens | None:
    if snapshot.format == "opaque":
        return None
    mean = round(snapshot.tokens / snapshot.records, 1) if snapshot.records else 0.0
    return Tokens(counter="whitespace", total=snapshot.tokens, mean=mean)


def _computed_summary(decision: Decision) -> str:
    records = decision.change.records
    if decision.base is None:
        return f"{records.added:,} records in {len(decision.snapshot.files):,} files"
    classes = {
        "added": records.added,
        "removed": records.removed,
        "modified": records.modified,
        "moved": records.moved,
    }
    words = [f"{count:,} {word}" for word, count in classes.items() if count]
    return f"{', '.join(words)} of {records.old:,}" if words else "no record changed"


def _now() -> str:
    """The time of the release, UTC; SOURCE_DATE_EPOCH names another, so that a release can be reproduced."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = int(given) if given.isdecimal() else int(time.time())
    return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _record(repository: Repository, decision: Decision, manifest: Manifest, *, tag: str | None) -> str:
    """The commit of the release; objects first, so that whatever git names is there."""
    layout, settings, snapshot = repository.layout, decision.settings, decision.snapshot
    version = decision.number.version
    _store(repository, decision)
    index = layout.index_directory(settings.name, version)
    _place_index(snapshot, layout.absolute(index))
    pointer = layout.data_pointer(settings.path)
    folder, _, name = settings.path.rpartition("/")
    own: dict[str, bytes | None] = {
        path: None
        for path in _earlier_pointers(repository, settings.name)
        if path != layout.index_pointer(settings.name, version)
    }
    own[layout.dataset_file(settings.name)] = files.read_bytes(
        layout.absolute(layout.dataset_file(settings.name))
    ) or dump_dataset(settings)
    own[layout.manifest_file(settings.name, version)] = dump_manifest(manifest)
    own[layout.index_pointer(settings.name, version)] = dvc.render_pointer(
        dvc.Pointer(
            md5=snapshot.index_object.oid,
            size=sum(state.size for state in snapshot.index_states()),
            nfiles=len(snapshot.index_states()),
            path=layout.index_output(version),
        )
    )
    own[pointer] = data_pointer(repository, settings.path, snapshot.pointer(name))
    artifact = dvc.Artifact(path=settings.path, type="dataset", desc=settings.description)
    shared = {
        f"{folder}/.gitignore" if folder else ".gitignore": lambda text: dvc.gitignore_with(text, name),
        ARTIFACTS: lambda text: dvc.artifacts_with(text, settings.name, artifact=artifact),
    }
    subject = repository.settings().release.commit_message.format(
        dataset=settings.name, version=version, summary=manifest.summary.splitlines()[0]
    )
    body = "\n".join(manifest.summary.splitlines()[1:]).strip()
    trailer = f"Dsv-Version: {settings.name}@{version}"
    writing = Writing(
        operation=f"release of {settings.name} {version}",
        message="\n\n".join(part for part in (subject, body, trailer) if part) + "\n",
        own=own,
        shared=shared,
        tags={tag: f"{manifest.summary}\n\nDsv-Tree: {manifest.digests.tree}\n"} if tag else {},
        directories=[index],
    )
    return perform(repository, writing)


def data_pointer(repository: Repository, path: str, pointer: dvc.Pointer) -> bytes:
    """The text of the data's `.dvc` file; what people wrote into an existing one stays."""
    file = repository.layout.data_pointer(path)
    existing = files.read_bytes(repository.layout.absolute(file))
    return dvc.render_pointer(pointer) if existing is None else dvc.updated_pointer(existing, pointer, file=file)


def _store(repository: Repository, decision: Decision) -> None:
    """Data and record index as objects in DVC's cache."""
    snapshot = decision.snapshot
    hidden = dvc.dvcignored(repository.layout.root, snapshot.paths_from_root())
    if hidden:
        raise UnsupportedFileError(
            f"a .dvcignore rule hides {hidden[0]!a} from DVC"
            + (f" (and {len(hidden) - 1} more)" if hidden[1:] else ""),
            hint="change the rule, or move the file out of the dataset",
            details={"count": len(hidden), "files": hidden[:10]},
        )
    cache = dvc.find_cache(repository.layout.root)
    states = snapshot.states()
    total, done = snapshot.bytes, 0

    def advance(count: int, size: int) -> None:
        nonlocal done
        del count
        done += size
        repository.progress("storing", done, total)

    dvc.store(cache, states, directory=snapshot.directory, scan_started_ns=snapshot.started_ns, progress=advance)
    dvc.store(cache, snapshot.index_states(), directory=snapshot.index_object, scan_started_ns=time.time_ns())
    if snapshot.bytes > _WORTH_TELLING_DVC_BYTES:
        dvc.remember(repository.layout.root, states)


def _place_index(snapshot: Snapshot, target: str) -> None:
    """The record index in the work tree, where its pointer says."""
    if os.path.isdir(target):
        shutil.rmtree(target)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copytree(snapshot.index_directory, target)


def _earlier_pointers(repository: Repository, dataset: str) -> list[str]:
    """Index pointers of other versions: only the newest stays, tags keep the others."""
    layout, git = repository.layout, repository.git
    directory = layout.directory(dataset)
    head = git.head()
    tree = git.tree(head, layout.in_git(directory)) if head else {}
    paths = (layout.from_git(path) for path in tree)
    return [path for path in paths if path.endswith(".dvc") and os.path.dirname(path) == directory]
