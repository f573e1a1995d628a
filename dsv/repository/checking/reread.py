"""The data of versions read again, for the checks that hold it against its digests, its manifest and its rules."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from dsv.checks import data as checks
from dsv.checks.rules.outcome import Example
from dsv.errors import DsvError, IntegrityError, MissingDataError
from dsv.model.numbering import Number
from dsv.model.policy import Verdict
from dsv.model.policy_rules import decide
from dsv.model.progress import summed
from dsv.model.version import Level
from dsv.records.repeated_members import FORMATS, repeated_members
from dsv.records.text import WHITESPACE
from dsv.repository.comparing.objects import Reach, files_of, objects_of
from dsv.repository.comparing.versions import held_index, record_index, side_from
from dsv.repository.contents.comparison import change_between, first_change
from dsv.repository.contents.gather import asked_of, counter_of, gather_from
from dsv.repository.contents.walk import walk
from dsv.repository.declared.datasets import policy_of
from dsv.repository.declared.pointers import pointer_here
from dsv.repository.releasing.decision import Decision
from dsv.repository.releasing.gates import KEY, outcomes_again

if TYPE_CHECKING:
    from dsv.model.dataset import DatasetSettings
    from dsv.model.finding import Finding
    from dsv.repository.checking.subjects import Released
    from dsv.repository.contents.snapshot import Snapshot
    from dsv.repository.repository import Repository


def check_data(repository: Repository, released: Released) -> list[Finding]:
    """Everything there is to say of the data of a version; each of its bytes is read."""
    try:
        sources = _sources(repository, released)
    except MissingDataError:
        return [checks.is_not_here(released.subject)]
    os.makedirs(repository.work_state, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="check-", dir=repository.work_state) as scratch:
        snapshot = _read(repository, released, sources, os.path.join(scratch, "index"))
        findings = [_bytes(repository, released, snapshot), _facts(released, snapshot)]
        findings += _members(released, snapshot)
        if released.settings is not None:
            declared = _as_declared(repository, released, snapshot, os.path.join(scratch, "declared"))
            findings += _keys(released, declared)
            findings += _rules(repository, released, released.settings, declared)
    return findings


def _sources(repository: Repository, released: Released) -> dict[str, str]:
    """Where the files lie: in DVC's cache, else in the working tree where that is at this version."""
    manifest, settings = released.manifest, released.settings
    try:
        return dict(objects_of(repository, manifest, reach=Reach.CACHE).sources)
    except MissingDataError:
        path = settings.path if settings is not None else manifest.data.path
        with suppress(DsvError):
            pointer = pointer_here(repository, path)
            if pointer is not None and f"md5:{pointer.md5}" == manifest.digests.dvc:
                return {file.path: file.source for file in walk(repository.layout.absolute(path), shown=path)}
        raise


def _read(
    repository: Repository, released: Released, sources: Mapping[str, str], directory: str, *, today: bool = False
) -> Snapshot:
    """The data, read as the version was; or as dataset.yaml says today."""
    manifest, settings = released.manifest, released.settings
    name = f"{manifest.dataset}@{manifest.version}"
    return gather_from(
        sources,
        dataset=manifest.dataset,
        path=manifest.data.path,
        reading=settings.reading if settings is not None and today else manifest.declared,
        key=settings.key if settings is not None and today else manifest.key,
        is_directory=manifest.digests.dvc.endswith(".dir"),
        directory=directory,
        executor=repository.executor,
        inspections=asked_of(repository, settings) if settings is not None else (),
        progress=summed(repository.progress, f"reading {name}", total=manifest.data.bytes),
        counter=WHITESPACE if settings is None else counter_of(repository, settings),
    )


def _as_declared(repository: Repository, released: Released, snapshot: Snapshot, directory: str) -> Snapshot:
    """The same data as dataset.yaml declares it now: read once more only where that is not how the version was."""
    settings = released.settings
    if settings is None or (settings.reading, settings.key) == (snapshot.reading, snapshot.key):
        return snapshot
    return _read(repository, released, snapshot.sources, directory, today=True)


def _bytes(repository: Repository, released: Released, snapshot: Snapshot) -> Finding:
    """The files against the digests that the version was released with, by name where a list of them is here."""
    manifest = released.manifest
    actual = {file.path: file.sha256 for file in snapshot.files}
    differing: list[str] = []
    if snapshot.tree != manifest.digests.tree:
        index = held_index(repository, released.known, manifest)
        if index is not None and f"sha256:{index.tree_digest}" == manifest.digests.tree:
            expected = dict(index.files)
            differing = sorted(path for path in {*expected, *actual} if expected.get(path) != actual.get(path))
        else:
            entries = dict(files_of(repository, manifest))
            differing = sorted(file.path for file in snapshot.files if entries.get(file.path) != file.md5)
        differing = differing or [manifest.data.path]
    return checks.same_bytes(released.subject, files=len(actual), differing=differing)


