"""`dsv search`: versions by what was written about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.adapters.index import Filter, Page, SearchHit, Used
from dsv.repository import Repository
from dsv.repository.known.search_index import ask


@dataclass(frozen=True)
class SearchResults:
    """One page of what was found, the best first, and how much there is on all pages.

    Where nothing was found, `did_you_mean` are queries that would find something.
    """

    results: Sequence[SearchHit]
    total: int
    did_you_mean: Sequence[str] = ()
    with_runs: bool = False

    def document(self) -> dict[str, Any]:
        """As `--json` prints it; the snippets have [brackets] around what fits."""
        meant = {"did_you_mean": list(self.did_you_mean)} if self.did_you_mean else {}
        return {"results": [self._row(each) for each in self.results], "total": self.total, **meant}

    def _row(self, each: SearchHit) -> dict[str, Any]:
        runs = {"runs": list(each.runs)} if self.with_runs else {}
        return {
            "dataset": each.dataset,
            "version": str(each.version),
            "score": each.score,
            "snippet": str(each.snippet),
            "status": each.status,
            "repository": each.repository,
            **runs,
        }


def search(
    repository: Repository, query: str, *, filters: Filter | None = None, page: Page | None = None
) -> SearchResults:
    """The versions whose name, tags or texts hold every word of the query, in any case."""
    where = filters or Filter()
    found = ask(repository, lambda index: index.search(query, where=where, page=page or Page()))
    return SearchResults(found.rows, found.total, found.suggestions, with_runs=where.used is Used.BY_RUNS)


__all__ = ["SearchResults", "search"]
