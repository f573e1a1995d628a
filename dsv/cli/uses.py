"""Versions that options name as used: of the project's dsv.lock, or of the repository."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dsv.cli.session import current

if TYPE_CHECKING:
    from dsv.model.run import Use


def named(texts: Sequence[str]) -> list[Use]:
    """The versions; without --repo those that the dsv.lock around has of these names come first."""
    from dsv.model.reference import parse_reference
    from dsv.repository.consuming.consumer import find_consumer
    from dsv.repository.running.uses import named_uses

    session = current()
    consumer = None
    if session.repo == ".":
        consumer = find_consumer(lock_timeout=session.lock_timeout, tell=session.tell, progress=session.progress())
    references = [parse_reference(each) for each in texts]
    return named_uses(references, repository=session.open_to_read, consumer=consumer)
