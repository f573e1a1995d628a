"""The search index brought up to where git is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dsv.adapters.index import OWN, Index, Outcome, RepositoryRow, Text
from dsv.repository.elsewhere.added import own_address
from dsv.repository.known.index_rows import Read, Reading, events_in, rows_of
from dsv.repository.known.manifest_history import look
from dsv.repository.known.origins import Origins
from dsv.repository.known.parsed_texts import documents
from dsv.repository.known.stamps import comparable

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


def refresh_own(repository: Repository, index: Index, references: str, *, stamp: str, since: str | None) -> Outcome:
    """Make the index hold what git holds of this repository; see refresh."""
    subject = RepositoryRow(OWN, own_address(repository))
    return refresh(repository, index, references, stamp=stamp, since=since, subject=subject)


def refresh(
    repository: Repository, index: Index, references: str, *, stamp: str, since: str | None, subject: RepositoryRow
) -> Outcome:
    """Make the index hold what git holds: of the datasets whose manifests, events, tags or declaration changed.

    `since` is the stamp that the index had before the references were read. Where another process wrote meanwhile,
    nothing is written: what it saw may be newer.
    """
    # gather
    read = _reading(repository, index)
    same_place = comparable(stamp, since)
    earlier = index.walk(subject.name) if same_place else None
    walk = look(repository, references, earlier=earlier)
    before = earlier.arrivals if earlier is not None and walk.since is not None else ()
    origins = Origins(
        repository,
        references,
        arrivals=[*before, *walk.arrivals],
        read_events=lambda files: events_in(files, read.events),
    )
    held = index.sources(subject.name) if same_place else {}
    sources = origins.sources()
    # decide
    changed = [name for name, source in sources.items() if held.get(name) != source]
    rows = rows_of(repository, origins, changed, sources=sources, read=read)
    # record
    return index.refresh(
        stamp,
        since=since,
        unchanged=sources.keys() - set(changed),
        datasets=rows.datasets,
        versions=rows.versions,
        events=rows.events,
        walk=walk,
        repository=replace(subject, head=origins.head or ""),
    )


def _reading(repository: Repository, index: Index) -> Reading:
    def read(kind: Text) -> Read:
        return lambda blobs: documents(repository, index, blobs, kind)

    return Reading(manifests=read(Text.MANIFEST), events=read(Text.EVENT), declarations=read(Text.DATASET))
