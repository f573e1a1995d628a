"""`dsv list`: the datasets, with their latest versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.adapters.index import DatasetEntry, Filter, Order, Page, Shown
from dsv.repository import Repository
from dsv.repository.known.search_index import ask


@dataclass(frozen=True)
class Datasets:
    """One page of the datasets that fit, and how many fit on all pages."""

    datasets: Sequence[DatasetEntry]
    total: int

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "datasets": [
                {
                    "name": each.name,
                    "type": each.type,
                    "format": each.format,
                    "status": each.status,
                    "latest": None if each.latest is None else str(each.latest),
                    "versions": each.versions,
                    "records": each.records,
                    "bytes": each.bytes,
                    "description": each.description,
                    "tags": list(each.tags),
                    "stages": sorted(each.stages),
                    "stage_versions": dict(sorted(each.stages.items())),
                    "updated_at": each.updated_at,
                }
                for each in self.datasets
            ],
            "total": self.total,
        }


def list_datasets(
    repository: Repository,
    *,
    filters: Filter | None = None,
    sort: str | None = None,
    descending: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> Datasets:
    """The datasets that fit the filters. Errors: UsageError for a field that nothing can be sorted by."""
    order = Order.DESCENDING if descending else None
    where, page = filters or Filter(), Page(sort=sort, order=order, limit=limit, offset=offset)
    found = ask(repository, lambda index: index.datasets(where=where, page=page))
    return Datasets(found.rows, found.total)


__all__ = ["Datasets", "Filter", "Shown", "list_datasets"]
