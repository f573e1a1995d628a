"""`dsv search`: versions by what was written about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.adapters.index import Filter, Page, SearchHit, Shown
from dsv.repository import Repository
from dsv.repository.known.search_index import ask


@dataclass(frozen=True)
class SearchResults:
    """One page of what was found, the best first, and how much there is on all pages."""

    results: Sequence[SearchHit]
    total: int

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "results": [
                {
                    "dataset": each.dataset,
                    "version": str(each.version),
                    "score": each.score,
                    "snippet": each.snippet,
                }
                for each in self.results
            ],
            "total": self.total,
        }


def search(
    repository: Repository, query: str, *, filters: Filter | None = None, limit: int | None = None, offset: int = 0
) -> SearchResults:
    """The versions whose name, tags or texts hold every word of the query, in any case."""
    where, page = filters or Filter(), Page(limit=limit, offset=offset)
    found = ask(repository, lambda index: index.search(query, where=where, page=page))
    return SearchResults(found.rows, found.total)


__all__ = ["Filter", "SearchResults", "Shown", "search"]
