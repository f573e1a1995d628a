"""`dsv log`: the versions, newest first, and what happened to them: the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dsv.adapters.index import OWN, Filter, Page, Shown
from dsv.errors import UsageError
from dsv.model.period import Period
from dsv.model.reference import Exact, Latest, Ref
from dsv.repository import Repository
from dsv.repository.known.catalog import require_dataset
from dsv.repository.known.search_index import ask

if TYPE_CHECKING:
    from dsv.adapters.index import Index, TrailRow, VersionRow
    from dsv.model.version import Version


@dataclass(frozen=True)
class Trail:
    """Which events to tell, beside those of the versions that were asked for: None is all of them.

    `kinds` are words such as `release` and `yank`; `by` is any part of who did it, in any case.
    """

    kinds: Sequence[str] = ()
    by: str | None = None


@dataclass(frozen=True)
class Log:
    """One page of the versions; of one dataset by number, of all by the time of release; `total` is on all pages.

    `events` where they were asked for, the last first, and how many there are.
    """

    versions: Sequence[VersionRow]
    total: int
    events: Sequence[TrailRow] | None = None
    events_total: int = 0
    did_you_mean: Sequence[str] = ()

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        found: dict[str, Any] = {"versions": [_version(each) for each in self.versions], "total": self.total}
        if self.events is not None:
            found |= {"events": [each.document() for each in self.events], "events_total": self.events_total}
        if self.did_you_mean:
            found["did_you_mean"] = list(self.did_you_mean)
        return found


def log(
    repository: Repository,
    subject: Ref | None = None,
    *,
    filters: Filter | None = None,
    page: Page | None = None,
    trail: Trail | None = None,
) -> Log:
    """The known versions that fit, of one dataset, or of all; with a trail also what happened, releases too.

    The events are those of the dataset or version, in the filters' period; other filters are those of versions.
    Errors: NoDatasetError for an unknown name; UsageError for a reference that is neither a name nor an exact version.
    """
    # gather
    dataset, version = (None, None) if subject is None else _subject(repository, subject)
    where, page = filters or Filter(), page or Page()
    if where.shown is Shown.LISTED:
        where = replace(where, shown=Shown.KNOWN)
    if where.repository is None:
        where = replace(where, repository=OWN)

    def answered(index: Index) -> Log:
        found = index.released(dataset, version, where=where, page=page)
        if trail is None:
            return Log(found.rows, found.total, did_you_mean=found.suggestions)
        from dsv.adapters.index.trail import Asked

        ends = [end for end in (where.period.until, where.at) if end is not None]
        asked = Asked(
            dataset=dataset,
            version=None if version is None else str(version),
            kinds=tuple(trail.kinds),
            by=trail.by,
            period=Period(where.period.since, min(ends, default=None)),
            repository=where.repository,
        )
        told = index.trail(asked, page=Page(limit=page.limit, offset=page.offset))
        return Log(found.rows, found.total, told.rows, told.total, did_you_mean=found.suggestions)

    return ask(repository, answered)


def _subject(repository: Repository, subject: Ref) -> tuple[str, Version | None]:
    """The present name of the dataset, and the version where one is named."""
    if isinstance(subject.selector, Latest):
        return require_dataset(repository, subject.dataset), None
    if isinstance(subject.selector, Exact):
        return require_dataset(repository, subject.dataset), subject.selector.version
    raise UsageError(f"log takes NAME or NAME@1.2.0, not {subject}", hint=f"dsv log {subject.dataset} has all versions")


def _version(each: VersionRow) -> dict[str, Any]:
    return {
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


__all__ = ["Log", "Trail", "log"]
