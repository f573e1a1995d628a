"""`dsv stamp`: which versions a model was made from, written beside it."""

from __future__ import annotations

from dsv.model.reference import Ref
from dsv.model.run import check_run_id
from dsv.repository import Repository
from dsv.repository.running.stamps import Stamped, write_stamp
from dsv.repository.running.uses import use_of


def stamp(repository: Repository, directory: str, *references: Ref, run: str = "", address: str = "") -> Stamped:
    """The directory stamped with the versions that the references name, the first being the main one.

    `run` is the id of the run that made the model, `address` that of the repository where it is only visited.
    Errors: NoDatasetError, NoVersionError, those of `write_stamp`.
    """
    # gather
    if run:
        check_run_id(run)
    uses = [use_of(repository, each, address=address) for each in references]
    # record
    return write_stamp(directory, [each.version for each in uses], run=run or None)
