"""Finding datasets and versions from Python: `list`, `log`, `search` and `sql`.

All but the last take filters by keyword, named as the options of the command line: `type`, `status`, `format`, `tag`,
`owner`, `stage`, `min_quality`, `min_judge_pass_rate`, `min_records`, `since`, `until` and `at` (days such as
`"2026-01-31"`, in UTC), `latest`, `all` and `runs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dsv.model.filters import Filters, Page
    from dsv.operations.list import Datasets
    from dsv.operations.log import Log
    from dsv.operations.search import SearchResults
    from dsv.operations.sql import Answer
    from dsv.repository import Repository


@dataclass(frozen=True)
class Finding:
    """What a repository holds, listed, searched and asked; the methods are those of `dsv.api.Repo`."""

    repository: Repository

    def list(
        self,
        *,
        sort: str = "name",
        descending: bool = False,
        limit: int | None = None,
        offset: int = 0,
        **filters: Unpack[Filters],
    ) -> Datasets:
        """The datasets that fit, with their latest versions; with `all` archived and removed ones too."""
        from dsv.model.filters import parse_filter
        from dsv.operations.list import list_datasets

        page = _page(sort, descending=descending, limit=limit, offset=offset)
        return list_datasets(self.repository, filters=parse_filter(filters), page=page)

    def log(
        self,
        name: str | None = None,
        *,
        limit: int | None = None,
        offset: int = 0,
        sort: str = "",
        descending: bool = False,
        events: bool = False,
        kinds: Sequence[str] = (),
        by: str | None = None,
        **filters: Unpack[Filters],
    ) -> Log:
        """The versions that fit, newest first; `name` is a dataset, or a version as `leases@1.0.0`.

        With `events` also what happened, releases too: those of these kinds, `by` whom. Filters of time hold for them.
        """
        from dsv.model.filters import parse_filter
        from dsv.model.reference import parse_named
        from dsv.operations.log import Trail, log

        return log(
            self.repository,
            None if name is None else parse_named(name),
            filters=parse_filter(filters),
            page=_page(sort, descending=descending, limit=limit, offset=offset),
            trail=Trail(kinds, by) if events or kinds or by else None,
        )

    def search(
        self,
        query: str,
        *,
        sort: str = "",
        descending: bool = False,
        limit: int | None = None,
        offset: int = 0,
        **filters: Unpack[Filters],
    ) -> SearchResults:
        """The versions whose name, tags or texts hold every word of the query; with `all` withdrawn ones too."""
        from dsv.model.filters import parse_filter
        from dsv.operations.search import search

        page = _page(sort, descending=descending, limit=limit, offset=offset)
        return search(self.repository, query, filters=parse_filter(filters), page=page)

    def sql(self, statement: str, *, limit: int | None = 1000, seconds: float | None = 30.0) -> Answer:
        """The columns and rows that one SELECT finds in the index, `.truncated` where there are more; it only reads.

        At most so many rows, and so many seconds of SQLite's time; None is no limit. Errors: UsageError, DeadlineError.
        """
        from dsv.operations.sql import sql

        return sql(self.repository, statement, limit=limit, seconds=seconds)


def _page(sort: str, *, descending: bool, limit: int | None, offset: int) -> Page:
    from dsv.model.filters import parse_page

    return parse_page(sort, descending=descending, limit=limit, offset=offset)
