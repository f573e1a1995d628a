"""The search index kept in step with git: read as it is when no reference moved, else the datasets that changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from dsv.adapters.index import OWN, SCHEMA, DamagedIndexError, Index, Outcome, RepositoryRow, Text
from dsv.errors import DeadlineError, DsvError, GitError, OutsideError
from dsv.repository.elsewhere.mark import any_added
from dsv.repository.known.index_rows import Read, Reading, events_in, rows_of
from dsv.repository.known.manifest_history import look
from dsv.repository.known.origins import Origins, digest
from dsv.repository.known.parsed_texts import documents, remember

if TYPE_CHECKING:
    from dsv.repository.repository import Repository

Answer = TypeVar("Answer")


_TRIES = 3
"""Whoever was overtaken twice finds what another began to read after it was asked."""


def index_path(repository: Repository) -> str:
    """Where the index lies."""
    return os.path.join(repository.state, "index.db")


def refs_stamp(repository: Repository) -> str:
    """A text that is the same as long as no ref moved and nothing else changed what the index would hold."""
    return _stamp(repository, _references(repository))


def ask(repository: Repository, question: Callable[[Index], Answer]) -> Answer:
    """What the index answers, brought up to where git's references are now."""

    def fresh(index: Index) -> Answer:
        for _ in range(_TRIES):
            # the stamps before the references: whoever writes what it saw then sees no less than they stand for
            held = index.stamps()
            references = _references(repository)
            stamp = _stamp(repository, references)
            if held.get(OWN) == stamp:
                break
            from dsv.repository.elsewhere.added import own_address

            own = RepositoryRow(OWN, own_address(repository))
            if (
                _refresh(repository, index, references, stamp=stamp, since=held.get(OWN), subject=own)
                is Outcome.WRITTEN
            ):
                break
        if held.keys() - {OWN} or any_added(repository.git.common):
            _keep_others(repository, index, held)
        return question(index)

    return ask_as_it_is(repository, fresh)


def ask_as_it_is(repository: Repository, question: Callable[[Index], Answer]) -> Answer:
    """What the index answers without a refresh. One that turns out to be damaged is made anew, once."""
    try:
        with Index(index_path(repository)) as index:
            return question(index)
    except DamagedIndexError:
        with Index(index_path(repository)) as index:
            return question(index)


def parsed_manifests(
    repository: Repository, blobs: Iterable[str], *, members: Sequence[str] = ()
) -> dict[str, dict[str, Any]]:
    """The manifests in these blobs as JSON values, by blob id, without those that cannot be read.

    At least these members of each are there, all without any; those that a manifest lacks may be null.
    Each text is parsed once in the life of the index; whether a manifest was edited after its release is not looked at.
    """
    wanted = set(blobs)
    return ask_as_it_is(
        repository, lambda index: documents(repository, index, wanted, Text.MANIFEST, members=members).all()
    )


def parsed_events(repository: Repository, blobs: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The same for events."""
    wanted = set(blobs)
    return ask_as_it_is(repository, lambda index: documents(repository, index, wanted, Text.EVENT).all())


def parsed_declarations(repository: Repository, blobs: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The same for declarations of datasets."""
    wanted = set(blobs)
    return ask_as_it_is(repository, lambda index: documents(repository, index, wanted, Text.DATASET).all())


def remember_written(repository: Repository, *, manifests: Iterable[bytes] = (), events: Iterable[bytes] = ()) -> None:
    """Spare the next refresh the parsing of what was just written, which takes longer in a program that begins anew.

    Where there is no index, or none that can be written, nothing happens.
    """
    if os.path.isfile(index_path(repository)):
        with suppress(DsvError), Index(index_path(repository)) as index:
            remember(index, manifests, Text.MANIFEST)
            remember(index, events, Text.EVENT)


def _references(repository: Repository) -> str:
    return repository.git.references().decode("utf-8", "backslashreplace")


def _stamp(repository: Repository, references: str) -> str:
    return f"{digest(_place(repository))}-{digest(references)}"


def _place(repository: Repository) -> str:
    return f"{SCHEMA}\n{repository.layout.manifests}\n{repository.layout.prefix}\n"


def _keep_others(repository: Repository, index: Index, held: Mapping[str, str]) -> None:
    """Make the index hold of other repositories what was read of them, and nothing of those that are none any more."""
    from dsv.model.source import recorded_address
    from dsv.repository.elsewhere.added import added_repositories
    from dsv.repository.elsewhere.clones import last_read, read_repository

    there = set()
    for each in added_repositories(repository):
        read, other = last_read(repository, each), read_repository(repository, each)
        if read is None or other is None:
            continue
        there.add(each.name)
        stamp = f"{digest(f'{_place(other)}{each.address.identity}')}-{read.stamp}"
        if held.get(each.name) == stamp:
            continue
        try:
            subject = RepositoryRow(each.name, recorded_address(each.address))
            _refresh(other, index, _references(other), stamp=stamp, since=held.get(each.name), subject=subject)
        except (GitError, DeadlineError, OutsideError) as error:
            repository.tell(
                f"{each.name} cannot be read: {error.message}; dsv index remove {each.name}, and add it again"
            )
    for name in sorted(held.keys() - there - {OWN}):
        index.forget(name)


def _refresh(
    repository: Repository, index: Index, references: str, *, stamp: str, since: str | None, subject: RepositoryRow
) -> Outcome:
    """Make the index hold what git holds: of the datasets whose manifests, events, tags or declaration changed.

    `since` is the stamp that the index had before the references were read. Where another process wrote meanwhile,
    nothing is written: what it saw may be newer.
    """
    # gather
    read = _reading(repository, index)
    comparable = since is not None and since.partition("-")[0] == stamp.partition("-")[0]
    earlier = index.walk(subject.name) if comparable else None
    walk = look(repository, references, earlier=earlier)
    before = earlier.arrivals if earlier is not None and walk.since is not None else ()
    origins = Origins(
        repository,
        references,
        arrivals=[*before, *walk.arrivals],
        read_events=lambda files: events_in(files, read.events),
    )
    held = index.sources(subject.name) if comparable else {}
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
