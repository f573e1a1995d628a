"""`dsv log`: the versions, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.repository import Repository
from dsv.repository.known.catalog import require_dataset, versions_of
from dsv.repository.known.search_index import ask

if TYPE_CHECKING:
    from dsv.adapters.index import VersionRow
    from dsv.model.standing import PastEvent


@dataclass(frozen=True)
class Log:
    """The versions; of one dataset by number, of all by the time of release. `events` where they were asked for."""

    versions: Sequence[VersionRow]
    events: Sequence[PastEvent] | None = None

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        events = {} if self.events is None else {"events": [each.document() for each in self.events]}
        return {
            "versions": [
                {
                    "dataset": each.dataset,
                    "version": str(each.version),
                    "created_at": each.created_at,
                    "created_by": each.created_by,
                    "summary": each.summary,
                    "level": each.level,
                    "records": each.records,
                    "files": each.files,
                    "bytes": each.bytes,
                    "status": each.status,
                    "tags": list(each.tags),
                    "git_tag": each.git_tag,
                    "commit": each.commit,
                }
                for each in self.versions
            ],
            **events,
        }


def log(repository: Repository, name: str | None = None, *, limit: int | None = None, events: bool = False) -> Log:
    """The known versions of one dataset, or of all; with `events` also what happened to them, the last first.

    Errors: NoDatasetError for an unknown name.
    """
    if name is not None:
        name = require_dataset(repository, name)
    versions = ask(repository, lambda index: index.versions(name, limit=limit))
    if not events:
        return Log(versions)
    from dsv.repository.known.events import told_events

    names = None if name is None else versions_of(repository, name).names
    return Log(versions, told_events(repository, names)[::-1][:limit])
