"""`dsv show`: the manifest of a version, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.errors import UsageError
from dsv.model.documents import plain
from dsv.model.manifest import Manifest, dump_manifest
from dsv.model.reference import GitRevision, Ref, Work
from dsv.model.standing import PastEvent, Status
from dsv.repository import Repository
from dsv.repository.known.catalog import find, introduced_in, read_manifest, warn
from dsv.repository.known.events import told_events


@dataclass(frozen=True)
class Shown:
    """A manifest with its tag and commit, and what happened to it or to its whole dataset.

    `status` is active for a release that nothing happened to; `cause` is the event that gave it another.
    """

    manifest: Manifest
    status: Status
    git_tag: str | None
    commit: str | None
    stages: Sequence[str] = ()
    events: Sequence[PastEvent] = ()
    cause: PastEvent | None = None

    @property
    def text(self) -> str:
        """The manifest as its file has it."""
        return dump_manifest(self.manifest).decode()

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            **plain(self.manifest),
            "status": self.status.value,
            "stages": list(self.stages),
            "events": [each.document() for each in self.events],
            "git_tag": self.git_tag,
            "commit": self.commit,
        }


def show(repository: Repository, reference: Ref) -> Shown:
    """The version that the reference names. Errors: NoDatasetError, NoVersionError."""
    if isinstance(reference.selector, Work | GitRevision):
        raise UsageError(f"{reference} has no manifest", hint="show takes a released version; see dsv status")
    repository = repository.home_of(reference)
    known, versions = find(repository, reference)
    warn(repository, known, versions.standing)
    return Shown(
        read_manifest(repository, known),
        known.status,
        known.tag,
        introduced_in(repository, known),
        stages=versions.standing.stages_of(known.version),
        events=[each for each in told_events(repository, versions.names) if each.version in (None, known.version)],
        cause=versions.standing.cause(known.version),
    )
