"""`dsv list`: the datasets, with their latest versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.adapters.index import DatasetEntry, Filter, Page, Used
from dsv.repository import Repository
from dsv.repository.known.search_index import ask


@dataclass(frozen=True)
class Datasets:
    """One page of the datasets that fit, and how many fit on all pages; where none does, what may have been meant."""

    datasets: Sequence[DatasetEntry]
    total: int
    did_you_mean: Sequence[str] = ()
    with_runs: bool = False

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        meant = {"did_you_mean": list(self.did_you_mean)} if self.did_you_mean else {}
        return {"datasets": [self._row(each) for each in self.datasets], "total": self.total, **meant}

    def _row(self, each: DatasetEntry) -> dict[str, Any]:
        runs = {"runs": list(each.runs)} if self.with_runs else {}
        return {
            "name": each.name,
            "type": each.type,
            "format": each.format,
            "status": each.status,
            "latest": None if each.latest is None else str(each.latest),
            "versions": each.versions,
            "records": each.records,
            "bytes": each.bytes,
            "quality_score": each.quality_score,
            "judge_pass_rate": each.judge_pass_rate,
            "description": each.description,
            "tags": list(each.tags),
            "stages": sorted(each.stages),
            "stage_versions": dict(sorted(each.stages.items())),
            "updated_at": each.updated_at,
            "repository": each.repository,
            **runs,
        }


def list_datasets(repository: Repository, *, filters: Filter | None = None, page: Page | None = None) -> Datasets:
    """The datasets that fit the filters. Errors: UsageError for a field that nothing can be sorted by."""
    where = filters or Filter()
    found = ask(repository, lambda index: index.datasets(where=where, page=page or Page()))
    return Datasets(found.rows, found.total, found.suggestions, with_runs=where.used is Used.BY_RUNS)


__all__ = ["Datasets", "list_datasets"]
