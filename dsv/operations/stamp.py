"""`dsv stamp`: which versions a model was made from, written beside it."""

from __future__ import annotations

from collections.abc import Sequence

from dsv.model.run import Use, check_run_id
from dsv.repository.running.stamps import Stamped, write_stamp


def stamp(directory: str, uses: Sequence[Use], *, run: str = "") -> Stamped:
    """The directory stamped with these versions, the first being the main one; `run` is the id of the run that made it.

    Errors: UsageError for the id; those of `write_stamp`.
    """
    if run:
        check_run_id(run)
    return write_stamp(directory, [each.version for each in uses], run=run or None)
