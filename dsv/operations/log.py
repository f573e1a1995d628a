"""`dsv log`: the versions, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.repository import Repository
from dsv.repository.catalog import require_dataset
from dsv.repository.search_index import ask

if TYPE_CHECKING:
    from dsv.adapters.index import VersionRow


@dataclass(frozen=True)
class Log:
    """The versions; of one dataset by number, of all by the time of release."""

    versions: Sequence[VersionRow]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
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
            ]
        }


def log(repository: Repository, name: str | None = None, *, limit: int | None = None) -> Log:
    """The known versions of one dataset, or of all. Errors: NoDatasetError for an unknown name."""
    if name is not None:
        require_dataset(repository, name)
    return Log(ask(repository, lambda index: index.versions(name, limit=limit)))
