"""Runs and what they use: versions that options name, of the dsv.lock or the repository, and lists cut short."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dsv.cli.session import current
from dsv.cli.text import count

if TYPE_CHECKING:
    from dsv.model.run import Use

RUNS = 20
"""How many runs are listed beside something else."""


def more_runs(total: int) -> Iterator[str]:
    """What is said of the runs that are not listed."""
    if total > RUNS:
        yield f"and {count(total - RUNS, 'run')} more, which --json and dsv run list show"


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
