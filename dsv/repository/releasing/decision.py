"""A version that is to be: what people say of it, and what was decided about its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsv.adapters.dvc import StageOutput
from dsv.adapters.git.past import Made, PastCommit
from dsv.model.change import Change, RecordCounts
from dsv.model.dataset import DatasetSettings
from dsv.model.numbering import Number
from dsv.model.policy import Policy, Verdict
from dsv.repository.contents.snapshot import Snapshot
from dsv.repository.known.catalog import KnownVersion


@dataclass(frozen=True)
class Edge:
    """A version that this one came from, in what relation, and what became of its records, if that is known.

    `repository` is the address of another repository that it is in, `digest` its tree digest.
    """

    source: str
    relation: str
    records: RecordCounts | None
    repository: str = ""
    digest: str = ""
    note: str = ""


@dataclass(frozen=True)
class Decision:
    """A version that is to be: its number, and the change and verdict that led to it.

    `declaration` is the text of dataset.yaml that goes with it, `made_by` the stage output that the data is, if any.
    `lock_from` is the commit whose dvc.lock names the data, where the one of HEAD does not.
    `past` is the commit that had the data first, where that was before dsv knew it, and `made` tells who made the
    version and when, where that was then or elsewhere. `change_is_wanted` says that the change itself was asked for, so
    that no rule about changes applies to it.
    """

    settings: DatasetSettings
    declaration: bytes
    base: KnownVersion | None
    snapshot: Snapshot
    change: Change
    verdict: Verdict
    number: Number
    policy: Policy
    allow_lower: str = ""
    edges: Sequence[Edge] = ()
    made_by: StageOutput | None = None
    lock_from: str = ""
    past: PastCommit | None = None
    made: Made | None = None
    change_is_wanted: bool = False
