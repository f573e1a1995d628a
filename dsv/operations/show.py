"""`dsv show`: the manifest of a version, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.errors import UsageError
from dsv.model.documents import plain
from dsv.model.manifest import Manifest, dump_manifest
from dsv.model.reference import GitRevision, Ref, Work
from dsv.repository import Repository
from dsv.repository.catalog import introduced_in, read_manifest, resolve


@dataclass(frozen=True)
class Shown:
    """A manifest with its status (`active` for a release that nothing happened to), tag and commit."""

    manifest: Manifest
    status: str
    git_tag: str | None
    commit: str | None
    stages: Sequence[str] = ()
    events: Sequence[dict[str, Any]] = ()

    @property
    def text(self) -> str:
        """The manifest as its file has it."""
        return dump_manifest(self.manifest).decode()

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            **plain(self.manifest),
            "status": self.status,
            "stages": list(self.stages),
            "events": list(self.events),
            "git_tag": self.git_tag,
            "commit": self.commit,
        }


def show(repository: Repository, reference: Ref) -> Shown:
    """The version that the reference names. Errors: NoDatasetError, NoVersionError."""
    if isinstance(reference.selector, Work | GitRevision):
        raise UsageError(f"{reference} has no manifest", hint="show takes a released version; see dsv status")
    repository = repository.home_of(reference)
    known = resolve(repository, reference)
    return Shown(read_manifest(repository, known), "active", known.tag, introduced_in(repository, known))
