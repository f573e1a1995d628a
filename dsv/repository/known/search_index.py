"""The search index kept in step with git: read as it is when no reference moved, else the datasets that changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from dsv.adapters.index import OWN, DamagedIndexError, Index, Outcome, Text
from dsv.errors import DsvError
from dsv.repository.elsewhere.mark import any_added
from dsv.repository.known.stamps import references_of, stamp_of
from dsv.repository.repository import INDEX, Repository

Answer = TypeVar("Answer")


_TRIES = 3
"""Whoever was overtaken twice finds what another began to read after it was asked."""


def index_path(repository: Repository) -> str:
    """Where the index lies."""
    return os.path.join(repository.state, INDEX)


def refs_stamp(repository: Repository) -> str:
    """A text that is the same as long as no ref moved and nothing else changed what the index would hold."""
    return stamp_of(repository, references_of(repository))


def ask(repository: Repository, question: Callable[[Index], Answer]) -> Answer:
    """What the index answers, brought up to where git's references are now."""

    def fresh(index: Index) -> Answer:
        for _ in range(_TRIES):
            # the stamps before the references: whoever writes what it saw then sees no less than they stand for
            held = index.stamps()
            references = references_of(repository)
            stamp = stamp_of(repository, references)
            if held.get(OWN) == stamp:
                break
            from dsv.repository.known.refreshing import refresh_own

            if refresh_own(repository, index, references, stamp=stamp, since=held.get(OWN)) is Outcome.WRITTEN:
                break
        if held.keys() - {OWN} or any_added(repository.git.common):
            from dsv.repository.known.others import keep_others

            keep_others(repository, index, held)
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
    return _parsed(repository, set(blobs), Text.MANIFEST, members=members)


def parsed_events(repository: Repository, blobs: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The same for events."""
    return _parsed(repository, set(blobs), Text.EVENT)


def parsed_declarations(repository: Repository, blobs: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The same for declarations of datasets."""
    return _parsed(repository, set(blobs), Text.DATASET)


def remember_written(repository: Repository, *, manifests: Iterable[bytes] = (), events: Iterable[bytes] = ()) -> None:
    """Spare the next refresh the parsing of what was just written, which takes longer in a program that begins anew.

    Where there is no index, or none that can be written, nothing happens.
    """
    if os.path.isfile(index_path(repository)):
        from dsv.repository.known.parsed_texts import remember

        with suppress(DsvError), Index(index_path(repository)) as index:
            remember(index, manifests, Text.MANIFEST)
            remember(index, events, Text.EVENT)


def _parsed(
    repository: Repository, blobs: set[str], kind: Text, *, members: Sequence[str] = ()
) -> dict[str, dict[str, Any]]:
    from dsv.repository.known.parsed_texts import documents

    return ask_as_it_is(repository, lambda index: documents(repository, index, blobs, kind, members=members).all())