def _facts(released: Released, snapshot: Snapshot) -> Finding:
    manifest = released.manifest
    data, digests = manifest.data, manifest.digests
    compared: dict[str, tuple[object, object]] = {
        "records": (snapshot.records, data.records),
        "bad records": (snapshot.bad_count, data.bad_records),
        "files": (len(snapshot.files), data.files),
        "bytes": (snapshot.bytes, data.bytes),
        "format": (snapshot.format, data.format),
        "splits": (dict(snapshot.splits), dict(manifest.splits)),
        "tree digest": (snapshot.tree, digests.tree),
        "digest of records": (f"sha256:{snapshot.built.records_digest}", digests.records),
        "md5": (f"md5:{snapshot.oid}", digests.dvc),
        "record index": (f"md5:{snapshot.index_object.oid}", digests.index),
    }
    if data.tokens is not None and data.tokens.counter == snapshot.counter:
        compared["tokens"] = (snapshot.tokens, data.tokens.total)
    found = {name: both for name, both in compared.items() if both[0] != both[1]}
    if snapshot.fields != manifest.observed:
        now, then = ({each.name for each in fields.fields} for fields in (snapshot.fields, manifest.observed))
        found["fields"] = (", ".join(sorted(now - then)) or "others", ", ".join(sorted(then - now)) or "others")
    return checks.same_facts(released.subject, manifest=manifest, found=found)


def _members(released: Released, snapshot: Snapshot) -> Iterator[Finding]:
    """Objects that name a member twice; formats that name none have nothing to look for."""
    count, first, looked_at = 0, list[str](), 0
    for file in snapshot.files:
        if file.format not in FORMATS:
            continue
        looked_at += 1
        for said in repeated_members(snapshot.sources[file.path], path=file.path, format_name=file.format):
            count += 1
            if len(first) < checks.SHOWN:
                first.append(f"{file.path} {said}")
    if looked_at:
        yield checks.repeated_members(released.subject, count=count, first=first)


def _keys(released: Released, snapshot: Snapshot) -> Iterator[Finding]:
    waived = any(each.check == KEY for each in released.manifest.validation.waived)
    if snapshot.key and snapshot.built.keyed and not waived:
        faults = snapshot.key_faults()
        yield checks.keys(
            released.subject,
            key=snapshot.key,
            missing=faults.missing,
            repeated=faults.repeated,
            first=[Example(*each) for each in faults.first],
        )


def _rules(
    repository: Repository, released: Released, settings: DatasetSettings, snapshot: Snapshot
) -> Iterator[Finding]:
    """How the rules of the dataset come out, as a release of this data would have it."""
    try:
        decision = _decision(repository, released, settings, snapshot)
        again = outcomes_again(
            repository,
            decision,
            metadata=released.manifest.metadata,
            waived={each.check: each.reason for each in released.manifest.validation.waived},
        )
        outcomes = list(again)
    except DsvError as error:
        yield checks.could_not_ask(released.subject, "checks of dataset.yaml", error.headline, error.hint)
        return
    for name, outcome in outcomes:
        if isinstance(outcome, DsvError):
            yield checks.could_not_ask(released.subject, name, outcome.message, outcome.hint)
        else:
            yield checks.of_rule(released.subject, outcome)


def _decision(repository: Repository, released: Released, settings: DatasetSettings, snapshot: Snapshot) -> Decision:
    """The release as it was, for the rules: against the version before, where that one's record index is here."""
    policy, base, manifest = policy_of(repository, settings), released.previous, released.previous_manifest
    change = first_change(snapshot.built, paths=[file.path for file in snapshot.files])
    verdict = Verdict(None, ())
    if base is not None and manifest is not None:
        try:
            before = side_from(base.name, manifest, record_index(repository, base, manifest))
            change = change_between(before, snapshot.side(), policy=policy, executor=repository.executor)
            verdict = decide(change, policy=policy)
        except IntegrityError:
            base = None
    level = verdict.level or Level.PATCH
    number = Number(released.known.version, level)
    return Decision(settings, b"", base, snapshot, change, verdict, number, policy)
