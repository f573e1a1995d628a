"""Data that a pull request brings and that no version has: what changed, and which version would follow."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING

from dsv.errors import BadDataError, IntegrityError, MissingDataError
from dsv.exports.review import ChangeReview, Kind, Lack, Numbering
from dsv.model.change import RecordCounts
from dsv.model.numbering import NumberRequest, first_number, free_number
from dsv.model.policy_rules import decide
from dsv.model.reference import GitRevision
from dsv.repository.comparing.revision import data_at, revision_source
from dsv.repository.comparing.sources import version_source
from dsv.repository.comparing.statistics import compare_fields
from dsv.repository.contents.comparison import change_between
from dsv.repository.declared.datasets import load_dataset_file, policy_of
from dsv.repository.reviewing.records import compare_sources, first_records

if TYPE_CHECKING:
    from dsv.repository.comparing.sources import RecordSource
    from dsv.repository.known.catalog import KnownVersion
    from dsv.repository.repository import Repository
    from dsv.repository.reviewing.proposed import Proposal


def review_data(repository: Repository, proposal: Proposal, *, head: str, records: int) -> ChangeReview:
    """The data that HEAD's pointer names beside the newest version, and which version would follow.

    Where the data or the version is not here, what is lacking.
    """
    dataset, base = proposal.dataset, proposal.versions.newest_base
    nothing = ChangeReview(Kind.UNRELEASED, dataset, old=base.name if base else "", new=f"{dataset}@work")
    try:
        os.makedirs(repository.work_state, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=repository.work_state) as scratch:
            data = data_at(repository, dataset, GitRevision(head))
            new = revision_source(repository, data, scratch=os.path.join(scratch, "index"))
            if base is None:
                return _first(nothing, new, proposal, records=records)
            return _since(repository, nothing, base, new, proposal, records=records)
    except MissingDataError:
        path = load_dataset_file(repository, dataset).path
        command = " && ".join([f"dvc pull {path}", *([f"dsv fetch {base.name}"] if base else [])])
        return replace(nothing, lacks=[Lack("what changed, and which version would follow", command)])
    except (BadDataError, IntegrityError) as error:
        lack = Lack("what changed", f"dsv status {dataset}", brings="says more", detail=error.message)
        return replace(nothing, lacks=[lack])


def _first(nothing: ChangeReview, new: RecordSource, proposal: Proposal, *, records: int) -> ChangeReview:
    number = first_number(NumberRequest(), foreign=proposal.versions.foreign, taken=proposal.versions.taken)
    count = new.side.records
    return replace(
        nothing,
        follows=str(number.version),
        numbering=Numbering(number.level, number.level, ("first version",)),
        records=RecordCounts(added=count),
        examples=(first_records(new) if records else None) or (),
    )


def _since(
    repository: Repository,
    nothing: ChangeReview,
    base: KnownVersion,
    new: RecordSource,
    proposal: Proposal,
    *,
    records: int,
) -> ChangeReview:
    settings = load_dataset_file(repository, proposal.dataset)
    policy = policy_of(repository, settings)
    old = version_source(repository, base)
    found = compare_sources(old, new, most=records, executor=repository.executor)
    change = change_between(old.side, new.side, policy=policy, executor=repository.executor, records=found.counts)
    verdict = decide(change, policy=policy)
    number = free_number(base.version, verdict, NumberRequest(), taken=proposal.versions.taken)
    return replace(
        nothing,
        follows=str(number.version) if verdict.level else "",
        numbering=Numbering(verdict.level, verdict.level, verdict.reasons, policy=policy.name),
        records=change.records,
        opaque=change.opaque,
        breakdown=found.breakdown,
        fields=change.fields,
        examples=found.examples,
        statistics=compare_fields(old, new, label_fields=settings.counted_fields),
        lacks=[Lack("some of the changed records", f"dsv fetch {base.name}")] if found.hidden else [],
    )
