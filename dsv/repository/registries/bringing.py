"""A version of a registry released here: its bytes as they lie there, its number, words, author and time as stated."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.adapters.git.past import Author, Made
from dsv.errors import ConflictError, MismatchError, NothingChangedError
from dsv.model.facts import Facts
from dsv.model.numbering import NumberRequest, base_for, first_number, next_number
from dsv.model.progress import summed
from dsv.model.registry_names import relation_of
from dsv.model.source import DEFAULT_RELATION
from dsv.repository.clock import seconds_now, written
from dsv.repository.comparing.versions import compare_with_base
from dsv.repository.contents.gather import asked_of, counter_of, gather_from
from dsv.repository.declared.datasets import policy_of
from dsv.repository.declared.declarations import Declaration, declared_settings
from dsv.repository.declared.places import check_claim, check_place
from dsv.repository.known.catalog import KnownVersion, Versions, read_manifest, refuse_removed
from dsv.repository.registries.homes import ORIGIN, origin_of
from dsv.repository.releasing.decision import Decision
from dsv.repository.releasing.release import Release, carry_out, check_facts, plan_release
from dsv.repository.transfer.restore import put_into_work_tree, refuse_loss

if TYPE_CHECKING:
    from dsv.model.dataset import DatasetSettings
    from dsv.model.registry import StatedDataset, StatedVersion
    from dsv.model.release_options import ReleaseOptions
    from dsv.model.version import Version
    from dsv.repository.contents.snapshot import Snapshot
    from dsv.repository.registries.stored import StoredFiles
    from dsv.repository.repository import Repository

WHY_LOWER = "the registry numbered it so"
"""The reason for a number that says less than what changed."""

_NAME_AND_ADDRESS = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>]*)>")
_NOT_IN_A_NAME = re.compile(r"[<>\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class Arriving:
    """A version on its way: what the registry states of it, its number, and where its parents are here.

    `parents` are `NAME@X.Y.Z` by the id that the registry gives them; one that did not come is not among them.
    """

    dataset: StatedDataset
    version: StatedVersion
    number: Version
    name: str
    path: str
    parents: Mapping[str, str]


def bring(
    repository: Repository, arriving: Arriving, versions: Versions, files: StoredFiles, *, options: ReleaseOptions
) -> Release:
    """The version, released from these files, its data in the work tree; the caller holds the lock.

    NothingChangedError, whose details name the version, where it has the data of the one before. Other errors are those
    of `bump`.
    """
    refuse_removed(repository, versions)
    declaration = _declaration(arriving, first=not versions.known)
    declared = declared_settings(repository, os.path.join(repository.layout.root, arriving.path), declaration)
    settings = declared.settings
    base = _base(repository, versions, arriving, settings)
    facts = _facts(arriving, base)
    check_facts(repository, facts)
    check_place(repository, settings.path, dataset=settings.name)
    os.makedirs(repository.work_state, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=repository.work_state) as scratch:
        snapshot = _snapshot(repository, settings, files, directory=os.path.join(scratch, "index"))
        if not options.keep_bad_records:
            snapshot.refuse_bad_records()
        snapshot.refuse_keys()
        decision = _decision(repository, arriving, versions, base, snapshot, settings=settings, text=declared.text)
        plan = plan_release(repository, decision, facts, options=options)
        known = KnownVersion(settings.name, arriving.number, "", in_head=True, tag=None, tag_commit=None)
        return carry_out(
            repository,
            plan,
            options,
            place_data=lambda: put_into_work_tree(repository, known, plan.manifest, force=False),
        )


def _declaration(arriving: Arriving, *, first: bool) -> Declaration:
    """What is declared of a dataset that is new; later versions follow what people made of that."""
    if not first:
        return Declaration(name=arriving.name)
    dataset = arriving.dataset
    return Declaration(name=arriving.name, type=dataset.type, description=dataset.description)


def _base(
    repository: Repository, versions: Versions, arriving: Arriving, settings: DatasetSettings
) -> KnownVersion | None:
    """The version that this one follows; a place that it may not take, or would take work from, is refused."""
    number = base_for(NumberRequest(version=arriving.number), [each.version for each in versions.bases()])
    base = None if number is None else versions.get(number)
    place = repository.layout.absolute(settings.path)
    if base is not None and versions.newest_base is not None:
        newest = versions.newest_base
        if os.path.lexists(place):
            refuse_loss(repository, newest, read_manifest(repository, newest))
    else:
        check_claim(repository, settings.path, dataset=settings.name)
        if os.path.lexists(place):
            raise ConflictError(f"{settings.path} is there already", hint="move it away, or choose another with --to")
    return base


def _facts(arriving: Arriving, base: KnownVersion | None) -> Facts:
    """What people said of the version, and where it came from."""
    dataset, version = arriving.dataset, arriving.version
    sources: dict[str, str] = {}
    runs = list(dict.fromkeys(each.produced_by for each in version.edges if each.produced_by))
    for edge in version.edges:
        parent = arriving.parents.get(edge.parent)
        relation = relation_of(edge.relation)
        plain = relation == DEFAULT_RELATION and not edge.note
        if parent is None or (base is not None and parent == base.name and plain):
            continue
        others = edge.produced_by if edge.produced_by and edge.produced_by != runs[0] else ""
        sources[f"{parent}:{relation}"] = "; ".join(filter(None, (edge.note, others)))
    stated = {"format": dataset.format} if dataset.format else {}
    metadata: dict[str, Any] = {**stated, **version.metadata, ORIGIN: origin_of(dataset, version)}
    return Facts(
        summary=version.summary.replace("\r", ""),
        tags=version.tags,
        metadata=metadata,
        sources=tuple(sources),
        produced_by=runs[0] if runs else "",
        notes=tuple(sources.values()),
    )


def _snapshot(repository: Repository, settings: DatasetSettings, files: StoredFiles, *, directory: str) -> Snapshot:
    """What the files hold; MismatchError where one changed since its digest was taken."""
    snapshot = gather_from(
        {file.path: file.source for file in files.files},
        dataset=settings.name,
        path=settings.path,
        reading=settings.reading,
        key=settings.key,
        is_directory=True,
        directory=directory,
        counter=counter_of(repository, settings),
        executor=repository.executor,
        inspections=asked_of(repository, settings),
        progress=summed(repository.progress, f"reading {settings.name}", total=sum(each.size for each in files.files)),
    )
    for file in snapshot.files:
        if file.sha256 != files.digests[file.path]:
            raise MismatchError(f"{file.path!a} changed while it was read", hint="leave it alone, and run this again")
    return snapshot


def _decision(
    repository: Repository,
    arriving: Arriving,
    versions: Versions,
    base: KnownVersion | None,
    snapshot: Snapshot,
    *,
    settings: DatasetSettings,
    text: bytes,
) -> Decision:
    policy = policy_of(repository, settings)
    change, verdict = compare_with_base(repository, base, snapshot, policy=policy)
    wanted = NumberRequest(version=arriving.number, allow_lower=WHY_LOWER)
    lower = ""
    if base is None:
        number = first_number(wanted, foreign=versions.foreign, taken=versions.taken)
    elif change.nothing:
        raise NothingChangedError(
            f"{arriving.version.text} has the data of {base.version}, so it is no version of its own",
            hint="dsv tag and dsv promote give a version further names",
            details={"ref": base.name},
        )
    else:
        number = next_number(base.version, verdict, wanted, taken=versions.taken)
        lower = WHY_LOWER if verdict.level is not None and number.level < verdict.level else ""
    return Decision(
        settings,
        text,
        base,
        snapshot,
        change,
        verdict,
        number,
        policy,
        lower,
        made=_made(repository, arriving.version),
        change_is_wanted=True,
    )


def _made(repository: Repository, version: StatedVersion) -> Made | None:
    """Who made it and when, as far as that is stated; the rest is who imports it, now."""
    if version.seconds is None and not version.author:
        return None
    seconds = seconds_now() if version.seconds is None else version.seconds
    identity = repository.git.identity()
    name, email = _person(version.author) if version.author else (identity.name, identity.email)
    return Made(Author(name, email, written(seconds)), seconds)


def _person(text: str) -> tuple[str, str]:
    """Name and address of who is stated to have made a version: `Ana <ana@example.com>`, an address, or a name."""
    found = _NAME_AND_ADDRESS.fullmatch(text)
    name, email = (found["name"], found["email"]) if found else (text, text if "@" in text and " " not in text else "")
    return _NOT_IN_A_NAME.sub(" ", name).strip() or email.strip(), _NOT_IN_A_NAME.sub("", email).strip()


def remarks(arriving: Arriving, done: Release) -> Sequence[str]:
    """Where what the registry stated is not what the records say."""
    version, manifest = arriving.version, done.manifest
    found = [] if version.checksum else ["the registry has no checksum of it: taken as it is"]
    # where formats were not known, nothing was counted
    if version.records and version.records != manifest.data.records:
        found.append(f"the registry counted {version.records:,} records, there are {manifest.data.records:,}")
    if manifest.change.allow_lower:
        found.append(f"{done.level.word} by its number, {manifest.change.computed.word} by what changed")
    edges = {(each.ref, each.relation): each for each in manifest.lineage}
    for edge in version.edges:
        parent = arriving.parents.get(edge.parent, "")
        entry = edges.get((parent, relation_of(edge.relation))) or edges.get((parent, "previous"))
        counted = {name: getattr(entry, name) for name in edge.counts} if entry is not None else {}
        if any(counted[name] not in (None, edge.counts[name]) for name in counted):
            said, there = (", ".join(f"{each[name]} {name}" for name in edge.counts) for each in (edge.counts, counted))
            found.append(f"of {parent} the registry counted {said}; it is {there}")
    return found
