"""`dsv rollback`: release an old version's data as the next version."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace

from dsv.errors import NothingChangedError, NoVersionError
from dsv.model.dataset import DatasetSettings
from dsv.model.facts import Facts
from dsv.model.manifest import Manifest
from dsv.model.numbering import NumberRequest, next_number
from dsv.model.reference import Exact, Ref
from dsv.model.release_options import USUAL, ReleaseOptions
from dsv.model.version import Version
from dsv.repository import Repository, exclusively
from dsv.repository.comparing.versions import compare_with_base, released_data, side_of
from dsv.repository.contents.comparison import change_between
from dsv.repository.contents.snapshot import Snapshot
from dsv.repository.declared.datasets import declaration_text, load_dataset_file, policy_of
from dsv.repository.declared.places import check_place
from dsv.repository.declared.pointers import refuse_uncommitted
from dsv.repository.known.catalog import (
    KnownVersion,
    introduced_in,
    read_manifest,
    refuse_removed,
    require_dataset,
    resolve,
    versions_of,
)
from dsv.repository.releasing.decision import Decision, Edge
from dsv.repository.releasing.gates import KEY, check_waivers
from dsv.repository.releasing.release import Release, release
from dsv.repository.transfer.restore import put_into_work_tree, refuse_loss


def rollback(
    repository: Repository,
    name: str,
    version: Version,
    *,
    summary: str = "",
    waived: Mapping[str, str] | None = None,
    options: ReleaseOptions = USUAL,
) -> Release:
    """The old version's data in the working tree and released as the next version; history is not rewritten.

    What was waived for it stays waived, and `waived` is more. Rules over the change do not apply to the way back.
    Errors: those of `checkout` and of `bump`; ConflictError when the working tree holds unreleased data.
    """
    with exclusively(repository, f"rollback of {name}"):
        # gather
        repository.git.refuse_busy()
        repository.git.identity()
        name = require_dataset(repository, name)
        refuse_removed(repository, versions_of(repository, name))
        old = resolve(repository, Ref(name, Exact(version)))
        manifest = read_manifest(repository, old)
        settings = load_dataset_file(repository, name)
        check_waivers(repository, settings, waived or {})
        made_by = check_place(repository, settings.path, dataset=name)
        made_in = introduced_in(repository, old) if made_by else None
        if made_by is not None:
            refuse_uncommitted(repository, made_by.lock)
        os.makedirs(repository.work_state, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=repository.work_state) as scratch:
            snapshot = released_data(repository, manifest, settings, directory=os.path.join(scratch, "index"))
            # decide
            decision = replace(_decide(repository, old, snapshot, settings), made_by=made_by, lock_from=made_in or "")
            waivers = {**_waived(manifest, settings), **(waived or {})}
            if KEY not in waivers:
                snapshot.refuse_keys()
            said = dict(manifest.metadata)  # of the same data
            facts = Facts(summary=summary or f"Back to the data of {version}", metadata=said, waived=waivers)
            refuse_loss(repository, old, manifest)
            # record
            return release(
                repository,
                decision,
                facts,
                options=options,
                place_data=lambda: put_into_work_tree(repository, old, manifest, force=False),
            )


def _waived(manifest: Manifest, settings: DatasetSettings) -> dict[str, str]:
    """What was waived for the old version; of the key, as long as today's is the one it had."""
    waived = {each.check: each.reason for each in manifest.validation.waived}
    if manifest.key != settings.key:
        waived.pop(KEY, None)
    return waived


def _decide(repository: Repository, old: KnownVersion, snapshot: Snapshot, settings: DatasetSettings) -> Decision:
    """The next version that has the old one's data; NothingChangedError when the base has it already."""
    versions = versions_of(repository, settings.name)
    base = versions.newest_base
    if base is None:
        raise NoVersionError(
            f"no release of {settings.name} is in this branch's history", hint="check out a branch that has one"
        )
    policy = policy_of(repository, settings)
    change, verdict = compare_with_base(repository, base, snapshot, policy=policy)
    if change.nothing:
        raise NothingChangedError(f"{base.name} has the data of {old.version} already", hint="see dsv log")
    number = next_number(base.version, verdict, NumberRequest(), taken=versions.taken)
    since = change_between(side_of(repository, old), snapshot.side(), policy=policy, executor=repository.executor)
    edges = [Edge(old.name, "rollback", since.records)]
    text = declaration_text(repository, settings)
    return Decision(settings, text, base, snapshot, change, verdict, number, policy, edges=edges, change_is_wanted=True)
