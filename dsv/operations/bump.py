"""`dsv bump`: release the next version, numbered by what changed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dsv.errors import NothingChangedError, NoVersionError
from dsv.model.facts import Facts
from dsv.model.numbering import NumberRequest, base_for, first_number, next_number
from dsv.model.release_options import USUAL, ReleaseOptions
from dsv.repository import Repository, exclusively
from dsv.repository.contents.clean_look import Glance, glance
from dsv.repository.known.catalog import read_manifest, refuse_removed, require_dataset, version_with

if TYPE_CHECKING:
    from dsv.model.version import Version
    from dsv.repository.known.catalog import KnownVersion
    from dsv.repository.releasing.release import Release


@dataclass(frozen=True)
class Releases:
    """The releases made, and the datasets that had nothing to release."""

    releases: Sequence[Release]
    unchanged: Sequence[str] = ()

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"releases": [each.document() for each in self.releases], "unchanged": list(self.unchanged)}


def bump(
    repository: Repository,
    *names: str,
    request: NumberRequest,
    facts: Facts,
    options: ReleaseOptions = USUAL,
    if_changed: bool = False,
    explain: bool = False,
) -> Releases:
    """The next version of each dataset, one commit and tag each, in the order given.

    Errors: NothingChangedError (unless `if_changed`), LevelTooLowError, ExistsError for a number that is
    taken, and what `add` refuses. Datasets released before the one that fails stay released.
    """
    done, unchanged = [], []
    for name in dict.fromkeys(names):
        try:
            done.append(_bump(repository, name, request=request, facts=facts, options=options, explain=explain))
        except NothingChangedError:
            if not if_changed:
                raise
            unchanged.append(name)
    return Releases(done, unchanged)


def _bump(
    repository: Repository,
    name: str,
    *,
    request: NumberRequest,
    facts: Facts,
    options: ReleaseOptions,
    explain: bool,
) -> Release:
    with exclusively(repository, f"bump of {name}"):
        # gather
        name = require_dataset(repository, name)
        repository.git.refuse_busy()
        repository.git.identity()
        if os.path.isdir(repository.merges):
            from dsv.repository.merging.merge_notes import refuse_unplaced

            refuse_unplaced(repository, name)
        seen = glance(repository, name)
        refuse_removed(repository, seen.versions)
        if seen.clean is not None and request == NumberRequest():
            raise _nothing_changed(name, max(each.version for each in seen.versions.bases()))
        return _closer_look(repository, name, seen, request=request, facts=facts, options=options, explain=explain)


def _closer_look(
    repository: Repository,
    name: str,
    seen: Glance,
    *,
    request: NumberRequest,
    facts: Facts,
    options: ReleaseOptions,
    explain: bool,
) -> Release:
    # What reads declarations and manifests takes longer to load than a glance takes.
    from dsv.repository.comparing.explanation import explain_since
    from dsv.repository.comparing.versions import compare_with_base
    from dsv.repository.contents.gather import gather
    from dsv.repository.declared.datasets import declaration_text, load_dataset_file, policy_of
    from dsv.repository.declared.places import check_claim, check_place
    from dsv.repository.releasing.decision import Decision
    from dsv.repository.releasing.gates import check_waivers
    from dsv.repository.releasing.release import check_facts, keeping_copies, release

    with keeping_copies(repository, options) as staging:
        check_facts(repository, facts)
        settings = load_dataset_file(repository, name)
        versions = seen.versions
        number = base_for(request, [each.version for each in versions.bases()])
        base = None if number is None else versions.get(number)
        if base is None and versions.latest is not None:
            raise NoVersionError(
                f"no release of {name} is in this branch's history, only under tags",
                hint="merge or check out a branch that holds its manifests, then bump",
            )
        if base is None or read_manifest(repository, base).data.path != settings.path:
            check_claim(repository, settings.path, dataset=name)
        made_by = check_place(repository, settings.path, dataset=name, tracked=options.tracked)
        check_waivers(repository, settings, facts.waived)
        snapshot = gather(repository, name, settings, staging=staging, walked=seen.walked)
        # decide
        if not options.keep_bad_records:
            snapshot.refuse_bad_records()
        if "key" not in facts.waived:
            snapshot.refuse_keys()
        policy = policy_of(repository, settings)
        change, verdict = compare_with_base(repository, base, snapshot, policy=policy)
        if base is None:
            chosen = first_number(request, foreign=versions.foreign, taken=versions.taken)
        elif change.nothing:
            raise _nothing_changed(name, base.version)
        else:
            chosen = next_number(base.version, verdict, request, taken=versions.taken)
            _warn_of_old_data(repository, base, version_with(repository, versions, tree=snapshot.tree))
        text = declaration_text(repository, settings)
        decision = Decision(
            settings, text, base, snapshot, change, verdict, chosen, policy, request.allow_lower, made_by=made_by
        )
        explanation = explain_since(repository, base, snapshot, change, verdict) if explain and base else ()
        # record
        done = release(repository, decision, facts, options=options)
        return replace(done, explanation=explanation)


def _warn_of_old_data(repository: Repository, base: KnownVersion, same: KnownVersion | None) -> None:
    """Tell of data that is an earlier version's: who pulled commits, but not the data, undoes what came between."""
    if same is not None and same.version < base.version:
        repository.tell(
            f"the data is that of {same.name} again, which undoes what {base.name} has changed; "
            f"where it was only not pulled, dsv undo {base.dataset} and dsv checkout {base.name}"
        )


def _nothing_changed(name: str, version: Version) -> NothingChangedError:
    return NothingChangedError(
        f"{name} is as released in {version}: there is nothing to release",
        hint="--if-changed leaves with 0 in this case",
        details={"dataset": name, "version": str(version)},
    )
